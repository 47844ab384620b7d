"""A backfill by the command line: one run over a range, the files of single runs, and what is published is left out the next time."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pytest
from dagster_session import SOURCE, failures, run_job

from assets.ranged_checks import joined
from smartmoney_pipeline.console import backfilling
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, read_manifest

DAYS = (date(2026, 3, 17), date(2026, 3, 18))


def job(lake, batch=20, again=False, source=SOURCE) -> backfilling.Job:
    return backfilling.Job(lake, (source,), DAYS[0], DAYS[1], batch, again=again)


@pytest.mark.slow
def test_a_range_in_one_run_gives_the_manifest_of_single_runs(tmp_path, twice):
    said = list(backfilling.run(job(tmp_path / "lake")))
    assert said == ["1 of 1: test-7 2026-03-17 to 2026-03-18, 2 sessions published"]
    lake = Lake(tmp_path / "lake")
    for day in DAYS:
        published = open_published(lake, day, SOURCE)
        assert published.read("smart_money_events").num_rows > 500
    assert read_manifest(lake, DAYS[1], SOURCE) == read_manifest(Lake(twice.lake), DAYS[1], SOURCE)
    assert list(backfilling.run(job(tmp_path / "lake"))) == ["nothing to do: every session is published"]
    assert [len(batch.sessions) for batch in backfilling.plan(job(tmp_path / "lake", again=True))] == [2]


def test_published_sessions_are_left_out_and_end_a_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(backfilling, "published_sessions", lambda _: [(date(2026, 3, 18), "demo-7")])
    wanted = backfilling.Job(tmp_path, ("demo-7", "test-7"), date(2026, 3, 13), date(2026, 3, 20), 3)
    # Sessions of that week and the Friday before: 13, 16, 17, 18, 19, 20.
    found = [(batch.source, [day.day for day in batch.sessions]) for batch in backfilling.plan(wanted)]
    assert found == [
        ("demo-7", [13, 16, 17]),
        ("demo-7", [19, 20]),
        ("test-7", [13, 16, 17]),
        ("test-7", [18, 19, 20]),
    ]


def test_an_unknown_source_is_named(tmp_path):
    with pytest.raises(CommandError, match="'nothing-1' is none of the sources"):
        list(backfilling.run(job(tmp_path, source="nothing-1")))


def test_one_partition_that_fails_its_check_fails_the_range_and_is_named():
    good, bad = dg.AssetCheckResult(passed=True), dg.AssetCheckResult(passed=False, metadata={"failures": 3})
    assert joined({"a|x": good}) is good
    both = joined({"a|x": good, "b|x": bad})
    assert not both.passed
    assert (both.metadata["partitions"].value, both.metadata["failed"].value, both.metadata["failures"].value) == (2, "b|x", 3)
    assert joined({"a|x": good, "b|x": good}).passed


def test_a_store_that_gets_less_than_the_run_asks_for_says_so(tmp_path, monkeypatch):
    from assets import calendar

    monkeypatch.setattr(calendar, "partitions_of", lambda _: [])
    result = run_job(tmp_path / "lake", only=("event_calendar",))
    assert "the run has the partitions" in failures(result)["event_calendar"]
