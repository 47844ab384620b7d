"""Time to settlement in years. Belongs here: the two clocks; settlement instants come from the calendar."""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I32, I64, Bool
from smartmoney_pipeline.schemas.units import NS_PER_MINUTE, NS_PER_SECOND

TRADING_MINUTES_PER_YEAR = 252 * 390
"""Trading clock: 252 sessions of 390 minutes (CONV-TRADING-YEAR)."""

NS_PER_YEAR = 365 * 86_400 * NS_PER_SECOND
"""Calendar clock: 365 days (CONV-ACT365)."""


@njit(cache=True, nogil=True)
def years_to_expiry(ts: int, settle: int, minutes_at_open: float, uses_trading_time: bool, session_open: int, session_close: int) -> float:
    """Years from `ts` to the settlement instant (ns UTC); 0 where it has passed.

    On the trading clock: trading minutes from this session's open to settlement, less those of this session already gone.
    """
    if ts >= settle:
        return 0.0
    if not uses_trading_time:
        return (settle - ts) / NS_PER_YEAR
    gone = min(max(ts, session_open), session_close) - session_open
    return max(minutes_at_open - gone / NS_PER_MINUTE, 0.0) / TRADING_MINUTES_PER_YEAR


@njit(cache=True, nogil=True)
def print_years(
    ts: I64, contract: I32, settle: I64, minutes_at_open: F8, uses_trading_time: Bool, session_open: int, session_close: int
) -> F8:
    """Years to settlement of each print's contract; arrays of prints first, then arrays of contracts."""
    years = np.empty(len(ts))
    for i in range(len(ts)):
        c = contract[i]
        years[i] = years_to_expiry(ts[i], settle[c], minutes_at_open[c], uses_trading_time[c], session_open, session_close)
    return years
