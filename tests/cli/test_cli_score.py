"""`smartmoney score`: results, exit codes, and bad tapes. Exit codes are those that docs/cli.md states."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from command_runs import SESSION, run, with_cells

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.history import CalendarHistory
from smartmoney_pipeline.calendar.refresh import refresh_all
from smartmoney_pipeline.console import results, scoring
from smartmoney_pipeline.engine import score_day

# The files that the tape format says scoring writes.
WRITTEN = {
    "smart_money_events.parquet",
    "parent_event_members.parquet",
    "event_evidence.parquet",
    "event_links.parquet",
    "retractions.parquet",
    "quarantine.parquet",
    "data_quality.json",
    "manifest.json",
}


def run_hash(folder) -> str:
    return json.loads((folder / "manifest.json").read_text())["run_hash"]


def test_the_folder_holds_every_file_and_nothing_is_left_beside_it(scored):
    assert {path.name for path in scored.iterdir()} >= WRITTEN
    assert [path.name for path in scored.parent.iterdir()] == [scored.name]


def test_the_folder_of_a_result_is_recognised_by_the_marker_that_the_engine_writes():
    assert results.FOLDER_MARKER == score_day.MARKER


def test_text_names_counts_events_quality_and_files(day, tmp_path):
    ended = run("score", day / "tape", "--out", tmp_path / "out")
    prints = pq.read_metadata(day / "tape" / "option_prints.parquet").num_rows
    assert ended.code == 0
    for part in (SESSION, f"{prints:,} prints in the file", "0 rows quarantined", "published:", "IREVAH", "files in", "explain EVENT"):
        assert part in ended.out
    assert ended.err == ""


def test_without_events_there_is_nothing_to_look_closer_at(tmp_path):
    empty = score_day.DayOutput(tmp_path, {"tables": {"smart_money_events": {"rows": 0}}}, {"events": {"count": 0}})
    assert str(scoring.files(empty)).splitlines()[-1] == "  data_quality.json  manifest.json"


def test_json_is_one_document_with_manifest_and_quality(day, tmp_path, scored):
    ended = run("score", day / "tape", "--out", tmp_path / "out", "--json", "--chunk", 500)
    document = json.loads(ended.out)
    assert document["manifest"]["session"] == SESSION
    assert document["data_quality"]["tables"]["option_prints"]["quarantined"] == 0
    assert document["manifest"]["run_hash"] == run_hash(scored), "the size of a chunk changes nothing"


def test_a_day_in_the_lake_layout_scores_to_the_same_hash(lake_day, scored, tmp_path):
    ended = run("score", lake_day, "--out", tmp_path / "out", "--source", "tape", "--quiet")
    assert ended.code == 0
    assert run_hash(tmp_path / "out") == run_hash(scored)


def test_another_session_than_that_of_a_lake_day_is_refused(lake_day, tmp_path):
    ended = run("score", lake_day, "--out", tmp_path / "out", "--session", "2025-01-16")
    assert ended.code == 1
    assert "holds the session 2025-01-15, not 2025-01-16" in ended.err


def test_a_calendar_file_replaces_the_events_on_the_tape(lake_day, tmp_path):
    calendar = tmp_path / "calendar.csv"
    calendar.write_text("underlying,event_type,event_date,event_time,known_at,amount,source\n")
    ended = run("score", lake_day, "--out", tmp_path / "out", "--calendar", calendar, "--quiet")
    features = pq.read_table(tmp_path / "out" / "smart_money_events.parquet")["features"].combine_chunks()
    assert ended.code == 0
    assert features.field("trading_days_to_event").null_count == len(features), "no event is known, so none is near"


def test_rows_of_a_calendar_file_that_cannot_be_used_are_told(lake_day, tmp_path):
    calendar = tmp_path / "calendar.csv"
    header = "underlying,event_type,event_date,event_time,known_at,amount,source"
    calendar.write_text(f"{header}\nSPY,earnings,20260319,,2026-03-01T00:00:00Z,,\nSPY,earnings,2026-03-20,,2026-03-01T00:00:00Z,,\n")
    ended = run("score", lake_day, "--out", tmp_path / "out", "--calendar", calendar, "--quiet")
    assert ended.code == 0
    assert "1 of 2 events cannot be used, the first: row 0, column event_date" in ended.err
    place = {"table": "event_calendar", "row": 0, "source_file": "calendar.csv", "column": "event_date"}
    put_aside = pq.read_table(tmp_path / "out" / "quarantine.parquet").to_pylist()
    assert put_aside == [place | {"reason": "unreadable_value", "value": "20260319"}]
    tables = json.loads((tmp_path / "out" / "data_quality.json").read_text())["tables"]
    # One bad row of two in the file, beside what the calendar of the tape holds.
    on_tape = json.loads((lake_day / "quality.json").read_text())["tables"]["event_calendar"]["rows"]
    counts = {"rows": on_tape + 2, "read": on_tape + 1, "quarantined": 1, "by_reason": {"unreadable_value": 1}}
    assert tables["event_calendar"] == counts
    cut = run("score", lake_day, "--out", tmp_path / "cut", "--calendar", calendar, "--buckets", "2", "--strict")
    assert cut.code == 3
    assert pq.read_table(tmp_path / "cut" / "quarantine.parquet").to_pylist() == put_aside


def test_a_history_whose_provider_failed_says_so(lake_day, tmp_path):
    def down():
        raise CalendarError("nasdaq cannot be reached")

    history = CalendarHistory(tmp_path / "history.parquet")
    refresh_all(history, [("nasdaq", down)], datetime(2020, 1, 2, tzinfo=UTC))
    ended = run("score", lake_day, "--out", tmp_path / "out", "--calendar", history.path, "--quiet")
    assert ended.code == 0
    assert "event calendar: nasdaq cannot be reached; nothing was ever learned from it" in ended.err


def test_a_calendar_file_that_is_missing_is_named(lake_day, tmp_path):
    ended = run("score", lake_day, "--out", tmp_path / "out", "--calendar", tmp_path / "none.csv")
    assert ended.code == 1
    assert "none.csv" in ended.err


@pytest.mark.parametrize(("strict", "code"), [((), 0), (("--strict",), 3)])
def test_quarantined_rows_are_noted_and_strict_makes_them_an_exit_code(changed_tape, tmp_path, strict, code):
    tape = changed_tape(lambda prints: with_cells(prints, "price", {0: -1.0, 1: float("nan")}))
    ended = run("score", tape, "--out", tmp_path / "out", *strict)
    assert ended.code == code
    assert "2 rows were quarantined" in ended.err
    assert "quarantine.parquet" in ended.err
    assert (tmp_path / "out" / "manifest.json").is_file(), "the rest of the day is scored all the same"


def test_no_usable_print_is_a_matter_of_data_quality(changed_tape, tmp_path):
    tape = changed_tape(lambda prints: with_cells(prints.slice(0, 3), "price", dict.fromkeys(range(3), -1.0)))
    ended = run("score", tape, "--out", tmp_path / "out")
    assert ended.code == 3
    assert "none of the 3 prints can be used" in ended.err
    assert "price" in ended.err
    assert not (tmp_path / "out").exists()


def test_a_missing_column_is_named_with_its_file(changed_tape, tmp_path):
    ended = run("score", changed_tape(lambda prints: prints.drop_columns(["size"])), "--out", tmp_path / "out")
    assert ended.code == 1
    assert "option_prints.parquet" in ended.err
    assert "'size'" in ended.err


def test_a_truncated_file_is_named(changed_tape, tmp_path):
    tape = changed_tape(lambda prints: prints)
    file = tape / "option_prints.parquet"
    file.write_bytes(file.read_bytes()[:-200])
    ended = run("score", tape, "--out", tmp_path / "out")
    assert ended.code == 1
    assert "option_prints.parquet: cannot be read as parquet" in ended.err


def test_an_empty_table_is_an_error(changed_tape, tmp_path):
    ended = run("score", changed_tape(lambda prints: prints.slice(0, 0)), "--out", tmp_path / "out")
    assert ended.code == 1
    assert "option_prints holds no rows" in ended.err


@pytest.mark.parametrize(("name", "fault"), [("missing", "not a folder"), ("empty", "there is no option_prints")])
def test_a_folder_without_a_tape_is_named(tmp_path, name, fault):
    (tmp_path / "empty").mkdir()
    ended = run("score", tmp_path / name, "--out", tmp_path / "out")
    assert ended.code == 1
    assert ended.err.count("\n") == 1, "one line"
    assert name in ended.err
    assert fault in ended.err


def test_a_day_without_session_is_refused(day, tmp_path):
    # 2025-01-20 was Martin Luther King Day: the exchange was closed.
    ended = run("score", day / "tape", "--out", tmp_path / "out", "--session", "2025-01-20")
    assert ended.code == 1
    assert "2025-01-20 is no exchange session" in ended.err


@pytest.mark.parametrize(
    "words",
    [("--session", "2025-13-01"), ("--session", "yesterday"), ("--from", "opra"), ("--chunk", "0"), ("--nonsense",)],
)
def test_a_value_that_no_option_takes_is_a_usage_error(day, tmp_path, words):
    ended = run("score", day / "tape", "--out", tmp_path / "out", *words)
    assert ended.code == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files_is_never_replaced(day, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("keep me")
    ended = run("score", day / "tape", "--out", tmp_path / "out")
    assert ended.code == 1
    assert "holds other files" in ended.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]


def test_a_file_in_the_place_of_the_folder_is_named(day, tmp_path):
    (tmp_path / "out").write_text("")
    ended = run("score", day / "tape", "--out", tmp_path / "out")
    assert ended.code == 1
    assert "is a file" in ended.err
