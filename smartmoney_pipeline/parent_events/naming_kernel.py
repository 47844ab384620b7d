"""Names of signed legs with what stands beside them: stock, dates, positions moved on. Belongs here: names; no choice of signs."""

from typing import NamedTuple

from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.package_price_kernel import DTE, FORWARD, OPEN_INTEREST, STRIKE_UNIT, VOLUME
from smartmoney_pipeline.parent_events.patterns_kernel import (
    CALL,
    COLLAR,
    CONVERSION_REVERSAL,
    CUSTOM,
    DELTA_NEUTRAL,
    DIVIDEND_SPREAD,
    RISK_REVERSAL,
    SIZE,
    STOCK_TIED,
    STRIKE,
    SYNTHETIC,
    VERTICAL,
    pattern,
)


class ReadingOdds(NamedTuple):
    """Weights of readings; see `parent_params`."""

    tick: int
    margin_cap: float
    leg_evidence: float
    tightness: float
    accuracy_near: float
    accuracy_far: float
    roll_dte: int
    roll_unknown: float
    roll_supported: float
    roll_refuted: float
    roll_volume_share: float
    deep_moneyness: float
    neutral_delta: float
    cancels: float
    least_margin: float
    coincidence: float


@njit(cache=True, nogil=True)
def _has_stock(code: int) -> int:
    """Name of an option structure that is tied to stock."""
    if code == SYNTHETIC:
        return CONVERSION_REVERSAL
    if code == RISK_REVERSAL:
        return COLLAR
    return STOCK_TIED if code == CUSTOM else DELTA_NEUTRAL


@njit(cache=True, nogil=True)
def _is_deep_call(legs: I64, floats: F8, i: int, o: ReadingOdds) -> bool:
    return legs[i, CALL] == 1 and legs[i, DTE] >= 1 and legs[i, STRIKE] / STRIKE_UNIT < o.deep_moneyness * floats[i, FORWARD]


@njit(cache=True, nogil=True)
def roll_share(legs: I64, floats: F8, o: ReadingOdds) -> float:
    """Share of calendars and diagonals of this kind that move a position on; 0 where the near leg is neither short nor in the money."""
    strike, forward = legs[0, STRIKE] / STRIKE_UNIT, floats[0, FORWARD]
    in_money = strike < forward if legs[0, CALL] == 1 else strike > forward
    if legs[0, DTE] > o.roll_dte and not in_money:
        return 0.0
    if not floats[0, OPEN_INTEREST] >= 0.0:
        return o.roll_unknown
    traded = legs[0, VOLUME] + legs[0, SIZE]
    return o.roll_supported if traded < o.roll_volume_share * floats[0, OPEN_INTEREST] else o.roll_refuted


@njit(cache=True, nogil=True)
def name_of(legs: I64, floats: F8, q: I64, n: int, stock: bool, ex_dividend: bool, o: ReadingOdds) -> int:
    """Code of the structure that `n` sorted legs with signed ratios `q` make."""
    code = pattern(legs, q, n)
    if stock:
        return _has_stock(code)
    if code == VERTICAL and ex_dividend and _is_deep_call(legs, floats, 0, o) and _is_deep_call(legs, floats, 1, o):
        return DIVIDEND_SPREAD
    return code
