"""The stress pack: a day of any size, made replica by replica by a pool of processes and written as a stream."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.scenarios.clock import open_clock
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.generate import generate_pack
from smartmoney_pipeline.scenarios.labels import LABEL_SCHEMA, sides_arrow
from smartmoney_pipeline.scenarios.packs import Pack, check_seed
from smartmoney_pipeline.scenarios.stress_files import StreamedTables, streamed
from smartmoney_pipeline.scenarios.stress_plan import Cell, Steering, Wanted, check_wanted, cut, stress_terms
from smartmoney_pipeline.scenarios.underlyings import underlying
from smartmoney_pipeline.tape.canonical import canonical_table

STRESS = "stress"
_WAITING = 2
"""Replicas that wait beside each process that works: they bound the memory of the one that writes."""
_ONCE = ("rates",)
"""Tables that are the same for every underlying."""

Progress = Callable[[int], None]
"""Takes the number of prints written so far."""


@dataclass(frozen=True, slots=True)
class StressDay:
    """What was written: seed, session, underlyings, and rows by table of the tape."""

    seed: int
    session: date
    underlyings: int
    rows: dict[str, int]


@dataclass(frozen=True)
class _Made:
    tape: dict[str, pa.Table]
    labels: dict[str, pa.Table]


def default_size() -> Wanted:
    """Return the totals of a stress day where none are asked for."""
    return Wanted(stress_terms().prints, stress_terms().quotes)


def generate_stress(
    session: date, seed: int, wanted: Wanted, tape_folder: Path, labels_folder: Path, processes: int = 1, progress: Progress | None = None
) -> StressDay:
    """Write a day of about `wanted` rows: the canonical tape, and its labels in another folder.

    The bytes depend on session, seed and totals alone, not on `processes`. Rows of one underlying stand together, in order of time; order
    over underlyings is not global. Replicas of the index carry European exercise in `contracts`.
    Raises `ScenarioError` for a bad seed, a closed exchange, impossible totals, folders that hold files, or no process.
    """
    check_seed(seed)
    open_clock(session)
    check_apart(tape_folder, labels_folder)
    if processes < 1:
        raise ScenarioError(f"{processes} processes: at least one is needed")
    terms = stress_terms()
    cells = cut(terms, check_wanted(wanted.prints, wanted.quotes))
    steering = Steering(terms, wanted, cells)
    with ExitStack() as stack:
        tape, labels = (stack.enter_context(streamed(folder)) for folder in (tape_folder, labels_folder))
        pool = stack.enter_context(_pool(processes)) if processes > 1 else None
        for wave, group in groupby(cells, key=lambda cell: cell.wave):
            made: dict[str, Wanted] = {}
            for cell, part in _made(pool, processes, list(group), steering, session, seed):
                _append(tape, labels, part)
                made[cell.ticker] = Wanted(len(part.tape["option_prints"]), len(part.tape["option_quotes"]))
                if progress is not None:
                    progress(tape.rows["option_prints"])
            steering.learn(wave, made)
        rows = dict(tape.rows)
    return StressDay(seed, session, len(cells), rows)


def check_apart(tape_folder: Path, labels_folder: Path) -> None:
    """Raise `ScenarioError` if labels would lie inside the tape."""
    tape, labels = tape_folder.resolve(), labels_folder.resolve()
    if labels == tape or tape in labels.parents:
        raise ScenarioError(f"labels must lie outside the tape: {labels_folder} is in {tape_folder}")


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _made(
    pool: ProcessPoolExecutor | None, processes: int, cells: list[Cell], steering: Steering, session: date, seed: int
) -> Iterator[tuple[Cell, _Made]]:
    """Give the replicas of a wave in their order; with a pool a few are made ahead."""
    if pool is None:
        for cell in cells:
            yield cell, make_replica(steering.pack(cell), session, seed)
        return
    ahead: list[tuple[Cell, Future[_Made]]] = []
    waiting = iter(cells)
    for _ in cells:
        for cell in islice(waiting, processes * _WAITING - len(ahead)):
            ahead.append((cell, pool.submit(make_replica, steering.pack(cell), session, seed)))
        first, future = ahead.pop(0)
        yield first, future.result()


def make_replica(pack: Pack, session: date, seed: int) -> _Made:
    """Return the canonical tables of a pack of one underlying, its labels and the customer sides."""
    day = generate_pack(pack, session, seed)
    tape = {name: canonical_table(name, table) for name, table in day.tables.items()}
    if underlying(pack.underlyings[0]).is_index:
        tape["contracts"] = canonical_table("contracts", _index_contracts(tape["open_interest"]))
    labels = pa.Table.from_pandas(day.labels, schema=LABEL_SCHEMA, preserve_index=False).replace_schema_metadata(None)
    return _Made(tape, {"labels": labels, "sides": sides_arrow(day.sides)})


def _index_contracts(listed: pa.Table) -> pd.DataFrame:
    about: dict[str, Any] = {"multiplier": 100, "settlement": "pm", "exercise": "european", "adjusted": False}
    return pd.DataFrame({"option_symbol": listed["option_symbol"].to_pandas()}).assign(**about)


def _append(tape: StreamedTables, labels: StreamedTables, made: _Made) -> None:
    fresh: dict[str, Any] = {name: table for name, table in made.tape.items() if name not in _ONCE or name not in tape.rows}
    tape.append(fresh)
    labels.append(made.labels)
