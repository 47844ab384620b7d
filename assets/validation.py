"""What only the next session can tell of an event: a job of the evaluation, apart from the assets that score, and its schedule."""

from datetime import date

import dagster as dg
import pyarrow as pa
from pydantic import Field

from assets.partitions import TAPE
from assets.schedules import session_of_tick
from resources.clock import NEW_YORK
from resources.lake import LakeResource
from smartmoney_pipeline.calendar.sessions import next_session, previous_session
from smartmoney_pipeline.evaluation.lake_tables import confirmed_partition
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.validation_table import EventValidation

TABLE = "event_validation"
INTEREST = "open_interest.parquet"


class Validation(dg.Config):
    """Which scored session to look back at. The tape of the session after it must have been imported."""

    session: str = Field(description="Exchange session whose events are looked back at, YYYY-MM-DD.")
    source: str = Field(default=TAPE, description="Its source.")


@dg.op(description="Holds the next session's open interest against the events of a session: which opened positions, which closed.")
def confirm_events(context: dg.OpExecutionContext, config: Validation, lake: LakeResource) -> None:
    """Write event_validation of one session and source; no score reads it."""
    session = date.fromisoformat(config.session)
    days = (session, next_session(session))
    before, after = (lake.day_folder(day, config.source) / INTEREST for day in days)
    missing = [f"{day}" for day, path in zip(days, (before, after), strict=True) if not path.is_file()]
    if missing:
        raise dg.Failure(f"no open interest on the imported tape of {' and '.join(missing)}, source {config.source}")
    found = confirmed_partition(lake.lake(), session, config.source, before, after)
    rows = pa.Table.from_pandas(EventValidation.validate(found), schema=arrow_schema(EventValidation), preserve_index=False)
    path = lake.lake().write(TABLE, session, config.source, rows)
    counts = {f"verdict/{name}": int(count) for name, count in found["verdict"].value_counts().sort_index().items()}
    context.add_output_metadata({**counts, "events": len(found), "path": dg.MetadataValue.path(str(path))})


@dg.job(
    executor_def=dg.in_process_executor,
    description="Evaluation, a day later: confirms past events by the next session's open interest. Needs `session`. No score reads it.",
)
def confirm_by_open_interest() -> None:
    """Look back."""
    confirm_events()


@dg.schedule(
    job=confirm_by_open_interest,
    cron_schedule="0 21 * * 1-5",
    execution_timezone=str(NEW_YORK),
    description="At 21:00 New York on each session, when its own tape is in: looks back at the real tape of the session before.",
)
def look_back(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for the session before the tick's own."""
    day = session_of_tick(context)
    if isinstance(day, dg.SkipReason):
        return day
    before = previous_session(day).isoformat()
    config = {"ops": {confirm_events.name: {"config": {"session": before, "source": TAPE}}}}
    return dg.RunRequest(run_key=f"{before}|{TAPE}|{TABLE}", run_config=config)
