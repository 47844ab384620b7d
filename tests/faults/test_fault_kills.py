"""Scoring runs killed at random moments: what is published is readable and old or new, and the next run repairs everything."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, published_sessions, read_manifest

ROOT = Path(__file__).resolve().parents[2]
VICTIM = Path(__file__).with_name("score_once.py")
SESSION, SOURCE = "2026-03-18", "test-7"
KILLS = int(os.environ.get("SMARTMONEY_KILLS", "30"))
SEED = 20260318


def start(day: Path, lake: Path) -> subprocess.Popen:
    command = [sys.executable, str(VICTIM), str(day), str(lake), SESSION, SOURCE]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def run_whole(day: Path, lake: Path) -> float:
    """Run to the end; returns the seconds from the start of its work."""
    with start(day, lake) as process:
        assert process.stdout.readline() == "started\n"
        began = time.monotonic()
        assert process.wait(300) == 0
    return time.monotonic() - began


def hashes(lake: Path) -> dict[str, str]:
    """Every file but the versions, which keep what was published before."""
    files = sorted(path for path in lake.rglob("*") if path.is_file() and "_versions" not in path.parts)
    return {path.relative_to(lake).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def days(tmp_path_factory) -> tuple[Path, Path]:
    """Two tapes of one session: seed 7, and one that was corrected, for which seed 8 stands."""
    base = tmp_path_factory.mktemp("fault_days")
    made = []
    for seed in (7, 8):
        write(generate("test", date(2026, 3, 18), seed), base / f"tape{seed}", base / f"labels{seed}")
        import_day(base / f"tape{seed}", base / f"day{seed}", source=SOURCE)
        made.append(base / f"day{seed}")
    return made[0], made[1]


@pytest.mark.long
def test_thirty_kills_at_random_moments(days, tmp_path):
    clean = {}
    seconds = 0.0
    for day in days:
        seconds = run_whole(day, tmp_path / day.name)
        clean[day] = hashes(tmp_path / day.name)
    manifests = {read_manifest(Lake(tmp_path / day.name), SESSION, SOURCE).run_hash for day in days}
    assert len(manifests) == 2

    lake, moments = tmp_path / "lake", random.Random(SEED)
    shutil.copytree(tmp_path / days[0].name, lake, symlinks=True)
    cut_short = seen_new = number = 0
    while cut_short < KILLS:
        number += 1
        assert number <= 4 * KILLS, "runs end before they are killed"
        day = days[number % 2]
        before = read_manifest(Lake(lake), SESSION, SOURCE)
        with start(day, lake) as process:
            assert process.stdout.readline() == "started\n"
            time.sleep(moments.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
            cut_short += process.wait(60) == -signal.SIGKILL
        assert published_sessions(Lake(lake)) == [(date(2026, 3, 18), SOURCE)]
        published = open_published(Lake(lake), SESSION, SOURCE)
        assert published.manifest.run_hash in manifests
        for name in published.manifest.tables:
            assert published.read(name).num_rows == published.manifest.tables[name].rows
        assert published.manifest in (before, read_manifest(Lake(tmp_path / day.name), SESSION, SOURCE))
        seen_new += published.manifest != before
    run_whole(days[1], lake)
    assert hashes(lake) == clean[days[1]]
    assert not [path for path in lake.rglob(".*") if path.name.startswith(".")]
    sys.stdout.write(f"{number} runs, {cut_short} of them killed before their end, {seen_new} left the new session, others the old one\n")
