"""`smartmoney acceptance`: scenario packs generated and scored over many seeds, and held against what is right, case by case."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.console.judged import NESTED_COLUMNS, SHAPE_COLUMNS, inputs_of
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.evaluation.acceptance import acceptance_table, judged, noise, noise_row
from smartmoney_pipeline.evaluation.flat import PROBABILITIES, flat_events
from smartmoney_pipeline.profiles import calibration
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.scenarios.generate import generate
from smartmoney_pipeline.tape.ingest import build_day, read_frames

SESSION = date(2026, 3, 18)
"""The session of the demonstration, round which the events of the packs are placed."""
EVENTS = ["event_id", "primary_profile_id", "abstained", *NESTED_COLUMNS, *SHAPE_COLUMNS]
_FIGURES = ("found", "wins", "below", "worst_wrong", "abstained", "right")


@dataclass(frozen=True)
class Acceptance:
    """Pack, session, seeds; the table of cases (`evaluation.acceptance.acceptance_table`); and the verdict on background."""

    pack: str
    session: date
    seeds: range
    table: pd.DataFrame
    noise: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether every case and the background came out right."""
        return bool(self.table["passed"].all()) and bool(self.noise["passed"])


@dataclass(frozen=True)
class _Seed:
    outcomes: pd.DataFrame
    published: int
    background: int


def run(pack: str, session: date, seeds: range, processes: int = 1, progress: Callable[[int], None] | None = None) -> Acceptance:
    """Generate and score one session a seed, in `processes`; the result does not depend on their number. Raises `ScenarioError`."""
    done: list[_Seed] = []
    for seed in _each(partial(_one_seed, pack, session), seeds, processes):
        done.append(seed)
        if progress is not None:
            progress(len(done))
    table = acceptance_table(pd.concat([seed.outcomes for seed in done], ignore_index=True))
    background = noise_row(sum(seed.published for seed in done), sum(seed.background for seed in done))
    return Acceptance(pack, session, seeds, table, background)


def _each(work: Callable[[int], _Seed], seeds: range, processes: int) -> Iterator[_Seed]:
    if processes == 1:
        yield from map(work, seeds)
        return
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, seeds)


def _one_seed(pack: str, session: date, seed: int) -> _Seed:
    day = generate(pack, session, seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smartmoney-acceptance-")))
        frames = read_frames(day.tables, session)
        opened = build_day(frames, folder / "day", f"{pack}-{seed}", settlement_instant_ns)
        score_day(day_context(opened), folder / "out")
        events = flat_events(pq.read_table(folder / "out" / "smart_money_events.parquet", columns=EVENTS))
        raw = score(inputs_of(events), calibration.load(calibration.IDENTITY)).probability
        events = events.assign(**dict(zip(PROBABILITIES, raw.T, strict=True)))
        members = pq.read_table(folder / "out" / "parent_event_members.parquet", columns=["event_id", "print_id"]).to_pandas()
    outcomes = judged(events, members, day.labels)
    return _Seed(outcomes.assign(seed=seed), *noise(events, members, day.labels))


def acceptance_json(found: Acceptance) -> dict[str, Any]:
    """Return the table and the verdict in the form of `--json`; unknown is null."""
    records = [{str(k): None if pd.isna(v) else v for k, v in row.items()} for row in found.table.to_dict("records")]
    seeds = list(found.seeds)
    return {"pack": found.pack, "session": found.session, "seeds": seeds, "cases": records, "noise": found.noise, "passed": found.passed}


def keep(found: Acceptance, file: Path | None) -> None:
    """Write the table of cases as CSV, shares with three decimals; nothing where `file` is None."""
    if file is not None:
        found.table.round(3).to_csv(file, index=False, lineterminator="\n")


def acceptance_view(found: Acceptance) -> RenderableType:
    """Return the cases by family with their verdicts, and a line on background."""
    tables = [_family(str(name), rows) for name, rows in found.table.groupby("family", sort=True)]
    good, noise_ = int(found.table["passed"].sum()), found.noise
    lines = [
        f"background: {count(noise_['published'])} of {count(noise_['background_events'])} events published, "
        f"{noise_['per_10000']:.1f} per 10,000: {_verdict(noise_['passed'])}",
        f"{good} of {len(found.table)} cases pass over {len(found.seeds)} seeds of {found.pack}",
    ]
    return Group(*tables, Text("\n".join(lines)))


def _family(name: str, rows: pd.DataFrame) -> Table:
    """The cases of one family; template, variant and difficulty share the first column, which wraps and is never cut."""
    table = Table(title=name.replace("_", " ").capitalize(), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("case", overflow="fold", ratio=1)
    table.add_column("expected", overflow="fold")
    for column in ("n", *_FIGURES):
        table.add_column(column.replace("_", " "), justify="right")
    table.add_column("", no_wrap=True)
    for row in rows.to_dict("records"):
        figures = ["-" if pd.isna(row[name]) else f"{row[name]:.2f}" for name in _FIGURES]
        case = " ".join(str(row[name]) for name in ("template", "variant", "difficulty"))
        table.add_row(case, str(row["expected"]), str(row["n"]), *figures, _verdict(row["passed"]))
    return table


def _verdict(passed: bool) -> str:
    return "pass" if passed else "FAIL"


def failed(found: Acceptance) -> str:
    """Return what did not pass, in one line."""
    cases = int((~found.table["passed"].astype(bool)).sum())
    return f"{cases} of {len(found.table)} cases fail" + ("" if found.noise["passed"] else ", and background sets off too much")
