"""A backfill through the real daemon: a run is killed, then daemon, code server and runs at once; started again it ends all the same."""

from __future__ import annotations

import importlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster as dg
import pytest

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, published_sessions, read_manifest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "test-7"
DAYS = (date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 18))
PATIENCE_S = 900.0
SEED = 20260318


@pytest.fixture(scope="module")
def daemon_module() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield importlib.import_module("daemon")
    sys.path.remove(str(ROOT / "benchmarks"))


def undisturbed(base: Path) -> dict[date, str]:
    """Run hash of each session by library calls alone."""
    found = {}
    for day in DAYS:
        write(generate("test", day, 7), base / f"{day}" / "tape", base / f"{day}" / "labels")
        imported = import_day(base / f"{day}" / "tape", base / f"{day}" / "day", source=SOURCE)
        found[day] = score_day(day_context(imported), base / f"{day}" / "out").manifest["run_hash"]
    return found


def check_published(lake: Lake, hashes: dict[date, str]) -> int:
    """Every published session can be read whole and is the undisturbed one; returns how many there are."""
    sessions = published_sessions(lake)
    for day, source in sessions:
        published = open_published(lake, day, source)
        assert published.manifest.run_hash == hashes[day]
        for name, table in published.manifest.tables.items():
            assert published.read(name).num_rows == table.rows
    return len(sessions)


def until(wanted: Callable[[], Any]) -> Any:
    """Wait for something true and return it."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := wanted():
            return found
        time.sleep(0.3)
    raise AssertionError("waited in vain")


def working(module: ModuleType, instance: dg.DagsterInstance, but: int | None = None) -> int | None:
    """Process of a run that is under way, other than `but`."""
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    pids = [module.worker_of(instance, run.run_id) for run in runs]
    return next((pid for pid in pids if pid not in {None, but} and Path(f"/proc/{pid}").exists()), None)


@pytest.mark.long
def test_a_backfill_goes_on_after_its_processes_were_killed(daemon_module, tmp_path):
    hashes, moments = undisturbed(tmp_path / "library"), random.Random(SEED)
    site = daemon_module.Site(tmp_path / "home", tmp_path / "lake", (SOURCE,), batch=1)
    site.prepare()
    lake, log = Lake(site.lake), tmp_path / "daemon.log"
    daemon = site.start(log)
    try:
        backfill = site.launch(DAYS)
        with site.instance() as instance:
            first = until(lambda: working(daemon_module, instance))
            time.sleep(moments.uniform(0, 3))
            os.kill(first, signal.SIGKILL)
            until(lambda: published_sessions(lake))
            assert check_published(lake, hashes) < len(DAYS)
            until(lambda: working(daemon_module, instance, first))
            time.sleep(moments.uniform(0, 3))
        daemon_module.end(daemon, signal.SIGKILL)
        done_before = check_published(lake, hashes)
        daemon = site.start(log)
        said, _ = daemon_module.wait_for_backfill(site, backfill, daemon.pid, PATIENCE_S)
    finally:
        daemon_module.end(daemon)
    assert said == "COMPLETED_SUCCESS", log.read_text()[-3000:]
    assert check_published(lake, hashes) == len(DAYS)
    assert {day: read_manifest(lake, day, SOURCE).run_hash for day in DAYS} == hashes
    assert not [path for path in site.lake.rglob(".*") if path.name not in {".", ".."}]
    with site.instance() as instance:
        lost = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        open_runs = instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    # The run that was killed alone and those that died with the daemon count as failed, and none as still working.
    assert len(lost) >= 2
    assert open_runs == []
    sys.stdout.write(f"one run killed, then all processes with {done_before} of {len(DAYS)} sessions published; {len(lost)} runs lost\n")
