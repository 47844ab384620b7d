"""Runs of the daily job killed at random moments, a corrected tape each time: the session stays old or new, and the next run repairs it."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from file_hashes import hashes
from killed_runs import KILLS, Tally, killed, run_whole

from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, published_sessions, read_manifest

VICTIM = Path(__file__).with_name("materialise_once.py")
SESSION, SOURCE = "2026-03-18", "tape"


def words(lake: Path, tapes: Path) -> list[str | Path]:
    return [VICTIM, lake, tapes, SESSION]


@pytest.mark.long
def test_runs_of_the_job_killed_at_random_moments(tmp_path):
    tapes, clean, seconds = [tmp_path / "tapes7", tmp_path / "tapes8"], [], 0.0
    for number, folder in enumerate(tapes):
        write(generate("test", date(2026, 3, 18), 7 + number), folder / SESSION, tmp_path / f"labels{number}")
        seconds = run_whole(words(tmp_path / f"clean{number}", folder))
        clean.append(read_manifest(Lake(tmp_path / f"clean{number}"), SESSION, SOURCE))
    assert clean[0].run_hash != clean[1].run_hash

    lake, tally = tmp_path / "lake", Tally()
    shutil.copytree(tmp_path / "clean0", lake)
    before, seen_new = clean[0], 0
    for number in killed(lambda number: words(lake, tapes[number % 2]), seconds, tally, max(1, KILLS // 3)):
        assert published_sessions(Lake(lake)) == [(date(2026, 3, 18), SOURCE)]
        published = open_published(Lake(lake), SESSION, SOURCE)
        for name in published.manifest.tables:
            assert published.read(name).num_rows == published.manifest.tables[name].rows
        assert published.manifest in (before, clean[number % 2])
        seen_new += published.manifest != before
        before = published.manifest
    run_whole(words(lake, tapes[1]))
    assert read_manifest(Lake(lake), SESSION, SOURCE) == clean[1]
    assert hashes(lake, without="_versions") == hashes(tmp_path / "clean1", without="_versions")
    assert not [path for path in lake.rglob(".*") if path.name.startswith(".")]
    sys.stdout.write(f"{tally.runs} runs of the job, {tally.cut_short} of them killed before their end, {seen_new} left the new session\n")
