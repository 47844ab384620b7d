"""Partitions: the sessions of the exchange by the sources of this code location, and which of them are refused."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime

import dagster as dg
import pytest
from dagster_session import ROOT, failures, run_job

from assets import partitions
from smartmoney_pipeline.calendar.sessions import sessions_between

END_OF_2028 = datetime(2028, 12, 29, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys() -> list[date]:
    return [date.fromisoformat(key) for key in partitions.sessions.get_partition_keys(current_time=END_OF_2028)]


def test_sessions_are_those_of_the_exchange(keys):
    assert keys == sessions_between(date(2012, 1, 1), date(2028, 12, 31))


def test_published_closures_are_no_partitions(keys):
    with (ROOT / "tests" / "answers" / "nyse_closures_2024_2026.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    closed = {date.fromisoformat(row["date"]) for row in rows if row["what"] == "closed"}
    early = {date.fromisoformat(row["date"]) for row in rows if row["what"] == "early"}
    assert len(closed) > 25
    assert not closed & set(keys)
    assert early < set(keys)


def test_no_partition_is_on_a_weekend(keys):
    assert {day.weekday() for day in keys} == {0, 1, 2, 3, 4}


def test_keys_are_made_of_session_and_source():
    assert partitions.session_source.partition_dimension_names == ["session", "source"]
    expected = partitions.Partition("2026-03-18|demo-7", date(2026, 3, 18), "demo-7")
    assert partitions.partitions_named([str(partitions.session_key(date(2026, 3, 18), "demo-7"))]) == [expected]


def test_sources_are_the_real_tape_and_scenarios_or_what_the_environment_says(monkeypatch):
    monkeypatch.delenv("SMARTMONEY_SOURCES", raising=False)
    assert partitions.source_names() == ["tape", "demo-7", "test-7"]
    monkeypatch.setenv("SMARTMONEY_SOURCES", " tape, demo-8,")
    assert partitions.source_names() == ["tape", "demo-8"]


@pytest.mark.parametrize(
    ("session", "said"),
    [
        ("2026-07-03", "2026-07-03 is no session of XNYS: it is an exchange holiday; the sessions around it are 2026-07-02 and 2026-07-06"),
        ("2026-03-21", "2026-03-21 is no session of XNYS: it is a weekend; the sessions around it are 2026-03-20 and 2026-03-23"),
        ("2034-01-03", "session 2034-01-03 has not begun: in New York it is "),
        ("2050-01-03", "2050-01-03 is outside the calendar"),
    ],
)
def test_a_day_that_cannot_be_scored_is_refused(session, said):
    with pytest.raises(dg.Failure) as refused:
        partitions.partitions_named([f"{session}|tape"])
    assert refused.value.description.startswith(said)


def test_today_is_a_session_that_has_begun_and_tomorrow_is_not():
    friday, monday = date(2026, 3, 20), date(2026, 3, 23)
    assert partitions.refusal(friday, today=friday) is None
    assert partitions.refusal(monday, today=friday) == "session 2026-03-23 has not begun: in New York it is 2026-03-20"


def test_the_next_session_that_is_offered_on_a_day_off_is_refused():
    # 2026-11-22 is a Sunday: with exclusions, an end offset of 1 offers Monday.
    sunday = datetime(2026, 11, 22, 17, tzinfo=UTC)
    offered = date.fromisoformat(partitions.sessions.get_partition_keys(current_time=sunday)[-1])
    assert offered == date(2026, 11, 23)
    assert partitions.refusal(offered, today=sunday.date()) is not None


def test_a_key_without_a_source_is_refused():
    with pytest.raises(dg.DagsterInvariantViolationError, match="is not a session\\|source"):
        partitions.partitions_named(["2026-03-18"])


def test_a_run_of_a_refused_day_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(partitions, "refusal", lambda session, today: f"{session} is refused")
    result = run_job(tmp_path / "lake", only=("scenario_tape", "tape", "event_calendar"))
    assert failures(result) == {"scenario_tape": "2026-03-18 is refused"}
    assert not (tmp_path / "lake").exists()


def test_an_unknown_pack_is_an_error_that_names_it(tmp_path):
    # A source is a partition before it is a pack.
    from assets.tapes import generate_tape
    from resources.lake import LakeResource
    from smartmoney_pipeline.scenarios.errors import ScenarioError

    with pytest.raises(ScenarioError, match="nothing"):
        generate_tape(partitions.partitions_named(["2026-03-18|nothing-1"])[0], LakeResource(root=str(tmp_path)))
