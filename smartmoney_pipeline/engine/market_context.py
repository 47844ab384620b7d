"""What the market stage is handed of a day: contract arrays with pairs, clocks, rates and known dividends."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.clock import contract_clock, dte_days
from smartmoney_pipeline.calendar.sessions import SessionBounds
from smartmoney_pipeline.market.contracts import ContractArrays, build_contract_arrays, dense_ids
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR
from smartmoney_pipeline.tape.layout import TapeDay

FORWARD_ONLY_UNDERLYINGS = frozenset({"VIX"})
"""Their options settle on a forward of the index: its spot gives no forward (design decision D7)."""


def contract_arrays(day: TapeDay, bounds: SessionBounds, dividends: pd.DataFrame | None) -> ContractArrays:
    """Return the contracts of `day` as the market kernels want them.

    `dividends`: underlying, event_date, amount of those known before the open; None where no calendar is at hand.
    """
    contracts = day.contracts
    settle_ns = settlement_ns(contracts)
    dte = dte_days(bounds.date, contracts["expiry"].to_numpy())
    clock = contract_clock(bounds.date, settle_ns, dte)
    slices = dense_ids(
        contracts["underlying_id"].to_numpy(),
        pd.factorize(contracts["root"], sort=True)[0],
        settle_ns,
    )
    return build_contract_arrays(
        underlying=contracts["underlying_id"].to_numpy(),
        slice_id=slices,
        strike_ticks=np.rint(contracts["strike"].to_numpy() * TICKS_PER_DOLLAR),
        is_call=(contracts["right"] == "C").to_numpy(),
        settle_ns=settle_ns,
        session_open_ns=bounds.open_ns,
        session_close_ns=bounds.close_ns,
        multiplier=contracts["multiplier"].to_numpy(),
        minutes_at_open=clock.minutes_at_open,
        uses_trading_time=clock.uses_trading_time,
        rate=rates_at(dte, day),
        slice_dividends=_slice_dividends(contracts, slices, bounds, dividends),
        underlying_forward_only=np.isin(day.underlyings["underlying"].to_numpy(object), list(FORWARD_ONLY_UNDERLYINGS)),
    )


def settlement_ns(contracts: pd.DataFrame) -> NDArray[np.int64]:
    """Settlement instants of the contracts table, UTC ns."""
    return contracts["expiry_ts"].dt.as_unit("ns").astype("int64").to_numpy()


def rates_at(dte: NDArray[np.int64], day: TapeDay) -> NDArray[np.float64]:
    """Continuously compounded rate by calendar days to expiry, linear between the tenors of the tape; NaN without a table."""
    table = day.table("rates")
    if table is None or not len(table):
        return np.full(len(dte), np.nan)
    curve = table.to_pandas().sort_values("tenor_days", kind="stable")
    return np.interp(dte, curve["tenor_days"].to_numpy(dtype=np.float64), curve["rate"].to_numpy(dtype=np.float64))


def _slice_dividends(
    contracts: pd.DataFrame, slices: NDArray[np.int32], bounds: SessionBounds, dividends: pd.DataFrame | None
) -> NDArray[np.float64]:
    """Sum of known dividends per slice with an ex-date after the session and up to the expiry, USD per share."""
    count = int(slices.max()) + 1 if len(slices) else 0
    totals = np.zeros(count)
    if dividends is None or dividends.empty:
        return totals
    first = contracts.assign(slice_id=slices).drop_duplicates("slice_id")[["slice_id", "underlying", "expiry"]]
    paid = first.merge(dividends.dropna(subset=["amount"]), on="underlying")
    ex_date = pd.to_datetime(paid["event_date"])
    counted = paid[(ex_date > pd.Timestamp(bounds.date)) & (ex_date <= pd.to_datetime(paid["expiry"]))]
    np.add.at(totals, counted["slice_id"].to_numpy(), counted["amount"].to_numpy(dtype=np.float64))
    return totals
