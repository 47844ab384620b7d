"""Arrow columns from plain arrays, by hand."""

import numpy as np
import pytest

from smartmoney_pipeline.engine.columns import known_array, mask_lists, set_bits


def test_nan_becomes_null_and_numbers_stay():
    values = np.array([1.5, np.nan, -0.0, np.inf])
    assert known_array(values).to_pylist() == [1.5, None, 0.0, np.inf]
    assert known_array(values).null_count == 1


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9])
def test_columns_without_unknown_values_have_no_nulls(count: int):
    """Lengths around a whole byte of the bitmap."""
    values = np.arange(float(count))
    assert known_array(values).to_pylist() == values.tolist()
    values[-1:] = np.nan
    assert known_array(values).to_pylist() == [*values[:-1].tolist(), *[None] * (count > 0)]


def test_every_second_value_of_a_column_counts_as_it_stands():
    """A view with gaps in memory."""
    assert known_array(np.array([1.0, np.nan, 2.0, 3.0])[::2]).to_pylist() == [1.0, 2.0]


def test_set_bits_come_lowest_first():
    """0b101 has bits 0 and 2; the highest of 64 bits is number 63."""
    found = set_bits(np.array([0b101, 0, 1 << 63], dtype=np.uint64))
    assert (list(found.flat), list(found.offsets)) == ([0, 2, 63], [0, 2, 2, 3])


def test_masks_become_names_and_an_unnamed_bit_is_an_error():
    assert mask_lists(np.array([0b10, 0, 0b11]), ("late", "cross")).to_pylist() == [["cross"], [], ["late", "cross"]]
    with pytest.raises(IndexError):
        mask_lists(np.array([0b100]), ("late", "cross"))
