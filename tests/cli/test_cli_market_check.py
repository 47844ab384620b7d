"""`smartmoney market-check` and `smartmoney scenarios picture`: what they print, write, and end with."""

from __future__ import annotations

import json

import pytest
from command_runs import run

from smartmoney_pipeline.console import market_check, pictures
from smartmoney_pipeline.evaluation.market_check.day import Measured
from smartmoney_pipeline.evaluation.market_check.published import TABLE
from smartmoney_pipeline.evaluation.market_check.run import Finding


@pytest.fixture
def measured(monkeypatch):
    """Let the check find every statistic in the middle of its band, or the first one far above it."""

    def make(wrong: bool) -> None:
        found = [Finding(row, Measured(0.5 * (row.low + row.high), row.least)) for row in TABLE]
        found[0] = Finding(TABLE[0], Measured(TABLE[0].high + 1.0, TABLE[0].least)) if wrong else found[0]
        monkeypatch.setattr(market_check, "check_pack", lambda pack, seeds, session: found)

    return make


def test_a_day_like_a_market_ends_with_ok(measured):
    measured(False)
    ended = run("market-check", width=200)
    assert (ended.code, ended.err) == (0, "")
    assert f"{len(TABLE)} pass, 0 fail" in ended.out
    assert "BILZ-THESIS" in ended.out


def test_one_statistic_outside_ends_with_data_quality_and_is_named(measured):
    measured(True)
    ended = run("market-check", "--quiet")
    assert ended.code == 3
    assert ended.out == ""
    assert f"1 statistics outside their bands: {TABLE[0].key}" in ended.err


def test_json_holds_value_band_and_source(measured):
    measured(True)
    document = json.loads(run("market-check", "--pack", "demo", "--seed", 3, "--days", 2, "--json").out)
    assert (document["pack"], document["seeds"], document["session"], document["failed"]) == ("demo", [3, 4], "2026-03-18", 1)
    first = document["statistics"][0]
    assert (first["key"], first["verdict"], first["source"]) == (TABLE[0].key, "fail", TABLE[0].source)
    assert first["generated"] > first["high"] > first["low"]


def test_an_unknown_pack_is_an_error():
    ended = run("market-check", "--pack", "nowhere")
    assert ended.code == 1
    assert "unknown pack 'nowhere'" in ended.err


@pytest.mark.slow
def test_the_test_pack_is_measured():
    document = json.loads(run("market-check", "--pack", "test", "--days", 1, "--json").out)
    assert [row["key"] for row in document["statistics"]] == [row.key for row in TABLE]


def test_pictures_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "draw", lambda day, out: [out / f"{day.pack}-{day.seed}.png"])
    ended = run("scenarios", "picture", "test-7", "--session", "2026-03-18", "--out", tmp_path / "pictures", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["pictures"] == [str(tmp_path / "pictures" / "test-7.png")]


def test_an_unknown_source_of_pictures_is_an_error(tmp_path):
    assert run("scenarios", "picture", "nowhere-1", "--session", "2026-03-18", "--out", tmp_path).code == 1
