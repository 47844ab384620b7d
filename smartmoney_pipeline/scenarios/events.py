"""Known corporate events of a pack, placed relative to the session; and what of them the market prices in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd

from smartmoney_pipeline.calendar.sessions import next_session
from smartmoney_pipeline.scenarios.market_model import Dividends, EventVariance
from smartmoney_pipeline.scenarios.packs import PackEvent

CATALYST_SESSIONS = 11
"""Earnings at most this many sessions ahead count as near for templates that need an event."""

_MOVING = ("earnings", "fda", "m_and_a")
_ANNOUNCED = time(13, 30)


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """One event with its day, and the first day whose trading reflects it."""

    entry: PackEvent
    day: date
    effective: date


def place_events(entries: list[PackEvent], session: date) -> list[DatedEvent]:
    """Return the events of a pack on their days, counted in sessions from `session`."""
    return [_place(entry, session) for entry in entries]


def _place(entry: PackEvent, session: date) -> DatedEvent:
    day = session
    for _ in range(entry.sessions_ahead):
        day = next_session(day)
    return DatedEvent(entry, day, next_session(day) if entry.event_time == "amc" else day)


def dividends_of(events: list[DatedEvent], ticker: str) -> Dividends:
    """Return the cash dividends of one underlying."""
    mine = [e for e in events if e.entry.underlying == ticker and e.entry.amount is not None]
    return Dividends(tuple(e.day for e in mine), tuple(float(e.entry.amount or 0.0) for e in mine))


def variance_of(events: list[DatedEvent], ticker: str) -> EventVariance:
    """Return the variance that known events of one underlying add to expiries behind them."""
    mine = [e for e in events if e.entry.underlying == ticker and e.entry.move > 0.0]
    return EventVariance(tuple(e.effective for e in mine), tuple(e.entry.move**2 for e in mine))


def catalyst_of(events: list[DatedEvent], ticker: str) -> date | None:
    """Return the first day that reflects the next near event that moves the price, or None."""
    near = [e for e in events if e.entry.underlying == ticker and e.entry.event_type in _MOVING]
    near = [e for e in near if 0 < e.entry.sessions_ahead <= CATALYST_SESSIONS]
    return min((e.effective for e in near), default=None)


def goes_ex_next(events: list[DatedEvent], ticker: str, session: date) -> bool:
    """Return whether an underlying trades without a dividend from the next session on."""
    return any(e.day == next_session(session) for e in events if e.entry.underlying == ticker and e.entry.event_type == "dividend")


def calendar_table(events: list[DatedEvent]) -> pd.DataFrame:
    """Return the canonical `event_calendar` table of the events."""
    rows = [
        {
            "underlying": e.entry.underlying,
            "event_type": e.entry.event_type,
            "event_date": e.day,
            "event_time": e.entry.event_time,
            "known_at": _known_at(e),
            "amount": float("nan") if e.entry.amount is None else e.entry.amount,
            "source": "fictional",
        }
        for e in events
    ]
    table = pd.DataFrame(rows).sort_values(["event_date", "underlying", "event_type"], kind="stable", ignore_index=True)
    return table.astype({"known_at": "datetime64[ns, UTC]", "amount": "float64"})


def _known_at(event: DatedEvent) -> datetime:
    announced = event.day - timedelta(days=event.entry.known_days_before)
    return datetime.combine(announced, _ANNOUNCED, tzinfo=UTC)
