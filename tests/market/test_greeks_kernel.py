"""Greeks against Hull's worked examples and QuantLib."""

import math

import pytest
import QuantLib

from smartmoney_pipeline.market.greeks_kernel import greeks_row

# Hull, Options, Futures, and Other Derivatives, chapter on the Greek letters: S = 49, K = 50, r = 5 %, sigma = 20 %, 20 weeks.
S, K, R, SIGMA, T = 49.0, 50.0, 0.05, 0.20, 0.3846


def hull(is_call):
    growth = math.exp(R * T)
    return greeks_row(SIGMA, S * growth, K, T, 1 / growth, growth, is_call)


def test_hull_call():
    delta, gamma, vega = hull(True)
    assert (round(delta, 3), round(gamma, 3), round(vega, 1)) == (0.522, 0.066, 12.1)


def test_hull_put_delta_is_call_delta_less_one():
    assert hull(False)[0] == pytest.approx(hull(True)[0] - 1.0, abs=1e-12)


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("strike", [80.0, 100.0, 130.0])
def test_against_quantlib_black_calculator(strike, is_call):
    forward, spot, years, discount, sigma = 101.0, 100.0, 0.7, 0.97, 0.35
    payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if is_call else QuantLib.Option.Put, strike)
    theirs = QuantLib.BlackCalculator(payoff, forward, sigma * math.sqrt(years), discount)
    delta, gamma, vega = greeks_row(sigma, forward, strike, years, discount, forward / spot, is_call)
    assert delta == pytest.approx(theirs.delta(spot), rel=1e-12)
    assert gamma == pytest.approx(theirs.gamma(spot), rel=1e-10)
    assert vega == pytest.approx(theirs.vega(years), rel=1e-12)
