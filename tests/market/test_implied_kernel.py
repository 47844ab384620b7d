"""Implied volatility against mpmath prices, QuantLib and vollib."""

import math

import numpy as np
import pytest
import QuantLib
from test_black_kernel import black
from vollib.black.implied_volatility import implied_volatility as vollib_implied

from smartmoney_pipeline.market.implied_kernel import total_volatility
from smartmoney_pipeline.market.pricing import implied_volatility


def tail_set(n=400):
    """Total volatilities from 0.0005 to 3 and up to six deviations from the money."""
    rng = np.random.default_rng(11)
    return np.exp(rng.uniform(np.log(5e-4), np.log(3.0), n)), rng.uniform(0.0, 6.0, n)


def test_tails_against_prices_of_50_digits():
    for s, deviations in zip(*tail_set(), strict=True):
        x = -deviations * s
        assert total_volatility(x, float(black(x, s))) == pytest.approx(s, rel=1e-10)


@pytest.mark.parametrize("s", [5.0, 8.0])
def test_very_high_volatility_is_as_exact_as_its_price(s):
    """Near the upper bound a few roundings of the price move the volatility by their sum over the slope."""
    slope = math.exp(-s * s / 8) / math.sqrt(2 * math.pi)
    assert total_volatility(0.0, float(black(0.0, s))) == pytest.approx(s, abs=1e-15 / slope)


def flow(n=300):
    """Options as they trade: F, K, years, rate, volatility, right."""
    rng = np.random.default_rng(5)
    years = rng.choice([1, 7, 30, 90, 365], n) / 365
    sigma, right = rng.uniform(0.1, 0.9, n), rng.random(n) < 0.5
    strike = 100 * np.exp(rng.normal(0, 1, n) * sigma * np.sqrt(years))
    return np.full(n, 100.0), strike, years, np.full(n, 0.04), sigma, right


def test_against_quantlib():
    forward, strike, years, rate, sigma, right = flow()
    for f, k, t, r, v, call in zip(forward, strike, years, rate, sigma, right, strict=True):
        kind = QuantLib.Option.Call if call else QuantLib.Option.Put
        discount = math.exp(-r * t)
        price = QuantLib.blackFormula(kind, k, f, v * math.sqrt(t), discount)
        ours = implied_volatility(price, f, k, t, r, call)[0]
        if price - discount * max(f - k if call else k - f, 0.0) < 1e-6:
            continue
        theirs = QuantLib.blackFormulaImpliedStdDev(kind, k, f, price, discount, 0.0, v * math.sqrt(t), 1e-14, 500)
        assert ours == pytest.approx(v, abs=2e-8)
        assert ours == pytest.approx(theirs / math.sqrt(t), abs=2e-8)
        assert QuantLib.blackFormula(kind, k, f, ours * math.sqrt(t), discount) == pytest.approx(price, abs=1e-10)


def test_against_vollib():
    for f, k, t, r, v, call in zip(*flow(60), strict=True):
        price = round(QuantLib.blackFormula(1 if call else -1, k, f, v * math.sqrt(t), math.exp(-r * t)), 2)
        ours = implied_volatility(price, f, k, t, r, call)[0]
        if np.isnan(ours):
            continue
        assert ours == pytest.approx(vollib_implied(price, f, k, r, t, "c" if call else "p"), rel=1e-9)


def test_round_trip_of_a_price_grid_is_below_1e_8():
    forward, strike, years, rate, sigma, right = flow(5_000)
    kinds = np.where(right, 1, -1)
    discount = np.exp(-rate * years)
    exact = [
        QuantLib.blackFormula(int(w), k, f, v * math.sqrt(t), d)
        for w, k, f, v, t, d in zip(kinds, strike, forward, sigma, years, discount, strict=True)
    ]
    price = np.round(exact, 2)
    iv = implied_volatility(price, forward, strike, years, rate, right)
    solved = np.flatnonzero(np.isfinite(iv))
    assert len(solved) > 4_500
    again = [QuantLib.blackFormula(int(kinds[i]), strike[i], forward[i], iv[i] * math.sqrt(years[i]), discount[i]) for i in solved]
    assert np.abs(np.array(again) - price[solved]).max() < 1e-8
