"""`smartmoney verify` over lakes: what became of the events of a session between two lakes, and since the result before."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_runs import SESSION, run, with_cells

from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import publish
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.object_retention import removable_of
from smartmoney_pipeline.store.restoring import kept_results

LATER = "2025-01-16"
CHOSEN = ("--session", SESSION, "--source", "test-7")
GONE, PROFILE, PROBABILITY, OTHER = 0, 10, 20, 30
"""Rows of the events that the changed table has otherwise: left out, another profile, another probability, another direction."""


@pytest.fixture(scope="module")
def events(scored) -> pa.Table:
    return pq.read_table(scored / "smart_money_events.parquet")


@pytest.fixture(scope="module")
def changed(events) -> pa.Table:
    """One event gone, one with another id (so new, and its former self gone), one of another profile, probability and direction each."""
    scores = events["profile_scores"].to_pylist()
    moved = [one | {"probability": one["probability"] + 0.25 * (one["profile_id"] == "arbitrage")} for one in scores[PROBABILITY]]
    published = events["primary_profile_id"][PROFILE].as_py()
    table = with_cells(events, "profile_scores", {PROBABILITY: moved[::-1]})
    table = with_cells(table, "primary_profile_id", {PROFILE: "arbitrage" if published != "arbitrage" else "vol_seller"})
    table = with_cells(table, "primary_direction", {OTHER: "mixed" if events["primary_direction"][OTHER].as_py() != "mixed" else "neutral"})
    table = with_cells(table, "event_id", {40: "another"})
    versions = pa.array(["next"] * len(table), events.schema.field("ruleset_version").type)
    at = table.column_names.index("ruleset_version")
    return table.set_column(at, table.schema.field("ruleset_version"), versions).slice(GONE + 1)


def put(lake: Lake, events: pa.Table, ruleset: str, session: str = SESSION) -> Lake:
    lake.write("smart_money_events", session, "test-7", events)
    publish(lake, session, "test-7", ["smart_money_events"], {"ruleset": ruleset})
    return lake


@pytest.fixture
def two(tmp_path, events, changed) -> tuple[Path, Path]:
    """Two lakes of one session by former and by later rules; the second holds a later session too."""
    put(Lake(tmp_path / "old"), events, "first")
    put(put(Lake(tmp_path / "new"), changed, "next"), events, "next", LATER)
    return tmp_path / "old", tmp_path / "new"


def expected(events: pa.Table) -> dict[str, object]:
    """Counted by hand from how `changed` is made; of the events that both have, five are otherwise or gone."""
    before = events["primary_profile_id"][PROFILE].as_py()
    moves = [{"before": before or "abstained", "after": "arbitrage" if before != "arbitrage" else "vol_seller", "events": 1}]
    same = len(events) - 5
    counts = {"new": 1, "gone": 2, "profile": 1, "probability": 1, "other": 1, "same": same}
    return counts | {"median": pytest.approx(0.25), "largest": pytest.approx(0.25), "moves": moves}


def test_a_session_of_two_lakes_is_compared_event_by_event(two, events):
    ended = run("verify", *two, "--json")
    assert ended.code == 1
    found = json.loads(ended.out)
    assert found["equal"] is False
    assert found["alone"] == [f"published only in {two[1]}: {LATER} test-7"]
    [one] = found["sessions"]
    assert (one["session"], one["source"]) == (SESSION, "test-7")
    assert [part["versions"] for part in one["runs"]] == [{"ruleset": "first"}, {"ruleset": "next"}]
    assert one["changes"] == expected(events)
    assert one["only_in"][1] == {"count": 1, "first": ["another"]}


def test_it_is_told_as_a_table_with_counts(two, events):
    ended = run("verify", *two, *CHOSEN, width=200)
    assert (ended.code, ended.err) == (1, "")
    lines = ended.out.splitlines()
    assert lines[0] == f"{SESSION}  source test-7"
    assert lines[1:3] == [f"before ({two[0]}): ruleset first", f"after ({two[1]}): ruleset next"]
    told = {" ".join(words[:-1]): words[-1] for line in lines if (words := line.split())}
    numbers = {"new": "1", "gone": "2", "other profile": "1", "other probability alone": "1", "other columns alone": "1"}
    numbers["the same"] = f"{len(events) - 5:,}"
    assert {name: told[name] for name in numbers} == numbers
    assert "probabilities changed by 0.25 (median) to 0.25 (largest)" in lines


def test_the_same_events_in_two_lakes_are_equal(tmp_path, events, two):
    put(Lake(tmp_path / "again"), events, "first")
    ended = run("verify", two[0], tmp_path / "again", *CHOSEN)
    assert (ended.code, ended.err) == (0, "")
    assert f"equal: {len(events):,} events, run " in ended.out


@pytest.mark.parametrize("kind", ["folder", "url"])
def test_a_lake_alone_is_compared_with_its_former_results(tmp_path, request, events, changed, kind):
    place = tmp_path / "lake" if kind == "folder" else f"{request.getfixturevalue('bucket')}/lake"
    lake = open_lake(place)
    for session in (SESSION, LATER):
        put(lake, events, "first", session)
    put(lake, changed, "next")
    found = json.loads(run("verify", place, "--json").out)
    assert [(one["session"], one["changes"]) for one in found["sessions"]] == [(SESSION, expected(events))]
    assert found["alone"] == [f"no former result is kept of {LATER} test-7"]
    [former] = [one.sha256 for one in kept_results(lake, SESSION, "test-7") if not one.current]
    chosen = run("verify", place, *CHOSEN, "--kept", former[:10])
    assert (chosen.code, chosen.err) == (1, "")
    assert f"before (former {former[:12]}): ruleset first" in chosen.out
    refused = run("verify", place, *CHOSEN, "--kept", "xyz")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == f"smartmoney: {SESSION} test-7: 0 former results begin with 'xyz'; there are {former[:12]}\n"


def test_a_range_is_a_row_a_session_and_their_sum(tmp_path, events, changed):
    lake = Lake(tmp_path / "lake")
    for session in (SESSION, LATER):
        put(lake, events, "first", session)
    put(lake, changed, "next")
    put(lake, events.slice(1), "next", LATER)
    ended = run("verify", lake.root, width=200)
    assert (ended.code, ended.err) == (1, "")
    rows = {words[0]: words[1:] for line in ended.out.splitlines() if (words := line.split())}
    n = len(events)
    assert rows[SESSION] == ["test-7", f"{n:,}", f"{n - 1:,}", "1", "2", "1", "1", "1", f"{n - 5:,}"]
    assert rows[LATER] == ["test-7", f"{n:,}", f"{n - 1:,}", "0", "1", "0", "0", "0", f"{n - 1:,}"]
    assert rows["all"] == [f"{2 * n:,}", f"{2 * n - 2:,}", "1", "3", "1", "1", "1", f"{2 * n - 6:,}"]
    assert "2 sessions and sources compared, 0 equal, 2 different" in ended.out
    assert run("verify", lake.root, "--quiet").out == ""


def test_a_session_of_a_lake_is_compared_with_a_folder(two, scored):
    assert run("verify", two[0], scored, *CHOSEN).out.startswith("equal: ")
    found = json.loads(run("verify", scored, two[1], *CHOSEN, "--json").out)
    assert (found["equal"], found["changes"]["profile"]) == (False, 1)


def test_results_without_an_event_in_common_say_why_that_may_be(tmp_path, events):
    renamed = with_cells(events, "event_id", {row: f"{name}-" for row, name in enumerate(events["event_id"].to_pylist())})
    put(put(Lake(tmp_path / "lake"), events, "first"), renamed, "first")
    assert "no event is in both: ids hold session, source, underlying and prints" in run("verify", tmp_path / "lake", width=200).out


def test_what_retention_removed_is_no_former_result(tmp_path, events, changed):
    from datetime import UTC, datetime, timedelta

    lake = put(put(Lake(tmp_path / "lake"), events, "first"), changed, "next")
    removable_of(lake, datetime.now(UTC) + timedelta(days=1)).remove()
    ended = run("verify", lake.root)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.endswith(f"there is nothing to compare: no former result is kept of {SESSION} test-7\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("{scored}",), "no lake, so a second result to compare it with is needed"),
        (("{scored}", "{scored}", "--session", SESSION), "neither place is one"),
        (("{old}", "{new}", "--kept", "ab"), "--kept takes one lake"),
        (("{new}", "--kept", "ab"), "--kept takes one session"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(two, scored, words, said):
    ended = run("verify", *(word.format(scored=scored, old=two[0], new=two[1]) for word in words))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_lakes_without_a_session_in_common_are_an_error(tmp_path, events, two):
    put(Lake(tmp_path / "other"), events, "first", LATER)
    ended = run("verify", two[0], tmp_path / "other")
    assert (ended.code, ended.out) == (1, "")
    assert "there is nothing to compare: published only in" in ended.err
