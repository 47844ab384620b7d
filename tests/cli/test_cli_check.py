"""`smartmoney check`: the data quality table and its exit code."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
from command_runs import SESSION, run, with_cells


def test_a_clean_tape_ends_with_0(day):
    ended = run("check", day / "tape")
    assert ended.code == 0
    for part in (SESSION, "option_prints", "option_quotes", "crossed", "one-sided", "Prints in use"):
        assert part in ended.out


def test_quarantined_rows_are_shown_with_file_row_and_value_and_end_with_3(changed_tape):
    # Row 5 has a negative price; rows 0 and 2 a venue that OPRA does not have.
    tape = changed_tape(lambda prints: with_cells(with_cells(prints, "price", {5: -1.25}), "exchange", {0: "9", 2: "9"}))
    ended = run("check", tape)
    assert ended.code == 3
    assert "-1.25" in ended.out
    assert "option_prints.parquet" in ended.out
    assert "3 rows are quarantined" in ended.err


def test_json_counts_by_table_and_reason(changed_tape):
    tape = changed_tape(lambda prints: with_cells(prints, "price", {5: -1.25}))
    ended = run("check", tape, "--json")
    document = json.loads(ended.out)
    prints = document["data_quality"]["tables"]["option_prints"]
    assert ended.code == 3
    assert document["quarantined"] == 1
    assert prints["read"] + prints["quarantined"] == prints["rows"]
    assert [(row["row"], row["column"], row["value"]) for row in document["examples"]] == [(5, "price", "-1.25")]


def test_a_day_of_an_older_version_has_no_columns_of_faults(tmp_path, lake_day):
    shutil.copytree(lake_day, tmp_path / "old")
    row = {"table": ["option_prints"], "row": [5], "reason": ["non_positive_price"], "value": ["-1"], "source_file": ["p.csv"]}
    pq.write_table(pa.table(row), tmp_path / "old" / "quarantine.parquet")
    facts = json.loads((tmp_path / "old" / "day.json").read_text())
    facts["tables"]["quarantine"] = {"rows": 1, "columns": list(row)}
    (tmp_path / "old" / "day.json").write_text(json.dumps(facts))
    shown = json.loads(run("check", tmp_path / "old", "--json").out)["examples"]
    assert [(one["row"], one["column"]) for one in shown] == [(5, None)]
    assert run("score", tmp_path / "old", "--out", tmp_path / "out", "--quiet").code == 0
    assert pq.read_table(tmp_path / "out" / "quarantine.parquet")["column"].to_pylist() == [None]


def test_a_tape_without_a_usable_print_is_shown_all_the_same(changed_tape):
    tape = changed_tape(lambda prints: with_cells(prints.slice(0, 2), "price", {0: -1.0, 1: -1.0}))
    ended = run("check", tape, "--session", SESSION)
    assert ended.code == 3
    assert "negative price 2" in ended.out or "non positive price 2" in ended.out


def test_text_from_a_tape_cannot_steer_the_terminal(changed_tape):
    tape = changed_tape(lambda prints: with_cells(prints, "option_symbol", {0: "\x1b[31mRED\x1b]0;title\x07"}))
    ended = run("check", tape)
    assert ended.code == 3
    assert "\x1b" not in ended.out + ended.err
    assert "\x07" not in ended.out + ended.err
    assert "RED" in ended.out


def test_quiet_leaves_the_exit_code(day):
    ended = run("check", day / "tape", "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_day_in_the_lake_layout_shows_what_its_import_found(lake_day, day):
    imported, fresh = (json.loads(run("check", tape, "--json").out) for tape in (lake_day, day / "tape"))
    assert imported["data_quality"] == fresh["data_quality"]


def test_a_holiday_and_a_missing_tape_are_errors(day, tmp_path):
    # New Year's Day
    ended = run("check", day / "tape", "--session", "2025-01-01")
    assert ended.code == 1
    assert "2025-01-01 is no exchange session" in ended.err
    ended = run("check", tmp_path / "nowhere")
    assert ended.code == 1
    assert "nowhere" in ended.err
    assert run("check", day / "tape", "--session", "soon").code == 2


def test_a_cboe_file_that_is_none_is_named(tmp_path):
    file = tmp_path / "trades.csv"
    file.write_text("a,b\n1,2\n")
    ended = run("check", file, "--from", "cboe")
    assert ended.code == 1
    assert "trades.csv" in ended.err
    assert "column" in ended.err
