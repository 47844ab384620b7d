"""One generated session, scored once, for every test of the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_runs import SESSION, Ended, run

TABLES = ("smart_money_events", "parent_event_members", "event_evidence", "event_legs")


@pytest.fixture(scope="session")
def generated(tmp_path_factory) -> tuple[Path, Ended]:
    """Folder with `tape` and `labels` of the test pack, and what the command said."""
    folder = tmp_path_factory.mktemp("cli_day")
    ended = run("scenarios", "generate", "test-7", "--session", SESSION, "--out", folder, "--json")
    assert (ended.code, ended.err) == (0, "")
    return folder, ended


@pytest.fixture(scope="session")
def day(generated) -> Path:
    """That folder."""
    return generated[0]


@pytest.fixture(scope="session")
def scored(day, tmp_path_factory) -> Path:
    """That tape scored into a folder."""
    folder = tmp_path_factory.mktemp("cli_scored") / "out"
    ended = run("score", day / "tape", "--out", folder, "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    return folder


@pytest.fixture(scope="session")
def lake_day(day, tmp_path_factory) -> Path:
    """The tape in the lake layout."""
    from smartmoney_pipeline.engine.ingest import import_day

    return import_day(day / "tape", tmp_path_factory.mktemp("cli_lake_day") / "day", source="test-7").folder


@pytest.fixture(scope="session")
def lake(scored, tmp_path_factory) -> Path:
    """A lake in which the session is published as test-7."""
    from smartmoney_pipeline.store.lake import Lake
    from smartmoney_pipeline.store.manifest import publish

    lake = Lake(tmp_path_factory.mktemp("cli_lake"))
    for name in TABLES:
        lake.write(name, SESSION, "test-7", pq.read_table(scored / f"{name}.parquet"))
    publish(lake, SESSION, "test-7", TABLES, {"code": "test"})
    return lake.root


@pytest.fixture
def changed_tape(day, tmp_path) -> Callable[..., Path]:
    """Return a function that copies the tape with `option_prints` changed by a function on its table."""

    def make(change: Callable[[pa.Table], pa.Table]) -> Path:
        tape = tmp_path / "changed"
        shutil.copytree(day / "tape", tape)
        prints = pq.read_table(tape / "option_prints.parquet")
        pq.write_table(change(prints), tape / "option_prints.parquet")
        return tape

    return make
