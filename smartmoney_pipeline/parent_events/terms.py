"""Terms of the day's contracts as the grouping reads them. Belongs here: ranks and buckets; dates come from the calendar."""

from dataclasses import dataclass, field

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I32, I64, Bool
from smartmoney_pipeline.parent_events.parent_params import INTERVAL_EDGES, NEIGHBOUR_SHARE, STRIKE_INTERVALS, TENOR_EDGES
from smartmoney_pipeline.schemas.units import STRIKE_SCALE


@dataclass(frozen=True, eq=False)
class ContractTerms:
    """Arrays by dense contract id: underlying, expiry (days since 1970), strike in USD, right, calendar days to expiry.

    Optional: start-of-day open interest by contract (nan unknown), and by underlying id whether the next session is an ex-dividend
    date. `symbol_place`: place of the contract's symbol among all, where ids do not follow it. Worked out here: `rank` (place of the
    contract by expiry, strike, call before put; calls of one strike by symbol), `chain` (dense id of underlying, expiry and right),
    `listing` (contracts by chain and strike) and `position` (of each contract in it), `tenor` (bucket of days to expiry), `strike_units`
    and `strike_reach` (furthest neighbour, in the same units).
    Raises `ValueError` where the columns differ in length.
    """

    underlying: I32
    expiry_day: I32
    strike: F8
    is_call: Bool
    dte_days: I32
    open_interest: F8 | None = None
    ex_dividend_next_session: Bool | None = None
    symbol_place: I64 | None = None
    rank: I64 = field(init=False)
    chain: I32 = field(init=False)
    listing: I64 = field(init=False)
    position: I64 = field(init=False)
    tenor: I64 = field(init=False)
    strike_units: I64 = field(init=False)
    strike_reach: I64 = field(init=False)

    def __post_init__(self) -> None:
        columns = (self.expiry_day, self.strike, self.is_call, self.dte_days)
        if any(len(column) != len(self.underlying) for column in columns):
            raise ValueError("columns of the contract terms differ in length")
        strikes = np.rint(self.strike * STRIKE_SCALE).astype(np.int64)
        place = np.arange(len(strikes)) if self.symbol_place is None else self.symbol_place
        order = np.lexsort((place, ~self.is_call, strikes, self.expiry_day))
        chain = _dense(self.underlying, self.expiry_day, self.is_call)
        listing = np.lexsort((place, strikes, chain))
        derived = {
            "strike_units": strikes,
            "strike_reach": _reach(self.strike),
            "rank": _places(order),
            "chain": chain,
            "listing": listing,
            "position": _places(listing),
            "tenor": np.searchsorted(TENOR_EDGES, self.dte_days, side="left").astype(np.int64),
        }
        for name, values in derived.items():
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.underlying)


def _dense(*keys: np.ndarray) -> I32:
    """Dense ids of the distinct tuples of equal-length keys, in their sorted order."""
    codes = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        values, inverse = np.unique(key, return_inverse=True)
        codes = np.unique(codes * len(values) + inverse, return_inverse=True)[1].astype(np.int64)
    return codes.astype(np.int32)


def _places(order: I64) -> I64:
    """Place of each row in an order of all rows."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place


def _reach(strike: F8) -> I64:
    """Longest distance between neighbouring strikes, strike units: the widest standard interval at that price, or a share of it."""
    widest = np.asarray(STRIKE_INTERVALS)[np.searchsorted(INTERVAL_EDGES, strike, side="left")]
    return np.rint(np.maximum(widest, NEIGHBOUR_SHARE.value * strike) * STRIKE_SCALE).astype(np.int64)
