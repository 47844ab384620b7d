"""Forward from parity, its refresh, and what stands in for it. Quotes are put about prices that fulfil parity by hand."""

import math

import numpy as np
import pytest
from market_day import NS, contracts, prints, quotes, spots

from smartmoney_pipeline.market.align import Aligner

GROWTH = math.exp(0.04 * 0.25)


def chain(ts, forward, half=0.05, strikes=(95.0, 100.0, 105.0), skip=()):
    """Quotes of the first underlying's calls and puts with C - P = (F - K) / growth at every strike."""
    rows = []
    for k, strike in enumerate(strikes):
        put = 3.0 + 0.1 * (strike - 100.0)
        call = put + (forward - strike) / GROWTH
        rows += [(ts, 2 * k, round(call - half, 4), round(call + half, 4)), (ts, 2 * k + 1, put - half, put + half)]
    return [row for n, row in enumerate(rows) if n not in skip]


def forward_of(p, q, s=None, **more):
    return Aligner(contracts(**more)).align(p, iter([quotes(sorted(q, key=lambda r: r[0]))]), None if s is None else iter([spots(s)]))


def test_parity_gives_the_forward():
    aligned = forward_of(prints([NS], [0], 1.0), chain(0, 101.3), [(0, 0, 99.98, 100.02)])
    assert (aligned.forward[0], aligned.forward_source[0]) == (pytest.approx(101.3, abs=2e-3), 1)


def test_parity_needs_no_underlying():
    aligned = forward_of(prints([NS], [0], 1.0), chain(0, 101.3))
    assert (aligned.forward[0], aligned.forward_source[0]) == (pytest.approx(101.3, abs=2e-3), 1)


def test_one_bad_leg_does_not_move_the_median():
    rows = chain(0, 101.3)
    rows[2] = (0, 2, 9.0, 9.1)
    aligned = forward_of(prints([NS], [0], 1.0), rows, [(0, 0, 99.98, 100.02)])
    assert aligned.forward[0] == pytest.approx(101.3, abs=2e-3)


@pytest.mark.parametrize(
    ("bid", "ask"),
    [(0.0, 3.0), (3.1, 3.0), (3.0, 3.0), (1.0, 4.0)],
    ids=["no bid", "crossed", "locked", "wide"],
)
def test_a_leg_that_is_no_market_is_left_out(bid, ask):
    legs = [(0, 2, 4.95, 5.05), (0, 3, bid, ask)]
    aligned = forward_of(prints([NS], [0], 1.0), legs, [(0, 0, 100.0, 100.0)])
    assert (aligned.forward[0], aligned.forward_source[0]) == (pytest.approx(100 * GROWTH, rel=1e-6), 2)


def test_between_refreshes_the_forward_moves_with_spot():
    p = prints([1 * NS, 4 * NS, 8 * NS], [0] * 3, 1.0)
    q = chain(0, 101.0) + chain(2 * NS, 99.5)
    aligned = forward_of(p, q, [(0, 0, 100.0, 100.0), (2 * NS, 0, 102.0, 102.0)])
    # at 4 s the basis of 1 s is kept: 102 x 1.01; at 8 s it is worked out again
    np.testing.assert_allclose(aligned.forward, [101.0, 103.02, 99.5], atol=5e-3)


def test_old_legs_are_dropped_and_spot_stands_in():
    aligned = forward_of(prints([1000 * NS], [0], 1.0), chain(0, 101.3), [(0, 0, 100.0, 100.0)])
    years = 0.25 - 1000 / (365 * 86_400)
    assert (aligned.forward[0], aligned.forward_source[0]) == (pytest.approx(100 * math.exp(0.04 * years), rel=1e-6), 2)


def test_known_dividends_lower_the_spot_forward():
    aligned = forward_of(prints([NS], [0], 1.0), [], [(0, 0, 100.0, 100.0)], slice_dividends=[1.5, 0.0])
    assert aligned.forward[0] == pytest.approx(98.5 * GROWTH, rel=1e-6)


def test_options_on_their_own_forward_take_no_spot():
    s = [(0, 0, 15.0, 15.0)]
    alone = forward_of(prints([NS], [0], 1.0), [], s, underlying_forward_only=[True, False])
    assert np.isnan(alone.forward[0]) and alone.forward_source[0] == 0
    pairs = forward_of(
        prints([NS, 3 * NS], [0, 0], 1.0), chain(0, 101.3), [*s, (2 * NS, 0, 18.0, 18.0)], underlying_forward_only=[True, False]
    )
    np.testing.assert_allclose(pairs.forward, [101.3, 101.3], atol=2e-3)


def test_an_unknown_rate_is_zero_and_stays_unknown():
    aligned = forward_of(prints([NS], [0], 1.0), [], [(0, 0, 100.0, 100.0)], rate=np.nan)
    assert aligned.forward[0] == 100.0 and np.isnan(aligned.rate[0])


def test_a_wide_chain_uses_the_strikes_nearest_the_money():
    """Far strikes are off parity by 0.50 (early exercise); the five nearest are not."""
    strikes = tuple(np.arange(80.0, 121.0, 1.0))
    rows = chain(0, 100.4, strikes=strikes)
    bent = [(t, c, b + 0.5 * (c % 2 == 1 and c // 2 > 26), a + 0.5 * (c % 2 == 1 and c // 2 > 26)) for t, c, b, a in rows]
    aligned = forward_of(prints([NS, 7 * NS], [0, 0], 1.0), bent, [(0, 0, 100.0, 100.0)], strikes=strikes)
    np.testing.assert_allclose(aligned.forward, 100.4, atol=2e-3)


def test_nothing_after_settlement():
    aligned = forward_of(prints([NS], [0], 1.0), chain(0, 101.3), [(0, 0, 100.0, 100.0)], years=0.0)
    assert aligned.forward_source[0] == 0 and np.isnan(aligned.forward[0])
