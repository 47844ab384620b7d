"""Takes the files of a vendor to canonical tapes, one a session: file by file, so that a stopped import goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.calendar.rejected import first_fault
from smartmoney_pipeline.calendar.sessions import is_session
from smartmoney_pipeline.console.occupied import refuse_occupied
from smartmoney_pipeline.console.quality import nature_line
from smartmoney_pipeline.console.terminal import CommandError, ExitCode, progress_bar
from smartmoney_pipeline.console.words import count, listed
from smartmoney_pipeline.store.atomic import locked_folder
from smartmoney_pipeline.store.folder import staged_folder
from smartmoney_pipeline.tape.errors import NothingForTapeError
from smartmoney_pipeline.tape.feeds.parts import is_done, part_key, write_part
from smartmoney_pipeline.tape.feeds.publish import IMPORT_QUARANTINE, REPORT, Imported, assemble
from smartmoney_pipeline.tape.feeds.registry import FEEDS, Feed
from smartmoney_pipeline.tape.feeds.selection import Selection, Sessions
from smartmoney_pipeline.tape.quality import by_reason
from smartmoney_pipeline.tape.symbols import tickers

_CARRIED = ("nbbo", "underlying")
_FORM = 1
"""Of the parts: another number makes an unfinished import start again."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be imported, and which of it."""

    vendor: str
    source: Path
    out: Path
    since: date | None
    until: date | None
    underlyings: Sequence[str]
    quiet: bool

    def selection(self) -> Selection:
        """The rows that are taken; tickers in the spelling of the tape."""
        named = tickers(pa.array([name.upper() for name in self.underlyings], pa.string())).to_pylist()
        return Selection(self.since, self.until, frozenset(named))

    def options(self) -> dict[str, Any]:
        """What decides, besides the files, what comes out."""
        edges = {name: None if day is None else day.isoformat() for name, day in (("since", self.since), ("until", self.until))}
        return {"vendor": self.vendor, "underlyings": sorted(self.selection().underlyings), **edges}


@dataclass(frozen=True, slots=True)
class Tape:
    """One tape that was written: its folder and the report of the import."""

    folder: Path
    report: dict[str, Any]


def run(job: Job) -> list[Tape]:
    """Import the files. Raises `CommandError`, `TapeError` or `StoreError` that names what is wrong; what is done already is kept."""
    feed = FEEDS.get(job.vendor)
    if feed is None:
        raise CommandError(f"{job.vendor!r} is no vendor; known are {', '.join(FEEDS)}", ExitCode.USAGE)
    if job.since and job.until and job.since > job.until:
        raise CommandError(f"--since {job.since} lies after --until {job.until}", ExitCode.USAGE)
    refuse_occupied(job.out, REPORT, "tape", by_day=True)
    files = feed.files(job.source)
    unfinished = job.out.absolute().parent / f".{job.out.name}.import"
    unfinished.mkdir(parents=True, exist_ok=True)
    with locked_folder(unfinished):
        parts, passed_over = _parts(job, feed, files, _of_this_job(job, unfinished))
        tapes = _published(job, Imported(feed.name, feed.nature, feed.not_graded, parts, job.options(), passed_over))
        shutil.rmtree(unfinished, ignore_errors=True)
    return tapes


def _of_this_job(job: Job, unfinished: Path) -> Path:
    """The folder of parts made with the same options; parts made with others are removed."""
    text = json.dumps([_FORM, job.options()], sort_keys=True)
    mine = unfinished / hashlib.sha256(text.encode()).hexdigest()[:16]
    for path in sorted(unfinished.iterdir()):
        if path != mine:
            shutil.rmtree(path, ignore_errors=True)
    mine.mkdir(exist_ok=True)
    return mine


def _parts(job: Job, feed: Feed, files: Sequence[Path], folder: Path) -> tuple[list[tuple[str, Path]], dict[str, str]]:
    """The parts of all files, and the files of a folder that hold nothing for a tape, with what they hold instead."""
    selection, sessions = job.selection(), Sessions(is_session)
    parts, passed_over = [], {}
    with progress_bar("importing", None, job.quiet) as show:
        counter = _Counter(show)
        for number, file in enumerate(files, start=1):
            part = folder / part_key(file, job.source)
            name = file.name if file == job.source else file.relative_to(job.source).as_posix()
            counter.name = f"{file.name} ({number} of {len(files)})"
            try:
                if not is_done(part):
                    write_part(part, feed.read(file), selection, sessions, counter.add)
                parts.append((name, part))
            except NothingForTapeError as nothing:
                if file == job.source:
                    raise
                passed_over[name] = nothing.fault
    return parts, passed_over


