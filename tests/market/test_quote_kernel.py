"""Packing of quotes."""

import pytest

from smartmoney_pipeline.market.quote_kernel import NOTHING, empty_quote_rows, high_half, low_half, pack, pack_prices


@pytest.mark.parametrize(("high", "low"), [(0, 0), (-1, -1), (2**31 - 1, -(2**31)), (5, -1), (-1, 7), (123_456, 654_321)])
def test_packed_halves_come_back(high, low):
    assert (high_half(pack(high, low)), low_half(pack(high, low))) == (high, low)


@pytest.mark.parametrize(("bid", "ask", "sides"), [(0, 500, (0, 500)), (-1, 500, (0, 500)), (500, 0, (500, 0)), (0, 0, (-1, -1))])
def test_a_missing_side_is_zero_and_two_are_no_quote(bid, ask, sides):
    packed = pack_prices(bid, ask)
    assert (high_half(packed), low_half(packed)) == sides
    assert (packed == NOTHING) == (sides == (-1, -1))


def test_rows_begin_on_a_cache_line():
    rows = empty_quote_rows(3)
    assert rows.ctypes.data % 64 == 0 and rows.strides[0] % 64 == 0
