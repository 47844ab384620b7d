"""The weighted median, by hand."""

import numpy as np
import pytest

from smartmoney_pipeline.market.parity_kernel import weighted_median


@pytest.mark.parametrize(
    ("levels", "weights", "expected"),
    [([3.0, 1.0, 2.0], [1, 1, 1], 2.0), ([1.0, 2.0, 9.0], [1, 1, 5], 9.0), ([1.0, 2.0], [1, 1], 1.0), ([4.0, 4.0], [1, 3], 4.0)],
)
def test_weighted_median_is_the_lowest_level_with_half_the_weight(levels, weights, expected):
    table = np.column_stack([np.zeros(len(levels)), levels, weights]).astype(float)
    assert weighted_median(table, len(levels)) == expected
