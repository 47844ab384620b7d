"""Replays a tape into the live engine: at full speed or by the clock of the day, with progress, into a result folder."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from rich.console import Group, RenderableType
from rich.text import Text

from smartmoney_pipeline.console.occupied import refuse_occupied
from smartmoney_pipeline.console.results import FOLDER_MARKER
from smartmoney_pipeline.console.scoring import TapeJob, files, nature_note, result_json
from smartmoney_pipeline.console.terminal import CommandError, progress_bar, show, show_json, working
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.engine.known_symbols import reference_of
from smartmoney_pipeline.engine.live.engine import LiveEngine
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.replay import Feed, read_feed
from smartmoney_pipeline.engine.live.results import write_results
from smartmoney_pipeline.engine.live.views import EventLog
from smartmoney_pipeline.engine.score_day import DayOutput
from smartmoney_pipeline.schemas.units import NS_PER_MINUTE, NS_PER_MS, NS_PER_SECOND
from smartmoney_pipeline.store.object_tape import opened_tape

FULL_SPEED = "max"
STEP_MS = {True: 60_000, False: 250}
"""Step of time by whether the replay runs at full speed: then results do not wait for anyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(TapeJob):
    """What is to be replayed, and how. `speed` None is full speed, else seconds of the day in one second.

    `history_minutes`: how far back a correction may reach, None as the engine has it, 0 to the open.
    """

    speed: float | None
    step_ms: int | None
    history_minutes: int | None = None


def parse_speed(text: str) -> float | None:
    """Return the factor of a speed, None for `max`. Raises `CommandError` where it is neither."""
    if text == FULL_SPEED:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed < float("inf"):
        raise CommandError(f"{text!r} is no speed: a number above 0, or {FULL_SPEED}")
    return speed


def run(job: Job) -> DayOutput:
    """Replay the tape into the folder. Raises `CommandError`, `TapeError` or `StoreError` that names what is wrong."""
    refuse_occupied(job.out, FOLDER_MARKER, "result")
    with working(f"reading {job.tape.name}", job.quiet):
        feed = read_feed(opened_tape(job.tape), job.source_format, job.session)
    engine, log = _engine(feed, job), EventLog()
    step_ns = (job.step_ms or STEP_MS[job.speed is None]) * NS_PER_MS
    with progress_bar("replaying", feed.prints, job.quiet) as progress:
        before = None
        for step in feed.steps(step_ns):
            if job.speed is not None and before is not None:
                time.sleep((step.end - before) / NS_PER_SECOND / job.speed)
            before = step.end
            log.add(engine.push(step.tables))
            if progress is not None:
                progress(step.prints)
        log.add(engine.finish())
    return write_results(engine, log, job.out)


def _engine(feed: Feed, job: Job) -> LiveEngine:
    """An engine that knows the symbols of the day, as a feed's list of series would tell it."""
    params = LiveParams(provisional=job.speed is not None)
    if job.history_minutes is not None:
        params = replace(params, history_ns=job.history_minutes * NS_PER_MINUTE or None)
    return LiveEngine(feed.session, job.source or "tape", reference_of(feed), feed.streams, params, feed.nature)


def show_result(output: DayOutput, as_json: bool, quiet: bool) -> None:
    """Print what came out, as asked for."""
    if as_json:
        show_json(result_json(output))
    elif not quiet:
        show(summary(output))


def summary(output: DayOutput) -> RenderableType:
    """Return what was said, what stands, and where it lies."""
    manifest, live, events = output.manifest, output.quality["live"], output.quality["events"]
    head = f"{manifest['session']}  source {manifest['source']}  run {manifest['run_hash'][:12]}"
    said = f"said: {count(live['said'])} rows, {count(live['provisional'])} of them provisional, {count(live['revised'])} revisions"
    lines = [said, f"withdrawn: {count(live['retracted'])}"]
    lines += [f"events that stand: {count(events['count'])} of {count(events['member_prints'])} prints"]
    return Group(Text(head, "bold"), *nature_note(output), Text("\n".join(lines)), files(output))
