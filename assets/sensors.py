"""Sensors: tapes that arrive or are corrected, runs and checks that fail, sessions that are late."""

import json
from datetime import date, datetime, time
from pathlib import Path

import dagster as dg

from assets.jobs import score_session
from assets.partitions import TAPE, refusal, session_key
from resources.alert_sink import AlertSink
from resources.clock import NEW_YORK, new_york_day, utc_now
from resources.drop_folder import PRINTS, Arrival, arrivals, strangers
from resources.lake import LakeResource
from resources.tape_source import TapeSource
from smartmoney_pipeline.calendar.sessions import is_session
from smartmoney_pipeline.store.manifest import published_sessions
from smartmoney_pipeline.store.urls import object_url

LATEST = time(20, 30)
"""New York time at which a session that is not published yet is told of: two hours after the schedule."""

MOST_CHECKS = 200


@dg.sensor(
    job=score_session,
    minimum_interval_seconds=60,
    description="Scores a session when its tape lies complete in the drop folder, and scores that session again when a file of it changed.",
)
def tape_arrival(context: dg.SensorEvaluationContext, tape_source: TapeSource) -> dg.SensorResult:
    """Ask for every session whose files are complete and not those of the last time; say what waits, and what is no tape, when it is news.

    The cursor keeps the fingerprints and what was said.
    """
    if object_url(tape_source.root) is not None:
        return dg.SensorResult(skip_reason=dg.SkipReason("a drop folder at a URL is not watched: the schedule asks for its tapes"))
    seen, before = remembered(context.cursor)
    root = Path(tape_source.root)
    found = arrivals(root, utc_now(), tape_source.files())
    requests, waiting = wanted(found, seen, new_york_day())
    taken = seen | {str(one.partition_key).split("|")[0]: one.tags["tape"] for one in requests}
    # A tick that asks for runs shows no reason: what there is to say is said by the next one.
    said = [] if requests else [*waiting, *unrecognised(root, found)]
    reason = None if requests else dg.SkipReason(skipped(said, before))
    return dg.SensorResult(run_requests=requests, skip_reason=reason, cursor=json.dumps({"taken": taken, "said": said}, sort_keys=True))


def remembered(cursor: str | None) -> tuple[dict[str, str], list[str]]:
    """Return the fingerprints by session, and what the last tick said. A cursor of an earlier version holds the fingerprints alone."""
    kept = json.loads(cursor or "{}")
    return (kept["taken"], kept["said"]) if "taken" in kept else (kept, [])


def skipped(said: list[str], before: list[str]) -> str:
    """Return why a tick asks for nothing, in full only where that is not what the last one said."""
    if said != before:
        return "; ".join(said) or "no new tape"
    return f"no new tape; {len(said)} remarks as before" if said else "no new tape"


def unrecognised(root: Path, found: list[Arrival]) -> list[str]:
    """Return what is said of entries of the drop folder that are no session's folder, and of files there that are no table of a tape."""
    if not root.is_dir():
        return [f"there is no folder {root}"]
    said = [f"{name}: not recognised; expected is a folder a session, named YYYY-MM-DD" for name in strangers(root)]
    for one in found:
        if one.unread:
            said.append(f"{one.session}: not read: {', '.join(one.unread)}; a tape has files named for their tables, such as {PRINTS[0]}")
    return said


def wanted(found: list[Arrival], seen: dict[str, str], today: date) -> tuple[list[dg.RunRequest], list[str]]:
    """Return the runs to ask for, and what is said of sessions that wait or are refused."""
    requests, said = [], []
    for one in found:
        day = one.session.isoformat()
        problem = one.waiting or refusal(one.session, today)
        if seen.get(day) == one.fingerprint:
            continue
        if problem is not None:
            said.append(f"{day}: {problem}")
            continue
        key = session_key(one.session, TAPE)
        tags = {"tape": one.fingerprint, "why": "corrected tape" if day in seen else "new tape"}
        requests.append(dg.RunRequest(run_key=f"{key}|{one.fingerprint}", partition_key=key, tags=tags))
    return requests, said


@dg.run_failure_sensor(
    name="failed_runs", monitor_all_code_locations=True, description="Tells the alert sink of each run that failed, crashed or was lost."
)
def failed_runs(context: dg.RunFailureSensorContext, alert_sink: AlertSink) -> None:
    """Pass on job, partition and reason."""
    run = context.dagster_run
    facts = {
        "job": run.job_name,
        "run": run.run_id,
        "partition": run.tags.get("dagster/partition", ""),
        "reason": context.failure_event.message or "",
    }
    alert_sink.send("run_failed", f"{run.job_name} failed", facts)


@dg.sensor(minimum_interval_seconds=60, description="Tells the alert sink of each check that failed, warnings too.")
def failed_checks(context: dg.SensorEvaluationContext, alert_sink: AlertSink) -> dg.SensorResult:
    """Go through the evaluations since the last tick; a first tick starts at the present."""
    after = None if context.cursor is None else int(context.cursor)
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
    if after is None:
        last = context.instance.get_event_records(dg.EventRecordsFilter(kind), limit=1)
        return dg.SensorResult(cursor=str(last[0].storage_id if last else 0))
    records = context.instance.get_event_records(dg.EventRecordsFilter(kind, after_cursor=after), limit=MOST_CHECKS, ascending=True)
    for record in records:
        event = record.event_log_entry.dagster_event
        one = None if event is None else event.asset_check_evaluation_data
        if one is not None and not one.passed:
            facts = {"severity": one.severity.value, "partition": one.partition or "", "run": record.event_log_entry.run_id}
            alert_sink.send("check_failed", f"{one.asset_key.to_user_string()}: {one.check_name}", facts)
    return dg.SensorResult(cursor=str(records[-1].storage_id if records else after))


@dg.sensor(minimum_interval_seconds=600, description="Tells the alert sink once of a session that is not published by 20:30 New York.")
def late_session(context: dg.SensorEvaluationContext, lake: LakeResource, alert_sink: AlertSink) -> dg.SensorResult:
    """Look at the manifest of today's session; the cursor keeps the day that was told of."""
    day, reason = lateness(utc_now(), {session for session, source in published_sessions(lake.lake()) if source == TAPE})
    if reason is None or context.cursor == day.isoformat():
        return dg.SensorResult(skip_reason=reason or "nothing is late", cursor=context.cursor)
    alert_sink.send("late_session", reason, {"session": day.isoformat()})
    return dg.SensorResult(skip_reason=reason, cursor=day.isoformat())


def lateness(now: datetime, published: set[date]) -> tuple[date, str | None]:
    """Return the New York day of `now`, and why its session is late, None where it is not."""
    there = now.astimezone(NEW_YORK)
    day = there.date()
    due = is_session(day) and there.time() >= LATEST
    return day, f"session {day} is not published at {LATEST:%H:%M} New York" if due and day not in published else None


all_sensors = [tape_arrival, failed_runs, failed_checks, late_session]
