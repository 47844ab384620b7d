"""Generates and scores sessions of a pack, one a seed, for calibration and evaluation; labels stay apart from the tapes.

A finished seed is a folder of its own. Asked for again, it is taken as it is, unless the code or the tables that made it changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from smartmoney_pipeline.console import scenarios, scoring
from smartmoney_pipeline.console.fingerprint import fingerprint
from smartmoney_pipeline.console.judged import ScoredSource, part_of
from smartmoney_pipeline.console.market_after import market_of
from smartmoney_pipeline.console.metrics import read_labels
from smartmoney_pipeline.console.results import Results, open_results
from smartmoney_pipeline.console.terminal import CommandError, progress_bar
from smartmoney_pipeline.evaluation.economic import outcomes
from smartmoney_pipeline.store.atomic import replacing
from smartmoney_pipeline.store.folder import staged_folder

MAX_SEEDS = 1_000
SCORED, OUTCOMES, MARKER = Path("day", "scored"), "outcomes.parquet", "seed.json"
"""Scoring locks the folder around its result, and the folder of the seed is locked already: the result lies one deeper."""

SEEDS_A_PROCESS = 8
"""A worker ends after so many sessions and gives its memory back."""

_RANGE = re.compile(r"(\d+)(?:\.\.(\d+))?")


@dataclass(frozen=True, slots=True)
class SeedJob:
    """Which sessions: a pack, its seeds, the session, the folder where they are kept, and how many processes."""

    pack: str
    seeds: tuple[int, ...]
    session: date
    folder: Path
    processes: int = 1
    quiet: bool = False


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return seeds from text such as `1..8`, `3` or `1,4,9..12`, sorted, each once. Raises `CommandError` for any other form."""
    found: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise CommandError(f"--seeds: {text!r} is not of the form 1..8 or 1,4,9..12")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first >= MAX_SEEDS:
            raise CommandError(f"--seeds: {part.strip()!r} is no rising range of at most {MAX_SEEDS} seeds")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def score_seeds(job: SeedJob) -> Iterator[ScoredSource]:
    """Generate and score each seed below the job's folder unless it is there, and yield it in the order of the seeds.

    Raises what `scenarios generate` and `score` raise.
    """
    tasks = [(f"{job.pack}-{seed}", job.session, job.folder / f"{job.pack}-{seed}-{job.session}") for seed in job.seeds]
    with progress_bar(f"scoring {job.pack}", len(tasks), job.quiet) as progress:
        for done, (name, folder) in enumerate(_run(tasks, min(job.processes, len(tasks))), start=1):
            if progress is not None:
                progress(done)
            yield opened(name, folder / SCORED, folder / scenarios.LABELS, folder / OUTCOMES)


def _run(tasks: Sequence[tuple[str, date, Path]], processes: int) -> Iterator[tuple[str, Path]]:
    if processes <= 1:
        yield from map(_one, tasks)
        return
    # A new pool for each round: `max_tasks_per_child` of Python 3.11 can wait for a process that it never starts.
    for start in range(0, len(tasks), processes * SEEDS_A_PROCESS):
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            yield from pool.map(_one, tasks[start : start + processes * SEEDS_A_PROCESS])


def _one(task: tuple[str, date, Path]) -> tuple[str, Path]:
    """Generate and score one source, in whatever process this runs; the tape goes once the market after each event was read from it."""
    source, session, folder = task
    if is_kept(folder):
        return source, folder
    with staged_folder(folder, MARKER) as staging:
        scenarios.generate_into(source, session, staging)
        tape, scored = staging / scenarios.TAPE, staging / SCORED
        scoring.run(scoring.Job(tape, scored, "canonical", session=session, source=source, quiet=True))
        made = opened(source, scored, staging / scenarios.LABELS)
        part = part_of(made)
        outcomes(part.events, market_of(tape, made.results, part.events)).to_parquet(staging / OUTCOMES)
        shutil.rmtree(tape)
        with replacing(staging / MARKER) as file:
            file.write(json.dumps({"source": source, "session": session.isoformat(), "fingerprint": fingerprint()}).encode())
    return source, folder


def is_kept(folder: Path) -> bool:
    """Return whether a finished session lies in the folder that this very code and these very tables made."""
    try:
        content = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("fingerprint") == fingerprint()


def opened(name: str, scored: Path, labels: Path, after: Path | None = None) -> ScoredSource:
    """Open a scored folder beside its labels. Raises `CommandError` that names what is missing."""
    return with_labels(name, open_results(scored), labels, after)


def with_labels(name: str, results: Results, labels: Path, after: Path | None = None) -> ScoredSource:
    """Return opened results beside the labels in a file or folder; `after` is the file of outcomes."""
    rows = read_labels(labels)
    content = pd.util.hash_pandas_object(rows[["label_id", "print_id", "profile"]], index=False).to_numpy().tobytes()
    return ScoredSource(name, results, rows, hashlib.sha256(content).hexdigest(), after)
