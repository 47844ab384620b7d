"""Arrow as JSON text, against Python's own encoder, also for slices, whose buffers are those of the whole array."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from smartmoney_pipeline.api.wire import json_rows

LETTERS = ["plain", 'a "quote"', "back\\slash", None, "tab\t", "", "é"]


def decoded(table: pa.Table, absent=()) -> list:
    return [json.loads(text) for text in json_rows(table, absent).to_pylist()]


@pytest.mark.parametrize("part", [(0, 7), (1, 2), (3, 1), (4, 3), (2, 0)])
def test_texts_of_a_slice(part):
    table = pa.table({"plain": LETTERS, "coded": pa.array(LETTERS).dictionary_encode()}).slice(*part)
    assert decoded(table) == table.to_pylist()


def test_a_quote_outside_the_slice_changes_nothing_inside():
    table = pa.table({"name": ["plain", 'a "quote"', "plain too"]})
    assert json_rows(table.slice(2)).to_pylist() == ['{"name":"plain too"}']
    assert json_rows(table.slice(1, 1)).to_pylist() == ['{"name":"a \\"quote\\""}']


def test_few_values_of_a_large_dictionary():
    coded = pa.DictionaryArray.from_arrays(pa.array([5, None, 3], pa.int32()), pa.array([f"n{k}" for k in range(100)]))
    assert decoded(pa.table({"name": coded})) == [{"name": "n5"}, {"name": None}, {"name": "n3"}]


def test_structs_lists_and_columns_of_nothing():
    kind = pa.struct({"nothing": pa.float64(), "x": pa.float64(), "codes": pa.list_(pa.string())})
    rows = [{"nothing": None, "x": 1.5, "codes": ["a", "b"]}, None, {"nothing": None, "x": None, "codes": []}, {"x": 2.0, "codes": None}]
    table = pa.table({"gone": pa.nulls(4, pa.string()), "held": pa.array(rows, kind)})
    assert decoded(table) == table.to_pylist()
    assert decoded(table.slice(1, 2)) == table.slice(1, 2).to_pylist()
    assert decoded(table.slice(1, 1)) == [{"gone": None, "held": None}]
    assert decoded(table.slice(0, 0)) == []
    assert decoded(table.select(["gone"])) == [{"gone": None}] * 4


def test_keys_that_may_be_absent_leave_no_comma():
    table = pa.table({"id": [1, 2], "none": pa.nulls(2, pa.string()), "some": ["x", None], "last": [3, 4]})
    assert json_rows(table, {"none", "some"}).to_pylist() == ['{"id":1,"some":"x","last":3}', '{"id":2,"last":4}']
    empty = pa.table({"id": pa.nulls(1, pa.int64()), "none": pa.nulls(1, pa.string()), "last": [3]})
    assert json_rows(empty, {"none"}).to_pylist() == ['{"id":null,"last":3}']


def test_times_keep_every_nanosecond_and_what_is_no_number_is_null():
    at = pa.array([1_773_840_600_123_456_789, 1_773_840_600_000_000_000, None], pa.timestamp("ns", tz="UTC"))
    assert datetime.fromtimestamp(1_773_840_600, UTC).isoformat() == "2026-03-18T13:30:00+00:00"
    table = pa.table({"at": at, "x": [np.nan, np.inf, 0.5]})
    assert decoded(table) == [
        {"at": "2026-03-18T13:30:00.123456789Z", "x": None},
        {"at": "2026-03-18T13:30:00.000000000Z", "x": None},
        {"at": None, "x": 0.5},
    ]
