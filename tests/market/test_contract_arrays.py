"""Pairs, slices and strike lists."""

import numpy as np
import pytest
from market_day import CLOSE, OPEN, contracts

from smartmoney_pipeline.market.contracts import build_contract_arrays, dense_ids


def test_pairs_and_strike_lists_on_a_hand_made_chain():
    # contract: 0 = 110 call, 1 = 100 put, 2 = 100 call, 3 = 110 put of slice 1, 4 = 100 call of slice 0
    c = build_contract_arrays(
        underlying=[0] * 5, slice_id=[1, 1, 1, 1, 0], strike_ticks=[1_100_000, 1_000_000, 1_000_000, 1_100_000, 1_000_000],
        is_call=[True, False, True, False, True], settle_ns=[CLOSE] * 5, session_open_ns=OPEN, session_close_ns=CLOSE,
    )  # fmt: skip
    np.testing.assert_array_equal(c.pair, [3, 2, 1, 0, -1])
    np.testing.assert_array_equal(c.slice_start, [0, 1, 3])
    np.testing.assert_array_equal(c.strikes, [1_000_000, 1_000_000, 1_100_000])
    np.testing.assert_array_equal(c.strike_call, [4, 2, 0])
    np.testing.assert_array_equal(c.strike_put, [-1, 1, 3])


def test_two_contracts_of_the_same_terms_are_refused():
    with pytest.raises(ValueError, match="share slice, strike and right"):
        contracts(strikes=(100.0, 100.0))


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="differ in length: multiplier, minutes_at_open"):
        contracts(multiplier=[100], minutes_at_open=[1.0])


def test_dense_ids_follow_the_sorted_tuples():
    np.testing.assert_array_equal(dense_ids(["b", "a", "b"], [2, 9, 1]), [2, 0, 1])
