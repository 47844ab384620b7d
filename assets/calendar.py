"""What was known each day: the events that a session may use, and what providers newly said, kept in the history and by day."""

from collections.abc import Sequence
from datetime import date

import dagster as dg
import pandas as pd
import pyarrow as pa

from assets.describing import described, table_schema
from assets.partitions import Partition, partitions_of, refusal, sessions
from assets.tapes import tape
from resources.calendar_provider import CalendarFeeds, CalendarFile
from resources.clock import new_york_day, utc_now
from resources.lake import LakeResource, Made
from smartmoney_pipeline.calendar.history import Refreshed
from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider
from smartmoney_pipeline.calendar.rejected import first_fault, rejected_frame
from smartmoney_pipeline.calendar.standing import concerning
from smartmoney_pipeline.calendar.usable import usable
from smartmoney_pipeline.engine.context import tape_calendar
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.input_tables import EventCalendar
from smartmoney_pipeline.tape.layout import TapeDay
from smartmoney_pipeline.tape.quarantine import QUARANTINE_SCHEMA

SNAPSHOT, ANSWERED = "calendar_snapshot", "providers_answered"
PROVIDERS = "providers"
"""Source under which a snapshot lies in the lake: a calendar belongs to no tape."""

QUARANTINE = "calendar_quarantine"
"""Table of the lake with the rows of calendar files, by session and source, and of answers, by session and `PROVIDERS`."""


@dg.asset(
    **described(
        "event_calendar",
        "calendar",
        "Corporate and macro events that some print of the session may use: each row was public before the close, and a print uses only "
        "rows known before it. From the calendar file where one is given, else from the tape itself, as `smartmoney score` takes them; "
        "without either none is known.",
        table_schema(EventCalendar),
    ),
    deps=[tape],
)
def event_calendar(context: dg.AssetExecutionContext, lake: LakeResource, calendar_file: CalendarFile) -> Made:
    """Read the calendar as it was known at each session; rows of the file that cannot be used are kept beside it."""
    given, made = calendar_file.opened(), Made()
    for part in partitions_of(context):
        rows, origin = _rows_of(part, lake, given)
        made[part.key] = pa.Table.from_pandas(rows, arrow_schema(EventCalendar), preserve_index=False)
        rejected = rejected_frame([], "") if given is None else given.rejected
        keep_rejected(lake, part.session, part.source, rejected)
        warnings = [] if given is None else calendar_warnings(given, part.session)
        for warning in warnings:
            context.log.warning(warning)
        facts = {"taken_from": origin, "quarantined": len(rejected), "warnings": listed(warnings)}
        context.add_asset_metadata(facts, partition_key=part.key)
    return made


def _rows_of(part: Partition, lake: LakeResource, given: StaticFileProvider | None) -> tuple[pd.DataFrame, str]:
    """The rows that the session may use, and where they come from."""
    if given is not None:
        return given.events(part.session), str(given.path)
    rows = tape_calendar(TapeDay.open(lake.day_folder(part.session, part.source)))
    if rows is None:
        return arrow_schema(EventCalendar).empty_table().to_pandas(), "none"
    return usable(rows, part.session), "the tape"


def calendar_warnings(given: StaticFileProvider, session: date) -> list[str]:
    """What is to be known of a calendar file: rows that cannot be used, and providers that failed before the session closed."""
    counted = f"{given.path}: {len(given.rejected)} of {given.row_count} events cannot be used"
    bad = [f"{counted}, the first: {first_fault(given.rejected)}"] if len(given.rejected) else []
    return bad + sorted(set(concerning(given.standing, session)))


def listed(warnings: Sequence[str]) -> dg.MetadataValue:
    """Return warnings as a list in markdown."""
    return dg.MetadataValue.md("\n".join(f"- {warning}" for warning in warnings) or "none")


@dg.asset(
    **described(
        SNAPSHOT,
        "calendar",
        "Event calendar of a session as the providers had told it by then: providers are asked on the day itself alone, and a past day is "
        "read back from the history as it was known. A provider that fails leaves its last snapshot in force, with a warning.",
        table_schema(EventCalendar),
    )
    | {"partitions_def": sessions},
    check_specs=[dg.AssetCheckSpec(ANSWERED, asset=SNAPSHOT, description="Every provider gave an answer that could be used.")],
)
def calendar_snapshot(context: dg.AssetExecutionContext, calendar_feeds: CalendarFeeds, lake: LakeResource) -> dg.MaterializeResult:
    """Ask the providers where the session is today's, and keep what some print of it may use."""
    session = date.fromisoformat(context.partition_key)
    today = new_york_day(utc_now())
    refused = refusal(session, today)
    if refused is not None:
        raise dg.Failure(refused)
    outcome = calendar_feeds.refresh(utc_now) if session == today else []
    events = calendar_feeds.known(session)
    rows = pa.Table.from_pandas(events, schema=arrow_schema(EventCalendar), preserve_index=False)
    path = lake.lake().write(SNAPSHOT, session, PROVIDERS, rows)
    if outcome:
        keep_rejected(lake, session, PROVIDERS, pd.concat([one.rejected for one in outcome], ignore_index=True))
    place: dict[str, dg.MetadataValue | int | str] = {"dagster/row_count": len(rows), "path": dg.MetadataValue.path(str(path))}
    return dg.MaterializeResult(metadata=place | learned(outcome), check_results=[answered(outcome)])


def learned(outcome: Sequence[Refreshed]) -> dict[str, dg.MetadataValue | int | str]:
    """How many events were new, changed and withdrawn, and how many rows cannot be used; nothing where no provider was asked."""
    told = [one.learned for one in outcome if one.learned is not None]
    if not outcome:
        return {"asked": "no: a past day is read back from the history"}
    counts = {name: sum(getattr(one, name) for one in told) for name in ("new", "changed", "withdrawn")}
    return {**counts, "quarantined": sum(len(one.rejected) for one in outcome)}


def keep_rejected(lake: LakeResource, session: date, source: str, rejected: pd.DataFrame) -> None:
    """Replace the quarantine of the calendar of one session: rows of the file or of the answers that cannot be used."""
    lake.lake().write(QUARANTINE, session, source, rejected, schema=QUARANTINE_SCHEMA)


def answered(outcome: Sequence[Refreshed]) -> dg.AssetCheckResult:
    """The warnings of the providers as a check that does not block: what was learned before stays in force."""
    warnings = sorted({one.warning for one in outcome if one.warning})
    facts: dict[str, dg.MetadataValue | int] = {"warnings": listed(warnings), "count": len(warnings)}
    return dg.AssetCheckResult(check_name=ANSWERED, passed=not warnings, severity=dg.AssetCheckSeverity.WARN, metadata=facts)


snapshot_calendar = dg.define_asset_job(
    "snapshot_calendar",
    selection=dg.AssetSelection.assets(SNAPSHOT),
    executor_def=dg.in_process_executor,
    description="Ask the providers of events and keep what was known today.",
)


@dg.schedule(job=snapshot_calendar, cron_schedule="0 6 * * 1-5", execution_timezone="America/New_York")
def every_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One snapshot on the morning of every session; stopped until somebody switches it on."""
    today = new_york_day(context.scheduled_execution_time)
    refused = refusal(today, today)
    return dg.SkipReason(refused) if refused else dg.RunRequest(run_key=today.isoformat(), partition_key=today.isoformat())
