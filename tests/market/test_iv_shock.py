"""Change of volatility against the reference state; prices by QuantLib."""

import math

import numpy as np
import pytest
import QuantLib
from market_day import NS, OPEN, aligned_rows, contracts, ticks

from smartmoney_pipeline.market.iv_shock import iv_shock_points, print_iv_shock, reference_time

GROWTH = math.exp(0.04 * 0.25)


def price(sigma, forward):
    return QuantLib.blackFormula(1, 105.0, forward, sigma * 0.5, 1 / GROWTH)


def drift(now, then, spot=100.0, ref_spot=100.0, half=0.05, **more):
    """Print of the 105 call, forward 1 % over spot, quoted at volatility `now`; at `then` half a minute before."""
    a, b = price(now, 1.01 * spot), price(then, 1.01 * ref_spot)
    row = {"bid": ticks(a - half), "ask": ticks(a + half), "ref_bid": ticks(b - half), "ref_ask": ticks(b + half)}
    row |= {"forward": 1.01 * spot, "u_bid": ticks(spot), "u_ask": ticks(spot), "ref_mid_u": ref_spot}
    return print_iv_shock(aligned_rows(1, ts=OPEN, contract=4, **(row | more)), contracts())


def test_a_rise_of_two_points_is_two_points():
    shock = drift(0.32, 0.30)
    vega_a_point = QuantLib.BlackCalculator(QuantLib.PlainVanillaPayoff(1, 105.0), 101.0, 0.16, 1 / GROWTH).vega(0.25) / 100
    assert shock.points[0] == pytest.approx(2.0, abs=0.01)
    assert shock.half_spread_points[0] == pytest.approx(0.05 / vega_a_point, rel=2e-3)
    assert shock.half_spreads[0] == pytest.approx(2.0 * vega_a_point / 0.05, rel=1e-2)


def test_a_move_of_the_underlying_alone_is_no_shock():
    """The option's mid rises by a dollar, its volatility not at all: below half a half-spread nothing is told."""
    assert np.isnan(drift(0.30, 0.30, spot=102.0, ref_spot=100.0).points[0])
    assert np.isnan(drift(0.30, 0.30).points[0])


def test_small_changes_are_inside_the_price_grid():
    assert np.isnan(drift(0.301, 0.30).points[0])
    assert drift(0.301, 0.30, half=0.005).points[0] == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("change", [{"ref_bid": -1, "ref_ask": -1}, {"ref_mid_u": np.nan}, {"u_bid": -1}, {"forward": np.nan}])
def test_no_reference_no_shock(change):
    assert np.isnan(drift(0.32, 0.30, **change).points[0])


def test_too_little_vega_is_not_told():
    """A deep in-the-money option of a day: its vega is below a cent a point."""
    args = {"strike": np.array([90.0]), "rate": np.array([0.0]), "is_call": np.array([True]), "years": np.array([1 / 365])}
    shock = iv_shock_points(
        bid=ticks([10.02]), ask=ticks([10.04]), forward=np.array([100.0]), ref_bid=ticks([10.01]), ref_ask=ticks([10.02]),
        ref_forward=np.array([100.0]), ref_years=np.array([1 / 365]), **args,
    )  # fmt: skip
    assert np.isnan(shock.points[0])


def test_reference_time_is_30_to_60_seconds_before():
    ts = OPEN + np.array([0, 29, 30, 61]) * NS
    np.testing.assert_array_equal((ts - reference_time(ts)) // NS, [30, 59, 30, 31])
