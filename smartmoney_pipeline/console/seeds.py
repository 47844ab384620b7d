"""Generates and scores sessions of a pack, one a seed, for calibration and evaluation; labels stay apart from the tapes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from smartmoney_pipeline.console import scenarios, scoring
from smartmoney_pipeline.console.metrics import read_labels
from smartmoney_pipeline.console.results import Results, open_results
from smartmoney_pipeline.console.terminal import CommandError, progress_bar

MAX_SEEDS = 1_000
SCORED = "scored"
_RANGE = re.compile(r"(\d+)(?:\.\.(\d+))?")


@dataclass(frozen=True, slots=True)
class ScoredSource:
    """One scored session with its labels and, where it is still there, its tape."""

    name: str
    results: Results
    labels: pd.DataFrame
    labels_hash: str
    tape: Path | None = None


@dataclass(frozen=True, slots=True)
class SeedJob:
    """Which sessions: a pack, its seeds, the session, the folder to work in, and how many processes."""

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
    """Generate and score each seed below the job's folder, and yield it in the order of the seeds.

    Raises what `scenarios generate` and `score` raise.
    """
    tasks = [(f"{job.pack}-{seed}", job.session, job.folder / str(seed)) for seed in job.seeds]
    with progress_bar(f"scoring {job.pack}", len(tasks), job.quiet) as progress:
        for done, (name, folder) in enumerate(_run(tasks, min(job.processes, len(tasks))), start=1):
            if progress is not None:
                progress(done)
            yield opened(name, folder / SCORED, folder / scenarios.LABELS, folder / scenarios.TAPE)


def _run(tasks: Sequence[tuple[str, date, Path]], processes: int) -> Iterator[tuple[str, Path]]:
    if processes <= 1:
        yield from map(_one, tasks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_one, tasks)


def _one(task: tuple[str, date, Path]) -> tuple[str, Path]:
    """Generate and score one source, in whatever process this runs."""
    source, session, folder = task
    scenarios.generate_into(source, session, folder)
    scoring.run(scoring.Job(folder / scenarios.TAPE, folder / SCORED, "canonical", session, source, True, None, None))
    return source, folder


def opened(name: str, scored: Path, labels: Path, tape: Path | None = None) -> ScoredSource:
    """Open a scored folder beside its labels. Raises `CommandError` that names what is missing."""
    results = open_results(scored)
    return with_labels(name, results, labels, tape)


def with_labels(name: str, results: Results, labels: Path, tape: Path | None = None) -> ScoredSource:
    """Return opened results beside the labels in a file or folder."""
    rows = read_labels(labels)
    content = pd.util.hash_pandas_object(rows[["label_id", "print_id", "profile"]], index=False).to_numpy().tobytes()
    return ScoredSource(name, results, rows, hashlib.sha256(content).hexdigest(), tape)
