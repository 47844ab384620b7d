"""Trailing baselines, by hand; the whole day is compared with plain sums in test_align."""

import math

import numpy as np
import pytest
from market_day import NS, contracts, prints

from smartmoney_pipeline.market.align import Aligner
from smartmoney_pipeline.schemas.codes import ConditionFamily


def test_rate_of_a_steady_flow_is_its_frequency_from_early_on():
    """One print every 2 s is 0.5 Hz, whether 20 s or 20 min have passed: the estimate is not too low at first."""
    ts = np.arange(0, 1_200, 2) * NS
    rates = Aligner(contracts()).align(prints(ts, [0] * len(ts), 1.0)).contract_rate_hz
    assert rates[0] == 0.0
    np.testing.assert_allclose(rates[10:], 0.5, rtol=0.06)
    np.testing.assert_allclose(rates[100:], 0.5, rtol=0.01)


def test_rate_halves_weight_in_300_seconds():
    # one print at 0 s, read at 300 s: N = 1/2, capacity = tau (1 - 1/2), so the rate is 1 / tau = ln 2 / 300
    rate = Aligner(contracts()).align(prints([0, 300 * NS], [0, 0], 1.0)).contract_rate_hz[1]
    assert rate == pytest.approx(math.log(2) / 300, rel=1e-12)


def test_a_print_does_not_count_itself_but_counts_a_twin_at_the_same_time():
    aligned = Aligner(contracts()).align(prints([NS, NS, NS], [0, 1, 0], 1.0, [5, 6, 7]))
    np.testing.assert_array_equal(aligned.contract_volume, [0, 0, 5])
    np.testing.assert_array_equal(aligned.underlying_volume, [0, 5, 11])


def test_premium_is_dollars_of_the_whole_print():
    # 1.00 x 1 x 100 = 100 USD and 2.00 x 2 x 100 = 400 USD: mean ln 200, variance 2 (ln 2)^2
    aligned = Aligner(contracts()).align(prints([1, 2, 3], [0, 0, 1], [1.0, 2.0, 1.0], [1, 2, 1]))
    assert aligned.premium_log_mean[2] == pytest.approx(math.log(200), rel=1e-14)
    assert aligned.premium_log_var[2] == pytest.approx(2 * math.log(2) ** 2, rel=1e-13)
    assert np.isnan(aligned.premium_log_mean[0]) and np.isnan(aligned.premium_log_var[1])


def test_last_different_price_skips_equal_ones_and_legs_of_packages():
    family = np.array([0, 0, ConditionFamily.MULTI_AUTO, 0, 0], np.uint8)
    aligned = Aligner(contracts()).align(prints(range(5), [0] * 5, [1.0, 1.1, 3.0, 1.1, 1.2], family=family))
    np.testing.assert_array_equal(aligned.last_price, [-1, 10_000, 11_000, 10_000, 11_000])


def test_99th_percentile_of_sizes_is_known_from_a_hundred_prints_on():
    # 98 prints of 1 to 98 contracts and two of 400: two in a hundred are above 98's bin, one in 101 would be above 400's bin.
    sizes = [*range(1, 99), 400, 400, 1, 5_000, 1]
    found = Aligner(contracts()).align(prints(range(len(sizes)), [0] * len(sizes), 1.0, sizes)).size_p99
    assert np.isnan(found[:100]).all()
    # 100 sizes, two of 400 (bin floor(8 log2 400) = 69): at most one in a hundred lies above its upper edge 2^(70/8)
    assert found[100] == pytest.approx(2 ** (70 / 8))
    # a single larger print is one in 102: the percentile stays where it was
    assert found[102] == pytest.approx(2 ** (70 / 8))


def test_99th_percentile_of_sizes_falls_again_once_the_large_prints_are_rare():
    sizes = [*[1] * 50, *[200] * 2, *[1] * 200]
    found = Aligner(contracts()).align(prints(range(len(sizes)), [0] * len(sizes), 1.0, sizes)).size_p99
    # two of 200 are at most one in a hundred of 200 prints and more: then the percentile is the bin of one contract, up to 2^(1/8)
    assert found[150] == pytest.approx(2 ** ((int(8 * np.log2(200)) + 1) / 8))
    assert found[201] == pytest.approx(2 ** (1 / 8))
