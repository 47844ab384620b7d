"""The daily schedule: every session at 18:30 New York, after the close of any option and the late quotes; no other day."""

from datetime import date

import dagster as dg

from assets.jobs import score_session
from assets.partitions import TAPE, session_key
from resources.clock import NEW_YORK, new_york_day
from smartmoney_pipeline.calendar.sessions import is_session, session_bounds

CRON = "30 18 * * 1-5"
"""Two hours and a quarter after the latest close of an option class; half days keep the hour, since tapes come late on them too."""


def skip_reason(day: date) -> str | None:
    """Return why nothing is scored on `day`, or None on a session."""
    return None if is_session(day) else f"{day} is not a session of the exchange"


def session_of_tick(context: dg.ScheduleEvaluationContext) -> date | dg.SkipReason:
    """Return the tick's own day in New York, or why it is skipped."""
    day = new_york_day(context.scheduled_execution_time)
    reason = skip_reason(day)
    return day if reason is None else dg.SkipReason(reason)


@dg.schedule(
    job=score_session,
    cron_schedule=CRON,
    execution_timezone=str(NEW_YORK),
    description="Scores the real tape of the day at 18:30 New York; skips days without a session and says so.",
)
def daily_scoring(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for the session of the tick's own day: what Dagster builds from partitions would repeat one, or offer one of the future."""
    day = session_of_tick(context)
    if isinstance(day, dg.SkipReason):
        return day
    tags = {"half_day": str(session_bounds(day).is_half_day).lower()}
    return dg.RunRequest(run_key=f"{day}|{TAPE}", partition_key=session_key(day, TAPE), tags=tags)
