"""How long a contract still lives: calendar days, trading minutes, and the year fraction that pricing uses.

Up to two calendar days before expiry time runs only while the stock market trades (252 sessions of 390
minutes make a year, CONV-TRADING-YEAR); further out it runs always (ACT/365, CONV-ACT365). The choice is made once per
contract and session, from `dte_days`, so within a session the year fraction of a contract never jumps. Overnight, as a contract
passes from three days to two, it may grow: three sessions are 3/252 of a trading year but only 3/365 of a calendar year.
Volatilities on the two sides of that line are not comparable, and nothing is blended to hide it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smartmoney_pipeline.calendar.sessions import session_bounds, session_table
from smartmoney_pipeline.schemas.units import NS_PER_MINUTE, NS_PER_SECOND

TRADING_TIME_MAX_DTE = 2
SESSION_MINUTES = 390
SESSIONS_PER_YEAR = 252
TRADING_MINUTES_PER_YEAR = SESSIONS_PER_YEAR * SESSION_MINUTES
NS_PER_CALENDAR_YEAR = 365 * 86_400 * NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class ContractClock:
    """What the clock of one session needs per contract; arrays of equal length, indexed by contract id.

    `settle_ns` int64 UTC, `minutes_at_open` float64 trading minutes from the open of the session to settlement,
    `uses_trading_time` bool.
    """

    settle_ns: NDArray[np.int64]
    minutes_at_open: NDArray[np.float64]
    uses_trading_time: NDArray[np.bool_]


def dte_days(session_date: date, expiry: Any) -> NDArray[np.int64]:
    """Return calendar days from the session to each expiry: 0 on the expiry day, negative after it.

    `expiry` is one date or anything that numpy reads as datetime64[D]; the result has its shape.
    """
    return (np.asarray(expiry, dtype="datetime64[D]") - np.datetime64(session_date, "D")).astype(np.int64)


def trading_minutes_to_expiry(ts_ns: ArrayLike, settle_ns: ArrayLike) -> NDArray[np.float64]:
    """Return minutes of regular sessions between `ts_ns` and `settle_ns` (UTC ns, broadcast together); 0 from settlement on.

    Nights, weekends and holidays count nothing; a half day counts its 210 minutes.
    """
    passed = _session_ns_until(np.asarray(settle_ns)) - _session_ns_until(np.asarray(ts_ns))
    return np.maximum(passed, 0) / NS_PER_MINUTE


def _session_ns_until(instants: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nanoseconds of regular sessions from the first known session to each instant."""
    table = session_table()
    lengths = table.close_ns - table.open_ns
    before = np.concatenate(([0], np.cumsum(lengths)))
    position = np.searchsorted(table.open_ns, instants, side="right") - 1
    current = np.maximum(position, 0)
    inside = np.clip(instants - table.open_ns[current], 0, lengths[current])
    return before[current] + inside


def year_fraction(ts_ns: ArrayLike, settle_ns: ArrayLike, dte: ArrayLike) -> NDArray[np.float64]:
    """Return time to settlement in years on the clock that `dte` calendar days choose; 0 from settlement on.

    Inputs broadcast together: times UTC ns, `dte` as from `dte_days`. Formula: trading minutes / (252 * 390) where
    dte <= 2, else seconds / (365 * 86 400).
    """
    trading = trading_minutes_to_expiry(ts_ns, settle_ns) / TRADING_MINUTES_PER_YEAR
    return np.where(np.asarray(dte) <= TRADING_TIME_MAX_DTE, trading, _calendar_years(ts_ns, settle_ns))


def _calendar_years(ts_ns: ArrayLike, settle_ns: ArrayLike) -> NDArray[np.float64]:
    return np.maximum(np.asarray(settle_ns) - np.asarray(ts_ns), 0) / NS_PER_CALENDAR_YEAR


def minutes_table(session_date: date, settle_ns: ArrayLike) -> NDArray[np.float64]:
    """Return, per contract, trading minutes from the open of the session to settlement. Raises `CalendarError` on no session."""
    return trading_minutes_to_expiry(session_bounds(session_date).open_ns, settle_ns)


def contract_clock(session_date: date, settle_ns: ArrayLike, dte: ArrayLike) -> ContractClock:
    """Return the clock of one session for contracts with these settlement instants (UTC ns) and calendar days to expiry."""
    settle = np.asarray(settle_ns, dtype=np.int64)
    return ContractClock(settle, minutes_table(session_date, settle), np.asarray(dte) <= TRADING_TIME_MAX_DTE)
