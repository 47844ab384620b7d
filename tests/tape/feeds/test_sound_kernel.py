"""The quick look at a whole column against the rules that name each fault: it may only call sound what they find no fault in."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.tape.feeds.sound_kernel import sound_prices, sound_sizes
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.rules import check_price_sign, price_ticks, whole_sizes

PRICES = st.sampled_from([0.0, -0.01, 0.01, 1.2345, 1.23456, 214_748.0, 214_748.1, 1e9]) | st.integers(0, 10**6).map(lambda n: n / 10_000)
SIZES = st.sampled_from([-1, 0, 1, 2**31 - 1, 2**31]) | st.integers(1, 1000)


def faults(count: int) -> RowFaults:
    return RowFaults("option_quotes", np.arange(count), "file.csv")


@settings(deadline=None, max_examples=200)
@given(st.lists(PRICES, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_prices_are_sound_where_the_rules_find_no_fault(prices, zero_is_answer, on_grid):
    found, column = faults(len(prices)), pa.array(prices)
    if on_grid:
        price_ticks(column, found, zero_is_answer=zero_is_answer)
    else:
        check_price_sign(column, found, zero_is_answer=zero_is_answer)
    sound = sound_prices(np.array(prices), zero_is_answer, on_grid)
    if on_grid:
        assert sound == bool(found.good.all())
    else:
        assert not sound or found.good.all()


@settings(deadline=None, max_examples=100)
@given(st.lists(SIZES, min_size=1, max_size=4), st.booleans())
def test_sizes_are_sound_where_the_rules_find_no_fault(sizes, zero_is_answer):
    found = faults(len(sizes))
    whole_sizes(pa.array(sizes), found, zero_is_answer=zero_is_answer)
    assert sound_sizes(np.array(sizes), 0 if zero_is_answer else 1) == bool(found.good.all())


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_never_sound(odd):
    assert not sound_prices(np.array([1.0, odd]), True, False)
