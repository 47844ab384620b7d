"""Takes a tape of any form to a scored folder: opens or imports it, scores with a progress bar, and shows what came out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider
from smartmoney_pipeline.calendar.rejected import first_fault
from smartmoney_pipeline.calendar.standing import concerning
from smartmoney_pipeline.console.occupied import refuse_occupied
from smartmoney_pipeline.console.quality import nature_line, quality_line, quarantined_rows
from smartmoney_pipeline.console.results import FOLDER_MARKER
from smartmoney_pipeline.console.terminal import CommandError, ExitCode, note, progress_bar, working
from smartmoney_pipeline.console.words import count, listed, percent
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.cut import Cut, cut_of
from smartmoney_pipeline.engine.given_calendar import GivenCalendar
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_buckets import score_buckets
from smartmoney_pipeline.engine.score_day import DayOutput, score_day
from smartmoney_pipeline.store.object_tape import opened_tape
from smartmoney_pipeline.store.scratch import scratch_folder
from smartmoney_pipeline.store.urls import object_url, place_name
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import SourceFormat
from smartmoney_pipeline.tape.layout import TapeDay, nature_of

DAY_FILE = "day.json"
_NOTHING_USABLE = "none of the "
"""How the import starts to say that every print was quarantined."""


@dataclass(frozen=True, slots=True)
class TapeJob:
    """From which tape to which folder."""

    tape: Path
    out: Path
    source_format: SourceFormat
    _: KW_ONLY
    session: date | None = None
    source: str | None = None
    quiet: bool = False


def cut_asked(executor: str, scheduler: str | None, processes: int | None, buckets: int | None) -> Cut | None:
    """Return how the options cut the work, None for one pass. Raises `CommandError` for options that do not go together."""
    try:
        return cut_of(executor, scheduler, processes, buckets)
    except ValueError as error:
        raise CommandError(f"--executor {executor}: {error}; see --scheduler", ExitCode.USAGE) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(TapeJob):
    """What is to be scored, and how."""

    calendar: Path | None = None
    chunk: int | None = None
    cut: Cut | None = None


def run(job: Job) -> DayOutput:
    """Score the tape into the folder. Raises `CommandError`, `TapeError`, `StoreError` or `CalendarError` that names what is wrong."""
    refuse_occupied(job.out, FOLDER_MARKER, "result")
    with _opened(job) as (day, where):
        rows, given = (None, None) if job.calendar is None else _known_events(opened_tape(job.calendar), day.session_date)
        params = None if job.chunk is None else EngineParams(chunk_prints=job.chunk)
        if job.cut is not None:
            with working(f"scoring in {job.cut.buckets} buckets", job.quiet):
                return score_buckets(day, rows, job.out, job.cut.executor, job.cut.buckets, params, where, given)
        context = day_context(day, rows, given)
        with progress_bar("scoring", day.rows["option_prints"], job.quiet) as progress:
            return score_day(context, job.out, params, progress)


def _known_events(path: Path, session: date) -> tuple[pd.DataFrame, GivenCalendar]:
    """Rows of a calendar file that the session may use, and the file; says which cannot be used and of what its providers warned."""
    calendar = StaticFileProvider(path)
    if len(calendar.rejected):
        counted = f"{len(calendar.rejected)} of {calendar.row_count} events cannot be used"
        note(f"{path}: {counted}, the first: {first_fault(calendar.rejected)}")
    for warning in concerning(calendar.standing, session):
        note(warning)
    return calendar.events(session), GivenCalendar.of(calendar.row_count, calendar.rejected)


def is_lake_day(tape: Path) -> bool:
    """Whether the folder is a day in the lake layout."""
    return (tape / DAY_FILE).is_file()


@contextmanager
def _opened(job: Job) -> Iterator[tuple[TapeDay, str | None]]:
    """The day itself and its URL if it has one, or the tape imported into a hidden folder beside the output, gone at the end."""
    with working(f"fetching {job.tape.name}", job.quiet or object_url(job.tape) is None):
        tape = opened_tape(job.tape)
    if is_lake_day(tape):
        yield _renamed(TapeDay.open(tape), job), object_url(job.tape)
        return
    beside = job.out.absolute().parent if object_url(job.out) is None else scratch_folder("imported")
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{job.out.name}.", suffix=".tape", dir=beside) as folder:
        with working(f"reading {job.tape.name}", job.quiet):
            day = _imported(job, tape, Path(folder))
        yield day, None


def _imported(job: Job, tape: Path, folder: Path) -> TapeDay:
    try:
        return import_day(tape, folder, job.source_format, job.session, job.source or "tape")
    except TapeError as error:
        code = ExitCode.DATA_QUALITY if error.fault.startswith(_NOTHING_USABLE) else ExitCode.ERROR
        raise CommandError(str(error), code) from error


def _renamed(day: TapeDay, job: Job) -> TapeDay:
    if job.session not in {None, day.session_date}:
        raise CommandError(f"{job.tape}: holds the session {day.session_date}, not {job.session}")
    return day if job.source is None else replace(day, source=job.source)


def result_json(output: DayOutput) -> dict[str, Any]:
    """Return manifest and data quality in the form of `--json`."""
    return {"folder": output.folder, "manifest": output.manifest, "data_quality": output.quality}


def quality_note(output: DayOutput) -> str | None:
    """Return a line on quarantined rows, or None where there are none."""
    put_aside = quarantined_rows(output.quality)
    if not put_aside:
        return None
    reasons: dict[str, int] = {}
    for table in output.quality["tables"].values():
        for reason, n in table["by_reason"].items():
            reasons[reason] = reasons.get(reason, 0) + n
    place = place_name(output.folder / "quarantine.parquet")
    return f"{count(put_aside)} rows were quarantined ({listed(reasons)}); they are listed in {place}"


def summary(output: DayOutput) -> RenderableType:
    """Return the counts of the events and the data quality."""
    events, manifest = output.quality["events"], output.manifest
    head = f"{manifest['session']}  source {manifest['source']}  run {manifest['run_hash'][:12]}"
    lines = [
        Text(head, "bold"),
        *nature_note(output),
        Text(f"tape: {quality_line(output.quality)}"),
        Text(f"events: {_events_line(events)}"),
    ]
    lines += [Text(f"published: {listed(events['published'])}"), Text(f"abstained because: {listed(events['abstention_reasons'])}")]
    return Group(*lines, Text(f"flags: {listed(events['by_flag'])}", "dim"))


def nature_note(output: DayOutput) -> list[Text]:
    """Return the line on a tape whose rows are no prints; nothing for prints."""
    line = nature_line(nature_of(output.quality))
    return [] if line is None else [Text(line)]


def files(output: DayOutput) -> RenderableType:
    """Return where the tables are."""
    rows = [f"  {name}.parquet  {count(table['rows'])} rows" for name, table in sorted(output.manifest["tables"].items())]
    lines = [f"files in {place_name(output.folder)}", *rows, "  data_quality.json  manifest.json"]
    closer = [f"look closer: smartmoney explain EVENT --in {place_name(output.folder)}"] if output.quality["events"]["count"] else []
    return Text("\n".join([*lines, *closer]))


def _events_line(events: Mapping[str, Any]) -> str:
    kept = events["count"] - events["abstained"]
    share = percent(events["abstained"] / events["count"]) if events["count"] else "-"
    kinds = listed(events["by_assembly"])
    return f"{count(events['count'])} of {count(events['member_prints'])} prints ({kinds}); {count(kept)} published, {share} abstained"
