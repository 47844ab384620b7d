"""Row rules as functions: one boolean a row, whatever holds the lists. Expected values by hand."""

import pandas as pd
import pyarrow as pa
import pytest

from smartmoney_pipeline.schemas import event_rules as rules
from smartmoney_pipeline.schemas.arrow import TEXTS

LISTS = [["a", "b"], [], ["c"], None, ["a"]]
ARROW = pd.Series(LISTS, dtype=pd.ArrowDtype(TEXTS))
PYTHON = pd.Series(LISTS, dtype=object)


@pytest.mark.parametrize("column", [ARROW, PYTHON], ids=["arrow", "python"])
def test_items_are_counted_and_held_against_a_list(column):
    assert rules.items_counted(column).tolist() == [2, 0, 1, 0, 1]
    assert rules.items_listed(column, ["a", "b"]).tolist() == [True, True, False, True, True]


def test_chunks_and_slices_do_not_shift_rows():
    chunks = pa.chunked_array([pa.array([["x"], ["a"]], TEXTS)[1:], pa.array([["b"], ["z"]], TEXTS)])
    column = pd.Series(pd.arrays.ArrowExtensionArray(chunks), index=[7, 8, 9])
    assert rules.items_listed(column, ["a", "b"]).to_dict() == {7: True, 8: True, 9: False}


def test_every_owner_of_a_shared_print_fails():
    frame = pd.DataFrame({"member_print_ids": pd.Series([["p1", "p2"], ["p3"], ["p2"]])})
    assert rules.members_belong_once(frame).tolist() == [False, True, False]


def test_a_print_twice_in_one_event_fails_and_no_members_fail():
    frame = pd.DataFrame({"member_print_ids": pd.Series([["p1", "p1"], [], ["p4"]])})
    assert rules.members_belong_once(frame).tolist() == [False, False, True]


def test_window_is_rounded_down_to_whole_milliseconds():
    """12,999,998 ns are 12 ms, not 13."""
    start = pd.to_datetime(["2025-01-17 14:30:00.000000001"] * 2, utc=True).as_unit("ns")
    end = pd.to_datetime(["2025-01-17 14:30:00.012999999"] * 2, utc=True).as_unit("ns")
    frame = pd.DataFrame({"start_ts": start, "end_ts": end, "event_window_ms": [12, 13]})
    assert rules.window_matches_times(frame).tolist() == [True, False]


def test_window_does_not_depend_on_the_unit_of_the_times():
    stamps = pd.to_datetime(["2025-01-17 14:30:00.000", "2025-01-17 14:30:01.500"], utc=True).as_unit("ms")
    frame = pd.DataFrame({"start_ts": stamps[:1], "end_ts": stamps[1:], "event_window_ms": [1500]})
    assert rules.window_matches_times(frame).tolist() == [True]


def test_order_is_judged_inside_an_event_only(rows, as_frame):
    """The second event starts higher than the first ends: no rise."""
    assert rules.scores_are_highest_first(as_frame(rows)).tolist() == [True, True]
