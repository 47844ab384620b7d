"""Scoring runs that write to object storage, killed at random moments: the result is old or new, and the next runs leave nothing behind."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from file_hashes import hashes
from killed_runs import Tally, killed, run_whole

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


def words(day: Path, out: str) -> list[str | Path]:
    return ["-c", VICTIM, day, out]


@pytest.mark.long
def test_kills_at_random_moments_leave_the_old_result_or_the_new(bucket, tmp_path):
    days = []
    for seed in (7, 8):
        write(generate("test", date(2026, 3, 18), seed), tmp_path / f"tape{seed}", tmp_path / f"labels{seed}")
        days.append(import_day(tmp_path / f"tape{seed}", tmp_path / f"day{seed}", source="test-7").folder)
    seconds, clean = 0.0, []
    for number, day in enumerate(days):
        seconds = run_whole(words(day, f"{bucket}/clean{number}"))
        clean.append(hashes(opened_folder(f"{bucket}/clean{number}")))
    assert clean[0] != clean[1]

    out, tally = f"{bucket}/out", Tally()
    run_whole(words(days[0], out))
    before, seen_new = current_run(Objects(out)), 0
    for number in killed(lambda number: words(days[number % 2], out), seconds, tally):
        found = hashes(opened_folder(out))
        after = current_run(Objects(out))
        assert found == clean[number % 2] if after != before else found in clean
        seen_new += after != before
        before = after

    run_whole(words(days[1], out))
    assert hashes(opened_folder(out)) == clean[1]
    # What is a day old in life is removed at once here: parts and days that killed runs had handed over, and all but two runs.
    publish_folder(opened_folder(out), Objects(out), grace=timedelta(0))
    left = {tuple(one.name.split("/")[:2]) for one in Objects(out).listed()}
    assert left == {("published.json",), ("runs", current_run(Objects(out)))}
    sys.stdout.write(
        f"{tally.runs} runs, {tally.cut_short} of them killed before their end, {seen_new} left the new result, the others the old one\n"
    )
