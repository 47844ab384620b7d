"""The run hash: what it must not see, and what it must. Only equality is asserted: the value itself is no promise."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.run_hash import RunHasher, run_hash

N = 40


def events(n: int = N) -> pa.Table:
    ids = range(n)
    score = pa.struct({"profile_id": pa.string(), "probability": pa.float64(), "reasons": pa.list_(pa.string())})
    return pa.table(
        {
            "event_id": [f"e{i:03d}" for i in ids],
            "closed_at": pa.array([i // 3 for i in ids], pa.timestamp("ns", "UTC")),
            "size": pa.array([None if i % 5 == 0 else i for i in ids], pa.int64()),
            "iv": pa.array([None if i % 4 == 0 else i / 9 for i in ids], pa.float64()),
            "abstained": pa.array([None if i % 7 == 0 else i % 2 == 0 for i in ids], pa.bool_()),
            "venue": pa.array([None if i % 6 == 0 else "ABC"[i % 3] for i in ids], pa.string()),
            "members": pa.array([None if i % 8 == 0 else [f"p{j}" for j in range(i % 4)] for i in ids], pa.list_(pa.string())),
            "scores": pa.array(
                [[{"profile_id": "x", "probability": i / 3, "reasons": ["a"] * (i % 3)}] * (i % 3) for i in ids], pa.list_(score)
            ),
            "expiry": pa.array(ids, pa.date32()),
        }
    )


def changed(column: str, row: int, value: object) -> pa.Table:
    table = events()
    values = table[column].to_pylist()
    values[row] = value
    return table.set_column(table.schema.get_field_index(column), column, pa.array(values, table.schema.field(column).type))


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(N)), cuts=st.lists(st.integers(1, N - 1), max_size=4), columns=st.permutations(range(9)))
def test_row_order_column_order_and_chunks_do_not_matter(order, cuts, columns):
    shuffled = events().take(order).select([events().column_names[i] for i in columns])
    edges = [0, *sorted(set(cuts)), N]
    chunks = pa.concat_tables([shuffled.slice(a, b - a) for a, b in itertools.pairwise(edges)])
    assert run_hash(chunks) == run_hash(events())


def test_encoding_does_not_matter():
    table = events()
    position = table.schema.get_field_index("venue")
    encoded = table.set_column(position, "venue", table["venue"].dictionary_encode())
    large = table.set_column(position, "venue", table["venue"].cast(pa.large_string()))
    lists = table.schema.get_field_index("members")
    large_list = large.set_column(lists, "members", table["members"].cast(pa.large_list(pa.large_string())))
    coarse = large_list.set_column(1, "closed_at", pa.array([i // 3 for i in range(N)], pa.timestamp("us", "UTC")))
    fine = table.set_column(1, "closed_at", pa.array([i // 3 * 1_000 for i in range(N)], pa.timestamp("ns", "UTC")))
    assert run_hash(encoded) == run_hash(large) == run_hash(large_list) == run_hash(table)
    assert run_hash(coarse) == run_hash(fine)


def test_what_lies_under_a_null_does_not_matter():
    mask = np.array([True, False])
    arrays = [pa.array(np.array([value, 2.0]), mask=mask, from_pandas=False) for value in (1.0, 9.0)]
    keys = {"event_id": ["a", "b"], "closed_at": [1, 2]}
    assert run_hash(pa.table(keys | {"iv": arrays[0]})) == run_hash(pa.table(keys | {"iv": arrays[1]}))


def one_float(value: float | None) -> str:
    return run_hash(pa.table({"event_id": ["a"], "closed_at": [1], "x": pa.array([value], pa.float64(), from_pandas=False)}))


def test_null_nan_and_numbers_are_different_and_each_has_one_form():
    other_nan = np.array([0x7FF8_0000_0000_0001], dtype="u8").view("f8")[0]
    assert one_float(-0.0) == one_float(0.0)
    assert one_float(float(other_nan)) == one_float(float("nan"))
    assert len({one_float(value) for value in (None, float("nan"), 0.0, 5e-324, 1.0)}) == 5


@pytest.mark.parametrize(
    ("column", "row", "value"),
    [
        ("size", 1, 2),
        ("size", 0, 0),  # a null is not a zero
        ("iv", 1, np.nextafter(1 / 9, 1)),
        ("abstained", 7, False),
        ("venue", 6, ""),  # nor an empty text
        ("members", 8, []),  # nor an empty list
        ("members", 1, ["p1"]),
        ("scores", 4, [{"profile_id": "x", "probability": 4 / 3, "reasons": ["b"]}]),
        ("scores", 4, [{"profile_id": "x", "probability": None, "reasons": ["a"]}]),
        ("scores", 4, [None]),
        ("event_id", 3, "e003x"),
    ],
)
def test_every_change_of_a_value_is_seen(column, row, value):
    assert run_hash(changed(column, row, value)) != run_hash(events())


def test_text_does_not_run_together_over_rows_or_list_edges():
    keys = {"event_id": ["a", "b"], "closed_at": [1, 2]}
    texts = [run_hash(pa.table(keys | {"x": pair})) for pair in (["ab", "c"], ["a", "bc"])]
    lists = [run_hash(pa.table(keys | {"x": pair})) for pair in ([["a", "b"], ["c"]], [["a"], ["b", "c"]])]
    assert len({*texts, *lists}) == 4


def test_names_and_types_count():
    table = events()
    assert run_hash(table.rename_columns({"size": "volume"})) != run_hash(table)
    assert run_hash(table.set_column(2, "size", table["size"].cast(pa.int32()))) != run_hash(table)
    assert run_hash(table.drop_columns("size")) != run_hash(table)


def test_rows_swapped_between_events_are_seen():
    table = events()
    swapped = table.set_column(2, "size", table["size"].take([0, 2, 1, *range(3, N)]))
    assert run_hash(swapped) != run_hash(table)


def test_revisions_are_not_compared_unless_asked():
    table = events().append_column("revision", pa.array(range(N)))
    assert run_hash(table) == run_hash(events())
    assert run_hash(table, exclude=()) != run_hash(events())


def test_an_empty_result_has_a_hash():
    empty = events().schema.empty_table()
    assert run_hash(empty) == run_hash(events().slice(5, 0)) != run_hash(events(1))
    assert len(run_hash(pa.table({"event_id": [], "closed_at": []}))) == 64  # columns without a type
    assert RunHasher().hexdigest() == run_hash(empty)  # a day written block by block never adds one; found by a law


@pytest.mark.parametrize(("start", "count"), [(7, 20), (8, 16), (8, 13), (5, 16), (0, N)])
def test_a_slice_hashes_like_its_copy(start: int, count: int):
    """Bitmaps of nulls that begin and end at whole bytes are read as they lie, all others bit by bit; a copy has a fresh one."""
    part = events().slice(start, count)
    assert run_hash(part) == run_hash(pa.Table.from_pylist(part.to_pylist(), schema=part.schema))


def test_an_order_that_does_not_tell_rows_apart_is_an_error():
    with pytest.raises(StoreError, match="two rows have the same closed_at"):
        run_hash(events(), order=("closed_at",))
    with pytest.raises(StoreError, match="no column leg"):
        run_hash(events(), order=("event_id", "leg"))
    nulls = pa.table({"event_id": pa.array([None, None], pa.string()), "closed_at": [1, 1]})
    with pytest.raises(StoreError, match="two rows"):
        run_hash(nulls)


def test_a_type_without_canonical_bytes_is_named():
    maps = pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))
    with pytest.raises(StoreError, match="column x has type map"):
        run_hash(pa.table({"event_id": ["a"], "closed_at": [1], "x": maps}))