@dataclass(slots=True)
class _Counter:
    """Adds up the rows that were read and shows them beside the file."""

    show: Callable[..., None] | None
    name: str = ""
    rows: int = 0

    def add(self, rows: int) -> None:
        self.rows += rows
        if self.show is not None:
            self.show(self.rows, self.name)


def _published(job: Job, imported: Imported) -> list[Tape]:
    days = imported.days()
    if not imported.parts:
        name, why = next(iter(imported.passed_over.items()))
        raise CommandError(f"{job.source}: no file can be imported; {name}: {why}", ExitCode.DATA_QUALITY)
    if not days:
        raise CommandError(f"{job.source}: {_why_nothing(imported)}", ExitCode.DATA_QUALITY)
    tapes = []
    for day in days:
        target = job.out if len(days) == 1 else job.out / day
        with staged_folder(target, REPORT) as folder:
            report = assemble(imported, day, folder)
        tapes.append(Tape(target, report))
    return tapes


def _why_nothing(imported: Imported) -> str:
    """Why no tape comes of the files: what is wrong with their rows, and how many were not asked for."""
    totals, bad = imported.totals().values(), imported.quarantine()
    rows, read, left_out = (sum(numbers[name] for numbers in totals) for name in ("rows", "read", "left_out"))
    parts = []
    if len(bad):
        place = f"{bad['source_file'][0]}, {first_fault(bad.slice(0, 1).to_pandas())}"
        parts.append(f"{count(len(bad))} cannot be used ({listed(by_reason(bad))}; the first: {place})")
    chosen = any(imported.options[name] for name in ("since", "until", "underlyings"))
    why = "are not of the days and underlyings asked for" if chosen else "hold nothing for a tape, such as status lines"
    parts += [f"{count(left_out)} {why}"] if left_out else []
    parts += [f"{count(read)} belong to no day, such as definitions"] if read else []
    return f"no print and no quote for a tape: of {count(rows)} rows {', '.join(parts)}" if rows else "the files hold no rows"


def quarantine_note(tapes: Sequence[Tape]) -> str | None:
    """Return a line on the rows that were put aside, of all files; None where there are none."""
    reasons = tapes[0].report["quarantined_by_reason"]
    if not reasons:
        return None
    listing = f"they are listed in {IMPORT_QUARANTINE} of each tape"
    return f"{count(sum(reasons.values()))} rows were quarantined ({listed(reasons)}); {listing}"


def import_json(tapes: Sequence[Tape]) -> dict[str, Any]:
    """Return the reports in the form of `--json`."""
    return {"tapes": [{"folder": tape.folder, **tape.report} for tape in tapes]}


def import_view(tapes: Sequence[Tape]) -> RenderableType:
    """Return what was written, the counts by table, and what these tapes cannot tell."""
    report = tapes[0].report
    table = Table("table", "rows in the files", "read", "quarantined", "left out", "cancels made", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, numbers in report["totals"].items():
        cells = [count(int(numbers.get(key, 0))) for key in ("rows", "read", "quarantined", "left_out", "made")]
        table.add_row(name, *cells)
    places = [Text(f"{tape.report['session']}  {tape.folder}", "bold") for tape in tapes]
    next_step = Text(f"next: smartmoney score {tapes[0].folder} --out RESULT", "dim")
    if "option_prints" in report["missing"]:
        next_step = Text("no prints: this tape cannot be scored; give trades and quotes in one folder", "yellow")
    return Group(*places, table, *_remarks(report), next_step)


def _remarks(report: dict[str, Any]) -> list[Text]:
    line = nature_line(report["nature"])
    remarks = [] if line is None else [Text(line)]
    remarks += [Text(f"passed over: {name}: {why}") for name, why in report["passed_over"].items()]
    remarks += [Text(f"not graded: {thing}") for thing in report["not_graded"]]
    remarks += [Text(f"missing: {name}") for name in report["missing"]]
    prints = report.get("prints", {})
    lacking = {name.replace("_", " "): prints.get(name, 0) for name in ("condition_unknown", "venue_unknown")}
    lacking |= {f"no {name} quote on the print": prints["prints"] - prints[f"with_{name}"] for name in _CARRIED if f"with_{name}" in prints}
    return remarks + [Text(f"{what}: {count(n)} of {count(prints['prints'])} prints") for what, n in lacking.items() if n]
