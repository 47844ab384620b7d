"""`smartmoney events`: the table, the cards, the lake, and what cannot be shown. Expected values are read from the scored tables."""

from __future__ import annotations

import json
import shutil

import pyarrow.parquet as pq
import pytest
from command_runs import SESSION, run

from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent


@pytest.fixture(scope="module")
def table(scored):
    events = pq.read_table(scored / "smart_money_events.parquet").to_pandas()
    return events.assign(premium=[features["premium_usd"] for features in events["features"]])


def test_first_come_the_largest_of_each_published_profile(scored, table):
    published = table[~table["abstained"]]
    profiles = published["primary_profile_id"].nunique()
    shown = json.loads(run("events", scored, "--top", profiles, "--json").out)
    largest = published.groupby("primary_profile_id")["premium"].max()
    found = {event["primary_profile_id"]: event["features"]["premium_usd"] for event in shown["events"]}
    assert found == largest.to_dict()
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert shown["fitting"] == len(published)
    assert shown["session"] == SESSION


def test_json_events_keep_the_contract(scored):
    for event in json.loads(run("events", scored, "--json", "--all").out)["events"]:
        del event["legs"]
        assert SmartMoneyEvent.model_validate(event).event_id == event["event_id"]


def test_a_card_shows_ladder_direction_reasons_and_careful_words(scored, table):
    out = run("events", scored, "--top", 1).out
    first = table[~table["abstained"]].sort_values("premium", ascending=False).iloc[0]
    assert f"Consistent with {first['primary_profile_id']}" in out
    for name in ("institutional_directional", "retail_whale", "event_driven", "vol_seller", "arbitrage", "hedge_reactive", "none"):
        assert name in out
    assert first["primary_direction"] in out
    assert first["profile_scores"][0]["reasons"][0] in out
    assert f"What speaks for {first['primary_profile_id']}" in out
    assert first["event_id"] in out


def test_an_abstained_event_says_why_in_words(scored, table):
    top = table.sort_values("premium", ascending=False).head(20)
    abstained = top[top["abstained"]].iloc[0]
    out = run("events", scored, "--all", "--top", 20).out
    assert abstained["event_id"] in out
    assert "No profile is published: " in out
    assert all(reason not in out for reason in abstained["abstention_reasons"]), "reasons are said in words, not in codes"


def test_a_profile_and_an_underlying_narrow_the_choice(scored, table):
    shown = json.loads(run("events", scored, "--profile", "arbitrage", "--underlying", "aapl", "--top", 99, "--json").out)
    chosen = table[(table["primary_profile_id"] == "arbitrage") & (table["underlying_id"] == "AAPL")]
    assert {event["event_id"] for event in shown["events"]} == set(chosen["event_id"])
    assert len(chosen) > 0


def test_all_with_a_profile_takes_in_abstained_events_where_it_is_likeliest(scored, table):
    shown = json.loads(run("events", scored, "--profile", "vol_seller", "--all", "--top", 9999, "--json").out)
    first = [scores[0]["profile_id"] for scores in table["profile_scores"]]
    assert {event["event_id"] for event in shown["events"]} == set(table["event_id"][[name == "vol_seller" for name in first]])


def test_no_cards_leaves_the_table_alone(scored):
    out = run("events", scored, "--no-cards").out
    assert "IREVAH" in out
    assert "╭" not in out


def test_a_narrow_terminal_keeps_the_words_and_drops_the_ladder(scored, table):
    narrow = run("events", scored, "--no-cards", width=80).out
    assert "IREVAH" not in narrow
    assert max(map(len, narrow.splitlines())) <= 80
    assert table[~table["abstained"]].sort_values("premium", ascending=False).iloc[0]["primary_profile_id"] in narrow


def test_nothing_that_fits_is_said_in_words(scored):
    ended = run("events", scored, "--profile", "retail_whale", "--underlying", "SPX")
    assert ended.code == 0
    assert "no event is published as consistent with retail_whale" in ended.out


def test_an_underlying_that_did_not_trade_is_an_error(scored):
    ended = run("events", scored, "--underlying", "IBM")
    assert ended.code == 1
    assert "no event of IBM; there are AAPL" in ended.err


def test_a_lake_names_the_contracts(lake):
    shown = json.loads(run("events", lake, "--top", 3, "--session", SESSION, "--source", "test-7", "--json").out)
    packages = [event for event in shown["events"] if event["event_kind"] == "multi_leg_event"]
    assert packages
    assert all(event["legs"] for event in shown["events"])
    assert all(len(event["legs"]) > 1 or "stock_tied" in event["quality_flags"] for event in packages)
    assert sum(leg["contracts"] for leg in packages[0]["legs"]) == packages[0]["features"]["contracts"]


def test_the_only_session_of_a_lake_needs_no_choice(lake):
    assert f"{SESSION}  source test-7" in run("events", lake, "--no-cards").out


@pytest.mark.parametrize("words", [("--source", "demo-1"), ("--session", "2025-01-16")])
def test_what_is_not_published_is_an_error_that_lists_what_is(lake, words):
    ended = run("events", lake, *words)
    assert ended.code == 1
    assert f"there is {SESSION} test-7" in ended.err


def test_more_than_one_session_asks_for_a_choice(lake, tmp_path):
    shutil.copytree(lake, tmp_path / "lake")
    manifest = tmp_path / "lake" / "_published" / f"session={SESSION}" / "source=test-7.json"
    manifest.with_name("source=test-8.json").write_text(manifest.read_text())
    ended = run("events", tmp_path / "lake")
    assert ended.code == 1
    assert "choose with --session and --source" in ended.err


def test_a_table_that_was_changed_after_publication_is_refused(lake, tmp_path):
    shutil.copytree(lake, tmp_path / "lake")
    # The published file, which has a name of its own: the partition's file may be written anew at any time.
    file = next((tmp_path / "lake" / "_versions" / "smart_money_events").rglob("*.parquet"))
    file.write_bytes(file.read_bytes() + b"x")
    ended = run("events", tmp_path / "lake")
    assert ended.code == 1
    assert "changed after it was published" in ended.err


def test_session_and_source_belong_to_a_lake(scored):
    ended = run("events", scored, "--source", "tape")
    assert ended.code == 1
    assert "no lake" in ended.err


@pytest.mark.parametrize(("name", "fault"), [("missing", "there is no such folder"), ("empty", "holds no scored day")])
def test_a_folder_without_a_result_is_named(tmp_path, name, fault):
    (tmp_path / "empty").mkdir()
    ended = run("events", tmp_path / name)
    assert ended.code == 1
    assert name in ended.err
    assert fault in ended.err


def test_a_truncated_events_table_is_named(scored, tmp_path):
    shutil.copytree(scored, tmp_path / "out")
    file = tmp_path / "out" / "smart_money_events.parquet"
    file.write_bytes(file.read_bytes()[:5000])
    ended = run("events", tmp_path / "out")
    assert ended.code == 1
    assert "smart_money_events.parquet" in ended.err
    assert ended.err.count("\n") == 1, "one line"


@pytest.mark.parametrize("words", [("--profile", "whale"), ("--top", "0"), ("--session", "2025-1-1")])
def test_usage_errors(scored, words):
    assert run("events", scored, *words).code == 2
