"""Cancels by hand: which print each code removes follows from the meaning of the letters A, C, E and G."""

import pandas as pd
import pytest
from tape_tables import CALL, at, day

from smartmoney_pipeline.tape.ingest import read_frames

OTHER = "AAPL250221P00250000"


def tape(*rows, **columns):
    """Prints of (id, second, condition), all alike but for what `columns` says, at their second of the session."""
    prints = pd.DataFrame(
        {
            "print_id": [row[0] for row in rows],
            "ts": pd.Series([at("15:00:00") + pd.Timedelta(seconds=row[1]) for row in rows]),
            "seq": range(len(rows)),
            "option_symbol": CALL,
            "underlying": "AAPL",
            "price": 2.0,
            "size": 5,
            "exchange": "C",
            "condition": [row[2] for row in rows],
        }
    )
    return read_frames({**day(), "option_prints": prints.assign(**columns)})


def outcome(raw):
    corrections = [tuple(row.values()) for row in raw.corrections.drop_columns(["ts"]).to_pylist()]
    lost = [row["value"] for row in raw.quarantine.to_pylist() if row["reason"] == "cancel_without_print"]
    assert set(raw.quality["tables"]["option_prints"]) == {"rows", "read", "quarantined", "by_reason"}
    counts = raw.quality["tables"]["option_prints"]
    assert counts["read"] + counts["quarantined"] == counts["rows"]
    return raw.tables["option_prints"]["print_id"].to_pylist(), corrections, lost


FOUR = [("a", 1, "I"), ("b", 2, "I"), ("c", 3, "I"), ("d", 4, "I")]


@pytest.mark.parametrize(
    ("code", "removed", "rule"),
    [("C", "d", "last"), ("E", "a", "first"), ("A", "c", "latest"), ("O", "c", "latest"), ("G", "d", "only")],
)
def test_the_letter_chooses_among_matches(code, removed, rule):
    current, corrections, lost = outcome(tape(*FOUR, ("x", 9, code)))
    assert current == [name for name in "abcd" if name != removed]
    assert corrections == [("x", removed, rule)]
    assert lost == []


def test_two_matches_are_enough_for_neither_first_nor_last():
    # Both are an end of the day so far: the latest goes.
    assert outcome(tape(("a", 1, "I"), ("b", 2, "I"), ("x", 3, "A")))[1] == [("x", "b", "latest")]


@pytest.mark.parametrize(
    "columns",
    [
        {"option_symbol": [CALL, OTHER]},
        {"price": [2.0, 2.01]},
        {"size": [5, 6]},
        {"exchange": ["C", "X"]},
    ],
)
def test_contract_price_size_and_venue_must_match(columns):
    current, corrections, lost = outcome(tape(("a", 1, "I"), ("x", 2, "C"), **columns))
    assert (current, corrections, lost) == (["a"], [], ["x"])


def test_a_cancel_before_its_print_is_quarantined():
    assert outcome(tape(("x", 1, "C"), ("a", 2, "I"))) == (["a"], [], ["x"])
    # At one time the feed sequence decides.
    assert outcome(tape(("x", 1, "C"), ("a", 1, "I"))) == (["a"], [], ["x"])
    assert outcome(tape(("a", 1, "I"), ("x", 1, "C")))[2] == []


def test_a_print_is_cancelled_once():
    assert outcome(tape(("a", 1, "I"), ("x", 2, "C"), ("y", 3, "C"))) == ([], [("x", "a", "last")], ["y"])


def test_cancels_in_a_chain_take_one_print_each():
    current, corrections, _ = outcome(tape(*FOUR, ("x", 9, "C"), ("y", 10, "C"), ("z", 11, "E")))
    assert current == ["b"]
    assert corrections == [("x", "d", "last"), ("y", "c", "last"), ("z", "a", "first")]


def test_a_named_print_is_removed_whatever_the_letter_says():
    named = tape(*FOUR, ("x", 9, "C"), cancels_print_id=[None, None, None, None, "b"])
    assert outcome(named) == (["a", "c", "d"], [("x", "b", "by_id")], [])


@pytest.mark.parametrize("name", ["nobody", "x", "e"])
def test_a_named_print_must_be_there_and_earlier(name):
    named = tape(*FOUR, ("x", 9, "C"), ("e", 10, "I"), cancels_print_id=[None, None, None, None, name, None])
    assert outcome(named) == (["a", "b", "c", "d", "e"], [], ["x"])


def test_naming_one_print_twice():
    named = tape(*FOUR, ("x", 9, "C"), ("y", 10, "A"), cancels_print_id=[None, None, None, None, "b", "b"])
    assert outcome(named) == (["a", "c", "d"], [("x", "b", "by_id")], ["y"])


def test_late_and_out_of_sequence_prints_keep_their_letter():
    raw = tape(("a", 1, "D"), ("b", 2, "B"), ("c", 3, "F"), ("d", 4, "H"))
    assert raw.tables["option_prints"]["condition"].to_pylist() == [ord(c) for c in "DBFH"]
    assert raw.quality["prints"]["late"] == 4


def test_removed_prints_are_kept_apart():
    raw = tape(("a", 1, "I"), ("x", 2, "C"), ("b", 3, "I"))
    assert raw.tables["removed_prints"]["print_id"].to_pylist() == ["a", "x"]
    assert raw.corrections["ts"].to_pylist() == [at("15:00:02")]
