"""Ids and cancels hold for the whole tape: what they name may lie in another bucket."""

from dataclasses import replace

import pyarrow as pa
import pytest
from live_days import SECOND, TO_THE_OPEN, Tables, assert_same_tables, batch, engine_of, hash_of, live, logged, ns, pushes, small
from test_live_corrections import cancels_of, with_prints

MINUTE = 60 * SECOND
BUCKETS = 7


def of_two_tickers() -> tuple[int, int]:
    """Rows of two prints of different tickers, far from each other in the day."""
    names = small()["option_prints"]["underlying"].to_pylist()
    first = 20
    return first, next(row for row in range(100, len(names)) if names[row] != names[first])


def cancel_from_elsewhere(delay_ns: int) -> Tables:
    """A cancel that is filed under one ticker and names a print of another."""
    prints = small()["option_prints"]
    named, filed = of_two_tickers()
    cancel = cancels_of(prints, [filed], delay_ns, "A", True)
    ids = pa.array([prints["print_id"][named].as_py()])
    return with_prints(small(), [cancel.set_column(cancel.column_names.index("cancels_print_id"), "cancels_print_id", ids)])


@pytest.mark.parametrize("prints", [5, 1_000])
def test_a_cancel_finds_its_print_in_another_bucket(tmp_path, prints):
    tables = cancel_from_elsewhere(MINUTE)
    expected, folder = batch(tables, tmp_path)
    log = live(tables, prints, replace(TO_THE_OPEN, buckets=BUCKETS, checkpoint_ns=MINUTE))
    assert hash_of(log) == expected
    assert_same_tables(log, folder)
    gone = small()["option_prints"]["print_id"][of_two_tickers()[0]].as_py()
    assert gone not in log.current()["parent_event_members"]["print_id"].to_pylist()


def test_an_id_that_is_used_again_in_another_bucket_counts_once(tmp_path):
    prints = small()["option_prints"]
    first, again = of_two_tickers()
    ids = prints["print_id"].to_pylist()
    ids[again] = ids[first]
    tables = {**small(), "option_prints": prints.set_column(prints.column_names.index("print_id"), "print_id", pa.array(ids))}
    expected, folder = batch(tables, tmp_path)
    log = live(tables, 10, replace(TO_THE_OPEN, buckets=BUCKETS))
    assert hash_of(log) == expected
    assert_same_tables(log, folder)
    assert log.current()["quarantine"]["reason"].to_pylist() == ["duplicate_print_id"]


def test_a_cancel_of_a_print_beyond_the_history_says_so():
    """The print is known by its id alone, which is kept for the day."""
    tables = with_prints(small(), [cancels_of(small()["option_prints"], [0], 10 * MINUTE, "A", True)])
    span = int(ns(tables["option_prints"])[-1]) - int(ns(tables["option_prints"])[0])
    assert span > 10 * MINUTE
    engine = engine_of(tables, replace(TO_THE_OPEN, history_ns=MINUTE, checkpoint_ns=10 * SECOND))
    log = logged([*(engine.push(push) for push in pushes(tables, 1)), engine.finish()])
    found = [(row["reason"], row["value"]) for row in log.current()["quarantine"].to_pylist()]
    assert found == [("beyond_history", "cancel-A-0")]
