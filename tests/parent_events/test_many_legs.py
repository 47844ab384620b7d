"""Packages of five to sixteen legs: signs by price, against a plain search in Python and examples by hand."""

import itertools
import math
import time

import numpy as np
import pytest
from package_legs import HALF, leg, sides

from smartmoney_pipeline.parent_events.structures import Leg, classify
from smartmoney_pipeline.schemas.codes import Structure

EVIDENCE, TIGHTNESS, TICK = math.log(0.6 / 0.4), 0.25, 0.01
CANCELS = math.log(0.82 / 0.10)
"""Prior weights of the names with several legs of one right: 0.82 cancel out, ratios (0.10) do not."""


def plain_scores(legs):
    """Score of every choice of signs with the first leg bought, by the sentences of the module; None where the price is outside."""
    unit = math.gcd(*(one.contracts for one in legs))
    ratio = [one.contracts // unit for one in legs]
    half = sum(r * (one.ask - one.bid) / 2 for r, one in zip(ratio, legs, strict=True))
    scores = {}
    for rest in itertools.product((1, -1), repeat=len(legs) - 1):
        signs = (1, *rest)
        off = sum(s * r * (one.price - (one.bid + one.ask) / 2) for s, r, one in zip(signs, ratio, legs, strict=True))
        if abs(off) > half + TICK + 1e-9:
            continue
        places = [min(max((2 * one.price - one.bid - one.ask) / (one.ask - one.bid), -1), 1) for one in legs]
        support = sum(s * p for s, p in zip(signs, places, strict=True))
        support = abs(support) if abs(off) < 1e-12 else math.copysign(support, support * off)
        score = EVIDENCE * support - TIGHTNESS * abs(off) / half
        for right in (True, False):
            own = [s * r for s, r, one in zip(signs, ratio, legs, strict=True) if one.is_call is right]
            score += CANCELS if len(own) >= 2 and sum(own) == 0 else 0.0
        scores[signs] = score
    return scores


def random_legs(draw, count):
    """Legs with prices on cents, some beyond their own quote by less than its spread."""
    rows = []
    for k in range(count):
        bid, width = 1.0 + float(draw.integers(0, 200)) / 100, float(draw.integers(2, 20)) / 100
        price = bid + float(draw.integers(-int(50 * width), int(150 * width) + 1)) / 100
        rows.append(Leg(30, 80.0 + 2.5 * k, bool(draw.integers(0, 2)), 10 * int(draw.integers(1, 4)), round(price, 2), bid, bid + width))
    return rows


@pytest.mark.parametrize("seed", range(30))
def test_the_search_finds_the_best_choice_and_its_margin(seed):
    draw = np.random.default_rng(seed)
    legs = random_legs(draw, int(draw.integers(5, 10)))
    ranked = sorted(plain_scores(legs).values(), reverse=True)
    reading = classify(legs)
    assert reading.structure is Structure.CUSTOM
    if not ranked:
        assert (reading.margin, set(reading.signs)) == (None, {0})
        return
    margin = ranked[0] - ranked[1] if len(ranked) > 1 else math.inf
    assert reading.margin == pytest.approx(min(margin, 10.0), abs=1e-6)
    if margin >= 0.5 + 1e-6:
        chosen = reading.signs if reading.signs[0] > 0 else tuple(-s for s in reading.signs)
        assert plain_scores(legs)[chosen] == pytest.approx(ranked[0], abs=1e-6)
    if margin < 0.5 - 1e-6:
        assert set(reading.signs) == {0}


def condor_and_put_spread(over=1.0):
    """Six legs of one order: a call condor bought, a put spread sold."""
    calls = [leg(k, "C", s, m, over=over) for k, s, m in ((90, 1, 10.5), (95, -1, 6.5), (105, -1, 1.5), (110, 1, 0.5))]
    return [*calls, leg(85, "P", 1, 0.4, over=over), leg(95, "P", -1, 1.2, over=over)]


def test_six_legs_at_their_touches_have_signs():
    legs = condor_and_put_spread()
    reading = classify(legs)
    assert (reading.structure, reading.runner_up, reading.signs) == (Structure.CUSTOM, Structure.CUSTOM, sides(legs))
    # every leg half a spread off its mid on its side: the package is paid at its ask
    assert reading.net_price_position == pytest.approx(1.0)
    assert reading.buy_probability == pytest.approx(0.72)
    # next best: one call bought and one sold change over, each half of whose place costs 0.405 less 0.25 / 6
    assert reading.margin == pytest.approx(2 * 2 * (EVIDENCE - TIGHTNESS / 6))


def test_near_the_mids_the_signs_stay_open():
    # a tenth of a half-spread each: the exchange of two costs 4 x 0.1 x 0.364 = 0.15 nats, fewer than half a nat
    reading = classify(condor_and_put_spread(over=0.1))
    assert (set(reading.signs), reading.buy_probability, reading.net_price_position) == ({0}, None, None)
    assert reading.margin == pytest.approx(4 * 0.1 * (EVIDENCE - TIGHTNESS / 6))


def test_without_a_quote_of_every_leg_nothing_is_read():
    legs = condor_and_put_spread()
    legs[3] = Leg(30, 110.0, True, 10, 0.5)
    reading = classify(legs)
    assert (set(reading.signs), reading.margin, reading.runner_up) == ({0}, None, None)


def test_the_order_of_the_legs_says_nothing():
    legs = condor_and_put_spread()
    assert classify(legs[::-1]).signs == sides(legs)[::-1]


def sixteen_legs():
    """Spreads bought and sold in turn, each leg at its touch: 8 calls and 8 puts, as many bought as sold of each."""
    signs = [1, -1, -1, 1] * 4
    return [leg(60 + 5 * k, "CP"[k // 8], s, 5.0, over=0.9) for k, s in enumerate(signs)]


def test_sixteen_legs_have_signs():
    legs = sixteen_legs()
    assert classify(legs).signs == sides(legs)


def test_sixteen_legs_take_milliseconds():
    legs = sixteen_legs()
    classify(legs)
    spent = []
    for _ in range(20):
        begun = time.process_time()
        classify(legs)
        spent.append(time.process_time() - begun)
    # 32,768 choices at a few ns each; the bound leaves room for a slow machine
    assert sorted(spent)[10] < 0.02


def test_a_price_beyond_a_spread_of_its_leg_is_no_evidence():
    legs = condor_and_put_spread()
    wild = legs[0]
    legs[0] = Leg(30, wild.strike, True, 10, wild.ask + 3 * 2 * HALF, wild.bid, wild.ask)
    assert set(classify(legs).signs) == {0}
