"""Sessions of the New York Stock Exchange calendar (XNYS) and their opening and closing instants.

US listed options keep the sessions of the stock exchanges. The calendar is built once, between fixed days, so that no result
depends on the day it is run. Closures decided after the release of exchange-calendars in use are not known to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.schemas.units import NS_PER_MINUTE

FIRST_DAY = date(2010, 1, 1)
LAST_DAY = date(2035, 12, 31)
LATE_CLOSE_NS = 15 * NS_PER_MINUTE
"""Options on broad indices and some funds trade a quarter of an hour longer: 16:15, on half days 13:15 (NYSE_HOURS)."""

_LATE_INDICES = "SPX XSP VIX NDX RUT MRUT DJX OEX XEO"
_LATE_BROAD_FUNDS = "SPY QQQ IWM DIA MDY OEF IWN IWO IWV EEM EFA GLD KBE KRE MOO SLX UUP"
_LATE_COMMODITY_FUNDS = "DBA DBB DBC DBO GAZ JJC OIL UNG AMJ"
_LATE_VOLATILITY_FUNDS = "SVIX SVXY UVIX UVXY VIXM VIXY VXX VXZ"
_LATE_SECTOR_FUNDS = "XHB XLB XLC XLE XLF XLI XLK XLP XLRE XLU XLV XLY XME XRT"
LATE_CLOSING_UNDERLYINGS = frozenset(
    f"{_LATE_INDICES} {_LATE_BROAD_FUNDS} {_LATE_COMMODITY_FUNDS} {_LATE_VOLATILITY_FUNDS} {_LATE_SECTOR_FUNDS}".split()
)
"""Underlyings whose options trade to the late close (OPT_LATE_CLOSE: a broker's list; the exchanges may change it)."""


@dataclass(frozen=True, slots=True)
class SessionBounds:
    """One session. Times are UTC nanoseconds; `option_close_ns` is the latest close of any option class that day."""

    date: date
    open_ns: int
    close_ns: int
    option_close_ns: int
    is_half_day: bool


@dataclass(frozen=True, slots=True)
class SessionTable:
    """All sessions in order: `days` datetime64[D], `open_ns` and `close_ns` int64 UTC, `half` bool; equal length, read-only."""

    days: NDArray[np.datetime64]
    open_ns: NDArray[np.int64]
    close_ns: NDArray[np.int64]
    half: NDArray[np.bool_]


@lru_cache(maxsize=1)
def session_table() -> SessionTable:
    """Return every session from 2010 to 2035, built on first use."""
    import exchange_calendars  # noqa: PLC0415  heavy: only where sessions are asked for

    exchange = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY.isoformat(), end=LAST_DAY.isoformat())
    days = exchange.sessions.to_numpy().astype("datetime64[D]")
    early = exchange.early_closes.to_numpy().astype("datetime64[D]")
    columns = (days, _nanoseconds(exchange.opens), _nanoseconds(exchange.closes), np.isin(days, early))
    for column in columns:
        column.setflags(write=False)
    return SessionTable(*columns)


def _nanoseconds(instants: Any) -> NDArray[np.int64]:
    return instants.dt.tz_convert(None).to_numpy().astype("datetime64[ns]").astype(np.int64)


def covers(day: date) -> bool:
    """Whether `day` lies between the first and the last day that the calendar knows."""
    return FIRST_DAY <= day <= LAST_DAY


def is_session(day: date) -> bool:
    """Whether the exchange is open on `day`. Raises `CalendarError` outside the calendar."""
    position = last_session_positions([day])[0]
    return position >= 0 and session_table().days[position] == np.datetime64(day, "D")


def session_bounds(day: date) -> SessionBounds:
    """Return the open and the closes of the session `day`. Raises `CalendarError` where `day` is no session."""
    table, position = session_table(), session_position(day)
    close_ns, half = int(table.close_ns[position]), bool(table.half[position])
    return SessionBounds(day, int(table.open_ns[position]), close_ns, close_ns + LATE_CLOSE_NS, half)


def option_close_ns(bounds: SessionBounds, underlying: str) -> int:
    """Return when the options of `underlying` stop trading in that session, UTC ns.

    A PM-settled index option on its last day stops at `close_ns`; that is a fact of the contract, not of the underlying.
    """
    return bounds.option_close_ns if underlying in LATE_CLOSING_UNDERLYINGS else bounds.close_ns


def next_session(day: date) -> date:
    """Return the first session after `day`, which need not be a session itself."""
    position = last_session_positions([day])[0] + 1
    return _day_at(position, f"no session is known after {day}: the calendar ends on {LAST_DAY}")


def previous_session(day: date) -> date:
    """Return the last session before `day`, which need not be a session itself."""
    _require_covered(day)
    position = int(np.searchsorted(session_table().days, np.datetime64(day, "D"), side="left")) - 1
    return _day_at(position, f"no session is known before {day}: the calendar starts on {FIRST_DAY}")


def sessions_between(first: date, last: date) -> list[date]:
    """Return the sessions from `first` to `last`, both included; empty where `last` is before `first`."""
    _require_covered(first)
    _require_covered(last)
    days = session_table().days
    chosen = days[(days >= np.datetime64(first, "D")) & (days <= np.datetime64(last, "D"))]
    return [day.item() for day in chosen]


def trading_days_between(start: date, end: date) -> int:
    """Return the number of sessions after `start` up to and including `end`: 0 on the same day, negative backwards."""
    positions = last_session_positions([start, end])
    return int(positions[1] - positions[0])


def session_position(day: date) -> int:
    """Return the row of the session `day` in `session_table()`. Raises `CalendarError` with the reason where it has none."""
    if not is_session(day):
        reason = "a weekend" if day.weekday() >= 5 else "an exchange holiday"
        around = f"the sessions around it are {previous_session(day)} and {next_session(day)}"
        raise CalendarError(f"{day} is no session of XNYS: it is {reason}; {around}")
    return int(last_session_positions([day])[0])


def last_session_positions(days: Iterable[Any]) -> NDArray[np.int64]:
    """Return, per day, the row of the last session on or before it in `session_table()`; -1 before the first session.

    `days` is anything that numpy reads as datetime64[D]. Raises `CalendarError` that names the first day outside the calendar.
    """
    asked = np.asarray(days, dtype="datetime64[D]")
    outside = ~((asked >= np.datetime64(FIRST_DAY)) & (asked <= np.datetime64(LAST_DAY)))
    if outside.any():
        _raise_uncovered(asked[outside][0])
    return np.searchsorted(session_table().days, asked, side="right").astype(np.int64) - 1


def _require_covered(day: date) -> None:
    if not covers(day):
        _raise_uncovered(day)


def _raise_uncovered(day: object) -> None:
    raise CalendarError(f"{day} is outside the calendar, which covers {FIRST_DAY} to {LAST_DAY}")


def _day_at(position: int, message: str) -> date:
    days = session_table().days
    if not 0 <= position < len(days):
        raise CalendarError(message)
    return days[position].item()
