"""Which price is inverted on which forward; Hull's examples; nulls."""

import math

import numpy as np
import pytest
import QuantLib
from market_day import NS, OPEN, aligned_rows, contracts, ticks

from smartmoney_pipeline.market.pricing import implied_volatility, price_prints

GROWTH = math.exp(0.04 * 0.25)
SIGMA = 0.3


def black(forward, strike, is_call, sigma=SIGMA):
    return QuantLib.blackFormula(1 if is_call else -1, strike, forward, sigma * 0.5, 1 / GROWTH)


def quoted(contract, forward=100.0, spot=99.0, half=0.05, sigma=SIGMA, **more):
    """A print of a contract of the plain chain (95, 100, 105 calls and puts in turn) with its quote about the Black price."""
    strike, is_call = 95.0 + 5 * (contract // 2), contract % 2 == 0
    mid = black(forward, strike, is_call, sigma)
    row = {"bid": ticks(mid - half), "ask": ticks(mid + half), "u_bid": ticks(spot), "u_ask": ticks(spot)}
    return aligned_rows(1, ts=OPEN, contract=contract, forward=forward, **(row | more))


def test_hull_implied_volatility():
    """Hull, chapter on the Black-Scholes-Merton model, implied volatilities: S 21, K 20, r 10 %, 3 months, call 1.875 gives 23.5 %."""
    iv = implied_volatility(1.875, 21 * math.exp(0.1 * 0.25), 20.0, 0.25, 0.1, True)
    assert round(float(iv[0]), 3) == 0.235


def test_hull_european_call_and_put():
    """Hull, same chapter: S 42, K 40, r 10 %, six months, volatility 20 %: call 4.76, put 0.81."""
    forward = 42 * math.exp(0.05)
    np.testing.assert_allclose(implied_volatility([4.7594, 0.8086], forward, 40.0, 0.5, 0.1, [True, False]), 0.2, atol=2e-5)


@pytest.mark.parametrize("contract", range(6))
def test_volatility_and_delta_of_every_contract_of_a_chain(contract):
    aligned, c = quoted(contract), contracts()
    greeks = price_prints(aligned, c)
    strike, is_call = 95.0 + 5 * (contract // 2), contract % 2 == 0
    payoff = QuantLib.PlainVanillaPayoff(1 if is_call else -1, strike)
    theirs = QuantLib.BlackCalculator(payoff, 100.0, SIGMA * 0.5, 1 / GROWTH)
    assert greeks.iv[0] == pytest.approx(SIGMA, abs=2e-5)
    assert greeks.delta[0] == pytest.approx(theirs.delta(99.0), abs=1e-4)
    assert greeks.gamma[0] == pytest.approx(theirs.gamma(99.0), rel=1e-3)
    assert greeks.vega[0] == pytest.approx(theirs.vega(0.25), rel=1e-3)


def test_an_in_the_money_print_takes_the_volatility_of_its_quoted_pair():
    """The 95 call is quoted at 30 % volatility, the 95 put at 40 %: the put is out of the money and decides."""
    put = black(100.0, 95.0, False, 0.4)
    greeks = price_prints(quoted(0, pair_bid=ticks(put - 0.05), pair_ask=ticks(put + 0.05)), contracts())
    assert greeks.iv[0] == pytest.approx(0.4, abs=2e-5)
    assert greeks.delta[0] > 0.5, "the delta is still the call's"


def test_an_out_of_the_money_print_takes_its_own():
    call = black(100.0, 95.0, True, 0.4)
    greeks = price_prints(quoted(1, pair_bid=ticks(call - 0.05), pair_ask=ticks(call + 0.05)), contracts())
    assert greeks.iv[0] == pytest.approx(SIGMA, abs=2e-5)


def test_delta_is_by_the_forward_where_spot_is_unknown_or_gives_none():
    unknown = price_prints(quoted(2, u_bid=-1, u_ask=-1), contracts())
    own = price_prints(quoted(2), contracts(underlying_forward_only=[True, False]))
    theirs = QuantLib.BlackCalculator(QuantLib.PlainVanillaPayoff(1, 100.0), 100.0, SIGMA * 0.5, 1 / GROWTH).deltaForward()
    assert unknown.delta[0] == pytest.approx(theirs, abs=1e-5)
    assert own.delta[0] == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"bid": 0, "ask": 500},
        {"bid": -1, "ask": -1},
        {"bid": 41_000, "ask": 40_000},
        {"forward": np.nan},
        {"ts": OPEN + 200 * 86_400 * NS},
        {"bid": 100, "ask": 400},
    ],
    ids=["no bid", "no quote", "crossed", "no forward", "expired", "below three ticks"],
)
def test_nothing_is_told_where_nothing_can_be(change):
    row = quoted(2).__dict__ | {name: np.array([value], getattr(quoted(2), name).dtype) for name, value in change.items()}
    greeks = price_prints(type(quoted(2))(**row), contracts())
    assert all(np.isnan(column[0]) for column in (greeks.iv, greeks.delta, greeks.gamma, greeks.vega))


def test_no_volatility_outside_the_bounds_of_the_price():
    # at intrinsic value, below it, above the forward, and with no time left
    iv = implied_volatility([5.0, 4.0, 101.0, 6.0, 6.0], 100.0, 95.0, [1, 1, 1, 0, 1], 0.0, True)
    np.testing.assert_array_equal(np.isnan(iv), [True, True, True, True, False])


def test_floors_on_price_and_time_value():
    args = ([0.02, 0.03], 100.0, 110.0, 0.1, 0.0, True)
    np.testing.assert_array_equal(np.isnan(implied_volatility(*args, price_floor=0.03)), [True, False])
    args = ([10.005, 10.02], 100.0, 90.0, 0.1, 0.0, True)
    np.testing.assert_array_equal(np.isnan(implied_volatility(*args, time_value_floor=0.01)), [True, False])
