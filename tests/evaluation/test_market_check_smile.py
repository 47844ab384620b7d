"""Volatility, events, arbitrage and parity on quotes made from known surfaces with Python's own normal distribution."""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from market_check_tapes import OPEN, made_day, print_row, quote_row, spot_row

from smartmoney_pipeline.evaluation.market_check import black, parity, smile
from smartmoney_pipeline.evaluation.market_check.day import NS, Measured

CDF = NormalDist().cdf
NOON = OPEN.value + 2 * 3_600 * NS


def value(forward: float, strike: float, deviation: float, is_call: bool) -> float:
    """Black's formula by the book."""
    d1 = log(forward / strike) / deviation + deviation / 2
    call = forward * CDF(d1) - strike * CDF(d1 - deviation)
    return call if is_call else call - forward + strike


def trading_years(expiry: str, second: float) -> float:
    days = np.busday_count("2026-03-18", expiry)
    return float(days + 1 - second / 23_400) / 252


def chain_day(volatility, expiries=("2026-04-17", "2026-06-19"), root="ACME", underlying="ACME", earnings="2026-09-30", half=0.01):
    """Quotes of strikes 70 to 130 at one time, from `volatility(expiry, strike)` on a forward of 100 at no rate."""
    quotes = []
    for expiry in expiries:
        years = trading_years(expiry, 3_600)
        for strike in range(70, 131, 2):
            for right in "CP":
                mid = value(100.0, strike, volatility(expiry, strike) * sqrt(years), right == "C")
                symbol = f"{root}{expiry[2:4]}{expiry[5:7]}{expiry[8:]}{right}{strike * 1000:08d}"
                quotes.append(quote_row(3_599, mid - half, mid + half, option_symbol=symbol))
    calendar = pd.DataFrame(
        {"underlying": ["ACME"], "event_type": ["earnings"], "event_date": [earnings], "event_time": ["amc"], "amount": [None]}
    )
    prints = [print_row(3_600, 1.0, 1, 1, option_symbol=quotes[0]["option_symbol"], underlying=underlying)]
    return made_day(prints, quotes, [spot_row(0, 100.0, underlying)], event_calendar=calendar)


def test_normal_distribution_and_inversion():
    x = np.array([-3.0, -0.5, 0.0, 1.2])
    np.testing.assert_allclose(black.normal_cdf(x), [CDF(v) for v in x], atol=1e-7)
    priced = np.array([value(100.0, 110.0, 0.25 * sqrt(0.5), True), value(100.0, 90.0, 0.6 * sqrt(0.5), False), 200.0])
    found = black.implied_volatility(
        priced, np.full(3, 100.0), np.array([110.0, 90.0, 90.0]), np.full(3, 0.5), np.array([True, False, True])
    )
    np.testing.assert_allclose(found[:2], [0.25, 0.6], atol=1e-4)
    assert np.isnan(found[2])


def test_level_and_slope_of_a_known_smile():
    # ln volatility falls by a tenth a deviation: the slope of volatility over its level is -0.1 at the forward
    def skewed(expiry, strike):
        return 0.3 * exp(-0.1 * log(strike / 100.0) / (0.3 * sqrt(trading_years(expiry, 3_600))))

    table = smile.smiles(smile.snapshot(chain_day(skewed), OPEN.value + 3_600 * NS))
    np.testing.assert_allclose(table["level"], 0.3, atol=0.003)
    np.testing.assert_allclose(table["slope"], -0.1, atol=0.01)


def test_a_flat_surface_is_free_of_arbitrage_and_a_bump_is_found():
    live = smile.snapshot(chain_day(lambda expiry, strike: 0.3), OPEN.value + 3_600 * NS).assign(time=0)
    assert {m.value for m in smile.measure_arbitrage(live).values()} == {1.0}
    bumped = live.assign(bid=live["bid"] + 3.0 * (live["strike"] == 100), mid=live["mid"] + 3.0 * (live["strike"] == 100))
    found = smile.measure_arbitrage(bumped)
    assert found["convex_mids"].value < 1.0
    assert found["butterflies"].value < 1.0


def test_the_move_of_an_event_is_recovered():
    # 30 % without the event, and a move of 8 % in both expiries after it: variance = 0.09 T + 0.0064
    def with_event(expiry, strike):
        years = trading_years(expiry, 3_600)
        return sqrt(0.09 + (0.0064 / years if expiry > "2026-03-27" else 0.0))

    expiries = ("2026-03-27", "2026-04-17", "2026-06-19")
    day = chain_day(with_event, expiries, earnings="2026-03-31")
    table = smile.smiles(smile.snapshot(day, OPEN.value + 3_600 * NS)).assign(time=0)
    found = smile.measure_events(day, table)
    assert found["event_move"].value == pytest.approx(0.08, abs=0.003)
    assert found["event_term"].value < -0.05
    # forward volatility between the first two expiries over 30 %
    gap = trading_years("2026-04-17", 3_600) - trading_years("2026-03-27", 3_600)
    assert found["event_premium"].value == pytest.approx(sqrt(0.09 + 0.0064 / gap) / 0.3, abs=0.02)


def test_total_variance_that_falls_is_found():
    falling = chain_day(lambda expiry, strike: 0.9 if expiry < "2026-05" else 0.3)
    table = smile.smiles(smile.snapshot(falling, OPEN.value + 3_600 * NS)).assign(time=0)
    assert smile._calendar_order(table) == Measured(0.0, 1)


def pair_rows(gaps: list[float], half: float = 0.05) -> pd.DataFrame:
    """Pairs over strikes and spots with a call less put of spot - 0.99 strike, each off by a given amount."""
    rows = [(100.0 + n % 7, 90.0 + 5 * (n % 5), gap) for n, gap in enumerate(gaps)]
    table = pd.DataFrame(rows, columns=["spot", "strike", "off"])
    return table.assign(underlying="SPX", expiry=1, gap=table["spot"] - 0.99 * table["strike"] + table["off"], slack=half, years=0.1)


def test_european_parity_counts_what_lies_within_the_spreads():
    assert parity.european_within(pair_rows([0.0] * 100)).value == 1.0
    spoiled = parity.european_within(pair_rows([0.0] * 80 + [0.5, -0.5] * 10))
    assert spoiled.value == pytest.approx(0.8)


def test_american_bounds_on_both_sides():
    # spot 100, strike 100, no rate, no dividend: the gap must be 0 within the half-spreads; a dividend of 1 lowers the lower bound
    table = pd.DataFrame({"spot": 100.0, "strike": 100.0, "gap": [0.0, 0.05, 0.06, -0.9], "slack": 0.05, "years": 0.1})
    assert parity.american_within(table, np.zeros(4), 0.0).value == 0.5
    assert parity.american_within(table, np.ones(4), 0.0).value == 0.75


def test_pairs_need_quotes_of_one_moment():
    call, put = "ACME260417C00100000", "ACME260417P00100000"
    quotes = [quote_row(1.0, 2.0, 2.1, option_symbol=put), quote_row(1.05, 2.2, 2.3), quote_row(9.0, 2.2, 2.4)]
    day = made_day([print_row(10, 2.2, 1, 1, option_symbol=call)], quotes, [spot_row(0, 100.0), spot_row(2, 102.0)])
    table = parity.pairs(day, ["ACME"])
    assert len(table) == 1
    assert table["gap"].iloc[0] == pytest.approx(0.2)
    assert table["slack"].iloc[0] == pytest.approx(0.1)
    # half-way between the changes of the underlying, to a fortieth
    assert table["spot"].iloc[0] == pytest.approx(101.05)
