"""Many sessions scored through the asset graph in this process: which are missing, in which batches, and what each run came to."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmoney_pipeline.calendar.sessions import sessions_between
from smartmoney_pipeline.console.terminal import CommandError, ExitCode
from smartmoney_pipeline.store.manifest import published_sessions
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.urls import object_url

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True, slots=True)
class Job:
    """Which sessions of which sources, into which lake."""

    lake: Path
    sources: tuple[str, ...]
    since: date
    until: date
    batch: int
    calendar: Path | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Sessions of one source that follow each other without one between them that is not wanted."""

    source: str
    sessions: tuple[date, ...]


def plan(job: Job) -> list[Batch]:
    """Return the batches that are to be run, in order of source and session.

    Raises `CalendarError` outside the calendar, `CommandError` for a range without a session.
    """
    if not sessions_between(job.since, job.until):
        raise CommandError(f"there is no session of the exchange from {job.since} to {job.until}", ExitCode.USAGE)
    done = set() if job.again else set(published_sessions(open_lake(job.lake)))
    return [batch for source in job.sources for batch in _batches(job, source, done)]


def _batches(job: Job, source: str, done: set[tuple[date, str]]) -> Iterator[Batch]:
    """A run takes a range, so a session in the middle that is done ends a batch."""
    run: list[date] = []
    for session in sessions_between(job.since, job.until):
        if (session, source) in done:
            yield from (Batch(source, part) for part in _cut(run, job.batch))
            run = []
        else:
            run.append(session)
    yield from (Batch(source, part) for part in _cut(run, job.batch))


def _cut(sessions: list[date], size: int) -> Iterator[tuple[date, ...]]:
    return (tuple(sessions[start : start + size]) for start in range(0, len(sessions), size))


def run(job: Job) -> Iterator[str]:
    """Run batch after batch and say of each what was scored. Raises `CommandError` with the reasons where one fails; those before stay."""
    batches = plan(job)
    if not batches:
        yield "nothing to do: every session is published"
        return
    warnings.filterwarnings("ignore", module="dagster")
    for number, batch in enumerate(batches, 1):
        result = _scored(job, batch)
        span = f"{batch.sessions[0]} to {batch.sessions[-1]}"
        if not result.success:
            if _stopped(result):
                raise KeyboardInterrupt
            raise CommandError(f"{batch.source} {span}: {'; '.join(_faults(result)) or 'the run failed'}")
        yield f"{number} of {len(batches)}: {batch.source} {span}, {len(batch.sessions)} sessions published"


def _scored(job: Job, batch: Batch) -> dg.ExecuteInProcessResult:
    """One run over the batch, with an instance of its own unless DAGSTER_HOME names one."""
    import dagster as dg  # noqa: PLC0415  heavy

    from assets.partitions import session_key, source_names  # noqa: PLC0415
    from smartmoney_pipeline.definitions import build, resources_at  # noqa: PLC0415

    if batch.source not in source_names():
        raise CommandError(f"{batch.source!r} is none of the sources {', '.join(source_names())}; SMARTMONEY_SOURCES lists them")
    resources = resources_at(object_url(job.lake) or str(job.lake.absolute()), "" if job.calendar is None else str(job.calendar))
    ends = [str(session_key(session, batch.source)) for session in (batch.sessions[0], batch.sessions[-1])]
    tags = dict(zip(("dagster/asset_partition_range_start", "dagster/asset_partition_range_end"), ends, strict=True))
    quiet: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dg.DagsterInstance.get() if os.environ.get("DAGSTER_HOME") else dg.DagsterInstance.ephemeral() as instance:
        defined = build(resources).resolve_job_def("scenario_backfill")
        return defined.execute_in_process(instance=instance, run_config=quiet, tags=tags, raise_on_error=False)


def _faults(result: dg.ExecuteInProcessResult) -> list[str]:
    """Why steps failed, each in a line."""
    failed = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    stated = [data.user_failure_data.description if data.user_failure_data else _cause(data.error) for data in failed]
    return [(text or "").strip().splitlines()[0] for text in stated if text]


def _stopped(result: dg.ExecuteInProcessResult) -> bool:
    """Whether somebody ended the run by Ctrl-C or a signal."""
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return any(error is not None and error.cls_name == "DagsterExecutionInterruptedError" for error in errors)


def _cause(error: Any) -> str:
    """What the first error of a chain says: Dagster wraps it in one that names the step alone."""
    while error is not None and error.cause is not None:
        error = error.cause
    return "" if error is None else str(error.message).partition(": ")[2] or str(error.message)
