"""The two partition dimensions: exchange session and source."""

import os
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.sessions import is_session, session_position

NEW_YORK = ZoneInfo("America/New_York")
FIRST_SESSION = date(2016, 1, 4)
LAST_PLANNED = date(2030, 12, 31)
TAPE = "tape"
"""Source of a real tape; every other source is a scenario pack with its seed, such as demo-7."""

DEFAULT_SOURCES = f"{TAPE},demo-7,test-7"


def closed_weekdays(first: date, last: date) -> list[datetime]:
    """Weekdays without a session, as the zone-aware datetimes that Dagster's exclusions ask for."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [datetime(d.year, d.month, d.day, tzinfo=NEW_YORK) for d in days if d.weekday() < 5 and not is_session(d)]


def source_names() -> list[str]:
    """Sources of this code location: the real tape and scenario packs with their seed, from SMARTMONEY_SOURCES."""
    return [name.strip() for name in os.environ.get("SMARTMONEY_SOURCES", DEFAULT_SOURCES).split(",") if name.strip()]


sessions = dg.DailyPartitionsDefinition(
    FIRST_SESSION.isoformat(),
    timezone="America/New_York",
    end_offset=1,
    exclusions=["0 0 * * 6", "0 0 * * 0", *closed_weekdays(FIRST_SESSION, LAST_PLANNED)],
)
sources = dg.StaticPartitionsDefinition(source_names())
session_source = dg.MultiPartitionsDefinition({"session": sessions, "source": sources})


def refusal(session: date, today: date) -> str | None:
    """Return why a day cannot be scored, or None: it is no exchange session, or in New York it has not begun.

    Dagster offers the next session already where today is excluded.
    """
    try:
        session_position(session)
    except CalendarError as error:
        return str(error)
    return f"session {session} has not begun: in New York it is {today}" if session > today else None


def partition_of(context: dg.AssetExecutionContext) -> tuple[date, str]:
    """Return (session, source) of the running partition. Raises `dagster.Failure` for a day that cannot be scored."""
    key = context.partition_key
    if not isinstance(key, dg.MultiPartitionKey):
        raise dg.Failure(f"{key!r} is not a session|source key")
    parts = key.keys_by_dimension
    session = date.fromisoformat(parts["session"])
    refused = refusal(session, datetime.now(NEW_YORK).date())
    if refused is not None:
        raise dg.Failure(refused)
    return session, parts["source"]
