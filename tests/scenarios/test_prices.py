"""Expected values come from QuantLib 1.44; the trees there are finer and of another kind."""

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813  the name its users know

from smartmoney_pipeline.scenarios.prices.american import STEPS, premium_grid, premium_rows, tree_values
from smartmoney_pipeline.scenarios.prices.european import black_rows

NONE = np.empty(0)
TODAY = ql.Date(18, 3, 2026)


def ql_process(spot, rate, yield_rate, volatility):
    ql.Settings.instance().evaluationDate = TODAY
    count = ql.Actual365Fixed()
    flat = [ql.YieldTermStructureHandle(ql.FlatForward(TODAY, value, count)) for value in (yield_rate, rate)]
    vol = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), volatility, count))
    return ql.BlackScholesMertonProcess(ql.QuoteHandle(ql.SimpleQuote(spot)), *flat, vol)


def ql_american(spot, strike, is_call, rate, yield_rate, volatility, days, dividends=()):
    process = ql_process(spot, rate, yield_rate, volatility)
    kind = ql.Option.Call if is_call else ql.Option.Put
    option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), ql.AmericanExercise(TODAY, TODAY + days))
    schedule = ql.DividendVector([TODAY + d for d, _ in dividends], [a for _, a in dividends])
    escrowed = ql.FdBlackScholesVanillaEngine.Escrowed
    scheme = ql.FdmSchemeDesc.Douglas()
    option.setPricingEngine(
        ql.FdBlackScholesVanillaEngine(process, schedule, 400, 800, 0, scheme, False, -1.0, escrowed)
        if dividends
        else ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.accurateScheme())
    )
    return option.NPV()


@pytest.mark.parametrize("strike", [80.0, 100.0, 125.0])
@pytest.mark.parametrize("is_call", [True, False])
def test_black_price_delta_and_vega_agree_with_quantlib(strike, is_call):
    price, delta, vega = black_rows(np.array([101.0]), np.array([strike]), np.array([is_call]), np.array([0.12]), np.array([0.98]))
    kind = ql.Option.Call if is_call else ql.Option.Put
    calculator = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), 101.0, 0.12, 0.98)
    assert price[0] == pytest.approx(calculator.value(), abs=1e-10)
    assert delta[0] == pytest.approx(calculator.deltaForward(), abs=1e-10)
    # With one year to expiry, vega per unit of volatility is vega per unit of deviation.
    assert vega[0] == pytest.approx(calculator.vega(1.0), abs=1e-9)


def test_black_without_time_is_intrinsic_value():
    # Hand arithmetic: 0.5 x (103 - 100) = 1.5 for the call, nothing for the put.
    price, _, _ = black_rows(np.array([103.0, 103.0]), np.array([100.0, 100.0]), np.array([True, False]), np.zeros(2), np.full(2, 0.5))
    assert price.tolist() == [1.5, 0.0]


@pytest.mark.parametrize("strike", [85.0, 100.0, 110.0])
@pytest.mark.parametrize("days", [30, 365])
def test_american_put_agrees_with_quantlib(strike, days):
    american, european = tree_values(100.0, strike, False, 0.045, 0.0, 0.25, days / 365, NONE, NONE, 201)
    assert american == pytest.approx(ql_american(100.0, strike, False, 0.045, 0.0, 0.25, days), rel=5e-4, abs=2e-3)
    assert american > european


def test_american_call_before_a_dividend_agrees_with_quantlib():
    # The same escrowed-dividend model there: volatility belongs to the price less the dividends to come.
    times, amounts = np.array([20 / 365]), np.array([3.0])
    american, european = tree_values(100.0, 90.0, True, 0.04, 0.0, 0.25, 30 / 365, times, amounts, 201)
    assert american == pytest.approx(ql_american(100.0, 90.0, True, 0.04, 0.0, 0.25, 30, [(20, 3.0)]), abs=2e-2)
    assert american > european + 0.5


def test_american_call_without_dividends_has_no_premium():
    american, european = tree_values(100.0, 95.0, True, 0.04, 0.0, 0.3, 0.5, NONE, NONE, STEPS)
    assert american == pytest.approx(european, abs=1e-9)


def test_european_value_plus_interpolated_premium_agrees_with_quantlib():
    spots, vols = 100.0 * np.exp(np.linspace(-0.1, 0.1, 11)), np.array([0.2, 0.28, 0.4])
    grid = premium_grid(spots, vols, 105.0, False, 0.045, 0.0, 0.25, NONE, NONE, STEPS)
    spot, volatility = np.array([96.3, 101.7]), np.array([0.25, 0.31])
    premium = premium_rows(grid, spots, vols, spot, volatility)
    discount = np.exp(-0.045 * 0.25)
    price, _, _ = black_rows(spot / discount, np.full(2, 105.0), np.zeros(2, dtype=bool), volatility * 0.5, np.full(2, discount))
    # A quarter of a year is 91.25 days; QuantLib counts whole days, hence the tolerance of a cent.
    expected = [ql_american(s, 105.0, False, 0.045, 0.0, v, 91) for s, v in zip(spot, volatility, strict=True)]
    assert price + premium == pytest.approx(expected, abs=1.5e-2)
