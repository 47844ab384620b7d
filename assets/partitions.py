"""The two partition dimensions: exchange session and source."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import dagster as dg

from resources.clock import NEW_YORK, new_york_day
from resources.lake import partition_parts
from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.sessions import is_session, session_position

FIRST_SESSION = date(2012, 1, 3)
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


def batch_size() -> int:
    """Partitions a run of a backfill: SMARTMONEY_BATCH, else 20. All of them are in memory at once, so large real days want 1."""
    return int(os.environ.get("SMARTMONEY_BATCH", "20"))


sessions = dg.DailyPartitionsDefinition(
    FIRST_SESSION.isoformat(),
    timezone="America/New_York",
    end_offset=1,
    exclusions=["0 0 * * 6", "0 0 * * 0", *closed_weekdays(FIRST_SESSION, LAST_PLANNED)],
)
sources = dg.StaticPartitionsDefinition(source_names())
batches = dg.BackfillPolicy.multi_run(max_partitions_per_run=batch_size())
"""How many partitions one run of a backfill takes: a run costs seconds to start, and every failure fails its whole batch."""

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


@dataclass(frozen=True, slots=True)
class Partition:
    """One session and source, and the key by which Dagster names them."""

    key: str
    session: date
    source: str


def partitions_of(context: dg.AssetExecutionContext) -> list[Partition]:
    """Return the partitions of the run: one, or those of a range. Raises `dagster.Failure` for a day that cannot be scored."""
    return partitions_named([str(key) for key in context.partition_keys])


def partitions_named(keys: Sequence[str]) -> list[Partition]:
    """Return the partitions of these keys; raises as `partitions_of`."""
    today = new_york_day()
    found = [Partition(key, *partition_parts(key)) for key in keys]
    refused = [reason for one in found if (reason := refusal(one.session, today)) is not None]
    if refused:
        raise dg.Failure("; ".join(refused))
    return found


def session_key(session: date, source: str) -> dg.MultiPartitionKey:
    """Return the partition key of a session and source."""
    return dg.MultiPartitionKey({"session": session.isoformat(), "source": source})
