"""Cutting and joining tables of aligned prints."""

import numpy as np
import pytest
from market_day import aligned_rows

from smartmoney_pipeline.market.aligned import AlignedPrints, Greeks


def test_slice_take_and_concat_keep_rows_and_order():
    table = aligned_rows(5, ts=np.arange(5), price=np.arange(5) * 10)
    joined = AlignedPrints.concat([table.slice(0, 2), table.slice(2, 5)])
    np.testing.assert_array_equal(joined.price, [0, 10, 20, 30, 40])
    np.testing.assert_array_equal(table.take(np.array([4, 0])).ts, [4, 0])
    assert (len(joined), len(AlignedPrints.concat([])), AlignedPrints.concat([]).forward.dtype) == (5, 0, np.float64)


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        AlignedPrints(**{**aligned_rows(2).__dict__, "ts": np.zeros(3, np.int64)})


def test_greeks_have_the_same_helpers():
    table = Greeks(*(np.arange(3.0) for _ in range(4)))
    np.testing.assert_array_equal(table.slice(1, 3).vega, [1.0, 2.0])
