"""Cancels and late prints: the current view is that of the corrected tape, and what was said wrongly is withdrawn with its reason."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from live_days import SECOND, TO_THE_OPEN, Tables, assert_same_tables, batch, engine_of, hash_of, live, logged, ns, pushes, small

MINUTE = 60 * SECOND


def cancels_of(prints: pa.Table, rows: list[int], delay_ns: int, code: str, named: bool) -> pa.Table:
    """Cancels of these prints, as rows of the tape."""
    chosen = prints.take(pa.array(rows))
    columns = {name: chosen[name] for name in chosen.column_names}
    columns["print_id"] = pa.array([f"cancel-{code}-{row}" for row in rows])
    columns["ts"] = pa.array(ns(chosen) + delay_ns).cast(prints.schema.field("ts").type)
    columns["condition"] = pa.array([code] * len(rows))
    columns["cancels_print_id"] = pa.array(chosen["print_id"].to_pylist() if named else [None] * len(rows), pa.string())
    return pa.table({name: columns[name] for name in prints.column_names}, schema=prints.schema)


def with_prints(tables: Tables, extra: list[pa.Table]) -> Tables:
    prints = tables["option_prints"]
    whole = pa.concat_tables([prints, *extra]).sort_by([("ts", "ascending"), ("seq", "ascending")])
    return {**tables, "option_prints": whole}


def cancelled_day() -> Tables:
    prints = small()["option_prints"]
    by_name = cancels_of(prints, [11, 40, 97, 160], 3 * MINUTE, "A", True)
    by_match = cancels_of(prints, [20, 55, 130], 5 * SECOND, "C", False)
    return with_prints(small(), [by_name, by_match, cancels_of(prints, [70], MINUTE, "E", False)])


@pytest.mark.parametrize(("prints", "buckets"), [(10, 1), (60, 2), (1_000, 1)])
def test_cancels_give_the_view_of_the_corrected_tape(tmp_path, prints, buckets):
    tables = cancelled_day()
    expected, folder = batch(tables, tmp_path)
    log = live(tables, prints, replace(TO_THE_OPEN, buckets=buckets, checkpoint_ns=MINUTE))
    assert hash_of(log) == expected
    assert_same_tables(log, folder)
    gone = {"cancel-A-11", small()["option_prints"]["print_id"][11].as_py()}
    assert not gone & set(log.current()["parent_event_members"]["print_id"].to_pylist())


@pytest.mark.parametrize("prints", [5, 40])
def test_late_prints_give_the_view_of_the_tape_in_order(tmp_path, prints):
    tables = small()
    expected, folder = batch(tables, tmp_path)
    received = ns(tables["option_prints"]).copy()
    received[[15, 80, 81, 140]] += 4 * MINUTE
    log = live(tables, prints, replace(TO_THE_OPEN, checkpoint_ns=2 * MINUTE), received=received)
    assert hash_of(log) == expected
    assert_same_tables(log, folder)


def test_what_was_said_of_a_cancelled_print_is_withdrawn(tmp_path):
    tables = cancelled_day()
    log = live(tables, 5)
    known, view = log.as_known(), log.current()
    named = set(small()["option_prints"]["print_id"].take(pa.array([11, 40, 97, 160])).to_pylist())
    said = known["events"].select(["event_id", "member_print_ids"]).to_pylist()
    wrong = {row["event_id"] for row in said if named & set(row["member_print_ids"])}
    withdrawn = {row["event_id"]: row for row in known["retractions"].to_pylist()}
    assert wrong
    assert wrong <= set(withdrawn)
    assert "print_cancelled" in {withdrawn[name]["reason"] for name in wrong}
    standing = set(view["smart_money_events"]["event_id"].to_pylist())
    replacements = {name for row in withdrawn.values() if row["reason"] == "print_cancelled" for name in row["replaced_by"]}
    assert not wrong & standing
    assert replacements <= set(known["events"]["event_id"].to_pylist())
    assert known["events"]["revision"].to_numpy().max() >= 1


def test_unchanged_events_are_silent():
    """A correction in one underlying says nothing again about another of the same bucket, and does say something of its own."""
    prints = small()["option_prints"]
    names = prints["underlying"].to_pylist()
    rows = [row for row, name in enumerate(names) if name == names[0]][10:40:10]
    tables = with_prints(small(), [cancels_of(prints, rows, 3 * MINUTE, "A", True)])
    log = live(tables, 5, replace(TO_THE_OPEN, provisional=False)).as_known()
    known = log["events"].select(["event_id", "underlying_id"]).to_pandas()
    others = known[known["underlying_id"] != names[0]]
    assert len(others) > 10
    assert len(log["retractions"]) > 0
    assert not others["event_id"].duplicated().any()


def test_a_cancel_without_its_print_is_quarantined_once():
    prints = small()["option_prints"]
    stray = cancels_of(prints, [30], MINUTE, "A", True)
    stray = stray.set_column(stray.column_names.index("cancels_print_id"), "cancels_print_id", pa.array(["nothing"]))
    found = live(with_prints(small(), [stray]), 20).current()["quarantine"].to_pylist()
    assert [(row["reason"], row["value"]) for row in found] == [("cancel_without_print", "cancel-A-30")]


def test_a_print_that_comes_twice_counts_once(tmp_path):
    prints = small()["option_prints"]
    tables = with_prints(small(), [prints.slice(60, 1)])
    expected, _ = batch(tables, tmp_path)
    received = ns(tables["option_prints"]).copy()
    received[61] += MINUTE
    log = live(tables, 5, received=received)
    assert hash_of(log) == expected
    assert log.current()["quarantine"]["reason"].to_pylist() == ["duplicate_print_id"]


def test_what_comes_too_late_for_any_correction_is_quarantined():
    tables = small()
    engine = engine_of(tables, replace(TO_THE_OPEN, history_ns=MINUTE, checkpoint_ns=10 * SECOND))
    first, *rest = list(pushes(tables, 1))
    updates = [engine.push({**push}) for push in rest]
    late = engine.push({"option_prints": first["option_prints"]})
    assert late.quarantine["reason"].to_pylist() == ["beyond_history"]
    log = logged([*updates, late, engine.finish()])
    assert len(log.current()["parent_event_members"]) == len(tables["option_prints"]) - 1
    assert np.all(log.as_known()["events"]["revision"].to_numpy() == 0)
