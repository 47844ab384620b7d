"""Scoring runs that write to object storage, killed at random moments: the result is old or new, and the next runs leave nothing behind."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.store.object_folder import current_run, opened_folder, publish_folder
from smartmoney_pipeline.store.objects import Objects

VICTIM = """
import sys
from pathlib import Path
from smartmoney_pipeline.engine.executor import SerialExecutor
from smartmoney_pipeline.engine.score_buckets import score_buckets
from smartmoney_pipeline.tape.layout import TapeDay
sys.stdout.write("started\\n")
sys.stdout.flush()
score_buckets(TapeDay.open(Path(sys.argv[1])), None, sys.argv[2], SerialExecutor(), 2)
"""
KILLS = int(os.environ.get("SMARTMONEY_KILLS", "30"))
SEED = 20260318


def start(day: Path, out: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", VICTIM, str(day), out], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def run_whole(day: Path, out: str) -> float:
    """Run to the end; returns the seconds from the start of its work."""
    with start(day, out) as process:
        assert process.stdout.readline() == "started\n"
        began = time.monotonic()
        assert process.wait(300) == 0
    return time.monotonic() - began


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.long
def test_kills_at_random_moments_leave_the_old_result_or_the_new(bucket, tmp_path):
    days = []
    for seed in (7, 8):
        write(generate("test", date(2026, 3, 18), seed), tmp_path / f"tape{seed}", tmp_path / f"labels{seed}")
        days.append(import_day(tmp_path / f"tape{seed}", tmp_path / f"day{seed}", source="test-7").folder)
    seconds, clean = 0.0, []
    for number, day in enumerate(days):
        seconds = run_whole(day, f"{bucket}/clean{number}")
        clean.append(hashes(opened_folder(f"{bucket}/clean{number}")))
    assert clean[0] != clean[1]

    out, moments = f"{bucket}/out", random.Random(SEED)
    run_whole(days[0], out)
    cut_short = seen_new = 0
    for number in range(KILLS):
        before = current_run(Objects(out))
        with start(days[(number + 1) % 2], out) as process:
            assert process.stdout.readline() == "started\n"
            time.sleep(moments.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
            cut_short += process.wait(60) == -signal.SIGKILL
        found = hashes(opened_folder(out))
        after = current_run(Objects(out))
        assert found == clean[(number + 1) % 2] if after != before else found in clean
        seen_new += after != before
    assert cut_short >= KILLS * 0.8

    run_whole(days[1], out)
    assert hashes(opened_folder(out)) == clean[1]
    # What is a day old in life is removed at once here: parts and days that killed runs had handed over, and all but two runs.
    publish_folder(opened_folder(out), Objects(out), grace=timedelta(0))
    left = {tuple(one.name.split("/")[:2]) for one in Objects(out).listed()}
    assert left == {("published.json",), ("runs", current_run(Objects(out)))}
    sys.stdout.write(f"{KILLS} kills, {cut_short} of them before the end, {seen_new} left the new result, the others the old one\n")
