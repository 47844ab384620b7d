"""Scoring runs killed at random moments: what is published is readable and old or new, and the next run repairs everything."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from file_hashes import hashes
from killed_runs import Tally, killed, run_whole

from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, published_sessions, read_manifest

VICTIM = Path(__file__).with_name("score_once.py")
SESSION, SOURCE = "2026-03-18", "test-7"


def words(day: Path, lake: Path) -> list[str | Path]:
    return [VICTIM, day, lake, SESSION, SOURCE]


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
        seconds = run_whole(words(day, tmp_path / day.name))
        clean[day] = hashes(tmp_path / day.name, without="_versions")
    manifests = {read_manifest(Lake(tmp_path / day.name), SESSION, SOURCE).run_hash for day in days}
    assert len(manifests) == 2

    lake, tally = tmp_path / "lake", Tally()
    shutil.copytree(tmp_path / days[0].name, lake, symlinks=True)
    before, seen_new = read_manifest(Lake(lake), SESSION, SOURCE), 0
    for number in killed(lambda number: words(days[number % 2], lake), seconds, tally):
        day = days[number % 2]
        assert published_sessions(Lake(lake)) == [(date(2026, 3, 18), SOURCE)]
        published = open_published(Lake(lake), SESSION, SOURCE)
        assert published.manifest.run_hash in manifests
        for name in published.manifest.tables:
            assert published.read(name).num_rows == published.manifest.tables[name].rows
        assert published.manifest in (before, read_manifest(Lake(tmp_path / day.name), SESSION, SOURCE))
        seen_new += published.manifest != before
        before = published.manifest
    run_whole(words(days[1], lake))
    assert hashes(lake, without="_versions") == clean[days[1]]
    assert not [path for path in lake.rglob(".*") if path.name.startswith(".")]
    sys.stdout.write(
        f"{tally.runs} runs, {tally.cut_short} of them killed before their end, {seen_new} left the new session, others the old one\n"
    )
