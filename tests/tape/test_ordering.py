"""Answers: sorting by hand, and Python's own sort of tuples."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from smartmoney_pipeline.tape.ordering import tape_order, text_rank


def test_rows_in_order_are_left_alone():
    assert tape_order(np.array([1, 1, 2]), np.array([1, 2, 1]), lambda rows: [rows]) is None
    assert tape_order(np.array([], dtype=np.int64), np.array([], dtype=np.int64), lambda rows: [rows]) is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 4)), max_size=30))
def test_order_is_that_of_tuples(rows):
    ts, seq, rest = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    order = tape_order(ts, seq, lambda places: [rest[places]])
    got = rows if order is None else [rows[i] for i in order]
    assert got == sorted(rows)


def test_rank_of_words():
    words = pa.array(["b", "a", None, "b"]).dictionary_encode()
    rank = text_rank(words, np.array([0, 1, 2, 3]))
    assert rank[0] == rank[3] > rank[1] > rank[2]
