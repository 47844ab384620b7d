"""`smartmoney replay` and `smartmoney verify`: a replayed day is the scored day, and differences are told by event and column."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_runs import run, with_cells

from smartmoney_pipeline.console import replaying
from smartmoney_pipeline.console.terminal import CommandError


@pytest.fixture(scope="module")
def replayed(day, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli_replayed") / "out"
    ended = run("replay", day / "tape", "--out", folder, "--json")
    assert (ended.code, ended.err) == (0, "")
    return folder, json.loads(ended.out)


def test_a_replayed_day_is_the_scored_day(replayed, scored):
    ended = run("verify", replayed[0], scored)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("equal: ")
    there = {path.name for path in scored.iterdir()}
    assert {path.name for path in replayed[0].iterdir()} == there | {"event_log.parquet"}
    for name in ("parent_event_members", "event_legs", "event_evidence", "event_links"):
        one, other = (pq.read_table(folder / f"{name}.parquet") for folder in (replayed[0], scored))
        assert one.equals(other), name


def test_corrections_that_reach_to_the_open_give_the_same_day(day, scored, tmp_path):
    assert run("replay", day / "tape", "--out", tmp_path / "out", "--history", "0", "--quiet").code == 0
    assert run("verify", tmp_path / "out", scored).code == 0
    assert run("replay", day / "tape", "--out", tmp_path / "out", "--history", "-1").code == 2


def test_the_report_counts_what_was_said_and_withdrawn(replayed):
    report = replayed[1]
    live, log = report["data_quality"]["live"], pq.read_table(replayed[0] / "event_log.parquet")
    assert live["said"] == len(log)
    assert report["manifest"]["tables"]["event_log"]["rows"] == len(log)
    assert report["data_quality"]["tables"]["option_prints"]["quarantined"] == 0


def test_the_summary_lists_the_files_as_score_does(day, tmp_path):
    out = run("replay", day / "tape", "--out", tmp_path / "out").out
    listed = out.partition(f"files in {tmp_path / 'out'}\n")[2].splitlines()
    rows = pq.read_metadata(tmp_path / "out" / "event_log.parquet").num_rows
    assert f"  event_log.parquet  {rows:,} rows" in listed
    assert listed[-1] == f"look closer: smartmoney explain EVENT --in {tmp_path / 'out'}"


def test_the_cards_of_a_replayed_day_can_be_read(replayed):
    assert run("events", replayed[0], "--top", "1").code == 0


def test_differences_are_told_by_event_and_column(replayed, scored, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for path in scored.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    events = pq.read_table(other / "smart_money_events.parquet")
    pq.write_table(with_cells(events, "primary_direction", {3: "mixed"}).slice(1), other / "smart_money_events.parquet")
    ended = run("verify", scored, other, "--json")
    assert ended.code == 1
    found = json.loads(ended.out)
    ids = events["event_id"].to_pylist()
    assert found["only_in"] == [{"count": 1, "first": [ids[0]]}, {"count": 0, "first": []}]
    changed = {"event_id": ids[3], "column": "primary_direction", "values": [events["primary_direction"][3].as_py(), "mixed"]}
    assert found["differences"] == [changed]
    assert "primary_direction" in run("verify", scored, other).out
    assert run("verify", scored, other, "--quiet").out == ""


def test_columns_that_only_one_run_has_are_named(scored, tmp_path):
    """One field of the features is gone, and another holds whole numbers of another kind, as between two versions of the program."""
    other = tmp_path / "other"
    shutil.copytree(scored, other)
    events = pq.read_table(other / "smart_money_events.parquet")
    features = events["features"].combine_chunks()
    kept = {field.name: features.field(field.name) for field in features.type if field.name != "iv"}
    kept["venue_count"] = kept["venue_count"].cast(pa.float64())
    at = events.column_names.index("features")
    changed = events.set_column(at, "features", pa.StructArray.from_arrays(list(kept.values()), list(kept)))
    pq.write_table(with_cells(changed, "primary_direction", {3: "mixed"}), other / "smart_money_events.parquet")
    ended = run("verify", scored, other, width=400)
    assert (ended.code, ended.err) == (1, "")
    assert f"columns only in {scored}: features.iv\n" in ended.out
    assert f"columns only in {other}" not in ended.out
    assert "columns of another type in each: features.venue_count" in ended.out
    found = json.loads(run("verify", scored, other, "--json").out)
    assert found["columns"] == {"only_in": [["features.iv"], []], "other_type": ["features.venue_count"]}
    assert [(d["event_id"], d["column"]) for d in found["differences"]] == [(events["event_id"][3].as_py(), "primary_direction")]


def test_what_is_no_result_is_named(scored, tmp_path):
    ended = run("verify", scored, tmp_path)
    assert ended.code == 1
    assert ended.out == ""


@pytest.mark.parametrize("command", ["replay", "score"])
def test_a_tape_of_another_session_is_named_with_both_days(day, tmp_path, command):
    ended = run(command, day / "tape", "--session", "2025-01-16", "--out", tmp_path / "out", "--quiet")
    assert (ended.code, ended.out, (tmp_path / "out").exists()) == (1, "", False)
    both = "holds prints of 2025-01-15, and none that can be used of the session asked for, 2025-01-16"
    assert ended.err == f"smartmoney: {day / 'tape'}: {both}\n"


def test_a_speed_is_a_number_or_max(day, tmp_path):
    assert replaying.parse_speed("max") is None
    assert replaying.parse_speed("60") == 60.0
    for wrong in ("0", "-1", "fast", "nan", "inf"):
        with pytest.raises(CommandError, match="is no speed"):
            replaying.parse_speed(wrong)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_replay_says_so_and_leaves_nothing(day, tmp_path, monkeypatch, sent, code):
    """The signal comes at the first wait of a paced replay; a shell reports 128 plus its number."""
    monkeypatch.setattr(replaying.time, "sleep", lambda _: os.kill(os.getpid(), sent))
    before = signal.getsignal(signal.SIGTERM)
    ended = run("replay", day / "tape", "--out", tmp_path / "out", "--speed", "10000", "--chunk-ms", "600000")
    assert (ended.code, ended.out) == (code, "")
    assert ended.err == f"smartmoney: stopped; nothing was written to {tmp_path / 'out'}\n"
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_saved_engine_goes_on_as_the_operations_page_shows(day, scored, tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    example = page.partition("### A live engine in a program of your own")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "day").symlink_to(day)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "operations.md", "exec"), {})
    assert (tmp_path / "live.state").is_file()
    assert run("verify", tmp_path / "out", scored).code == 0


def test_a_paced_replay_waits_by_the_clock_of_the_day(day, tmp_path, monkeypatch):
    """At ten thousand seconds a second a session of six and a half hours takes some 2.3 seconds; the waits are counted, not waited."""
    waits: list[float] = []
    monkeypatch.setattr(replaying.time, "sleep", waits.append)
    ended = run("replay", day / "tape", "--out", tmp_path / "out", "--speed", "10000", "--chunk-ms", "600000", "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert 2.2 < sum(waits) < 2.5
