"""Signing: the published rules against tclf, the order of layers, and what weakens the evidence."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from market_day import OPEN, YEAR, aligned_rows, contracts, ticks

from smartmoney_pipeline.market import sign_rules
from smartmoney_pipeline.market.sign import sign_prints
from smartmoney_pipeline.schemas.codes import ConditionFamily, SignLayer

ANSWERS = Path(__file__).parent.parent / "answers" / "market_tclf_quote_rule.csv"


def tclf_rows():
    lines = [line for line in ANSWERS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def by_rule(row):
    price, bid, ask, size, bid_size, ask_size = (int(row[name]) for name in ("price", "bid", "ask", "size", "bid_size", "ask_size"))
    if row["rule"] == "quote":
        return sign_rules.quote_rule(price, bid, ask)
    if row["rule"] == "depth":
        return sign_rules.depth_rule(price, bid, ask, bid_size, ask_size)
    return sign_rules.trade_size_rule(size, bid_size, ask_size)


def test_rules_agree_with_tclf():
    rows = tclf_rows()
    assert {row["rule"] for row in rows} == {"quote", "depth", "trade_size"} and len(rows) == 1_100
    assert [by_rule(row) for row in rows] == [int(row["sign"]) for row in rows]


def sign(price=1.10, bid=1.00, ask=1.10, sizes=(50, 60), years=0.25, **more):
    """One print of the 100 call (contract 2) on a market of 1.00 x 1.10 at venue C, whose sizes are known."""
    row = {
        "ts": OPEN, "contract": 2, "price": ticks(price), "size": 5, "venue": ord("C"), "condition": 32,
        "bid": ticks(bid), "ask": ticks(ask), "bid_size": sizes[0], "ask_size": sizes[1],
        "bid_exchange": ord("C"), "ask_exchange": ord("C"), "forward": 100.0,
    }  # fmt: skip
    return sign_prints(aligned_rows(1, **(row | more)), contracts(years=years))


def accuracy(signed):
    """Probability of the side that was found."""
    return max(signed.p_buy[0], 1 - signed.p_buy[0])


def shrunk(a, *factors):
    """Accuracy whose log-odds are those of `a` times the factors."""
    return 1 / (1 + math.exp(-math.log(a / (1 - a)) * math.prod(factors)))


@pytest.mark.parametrize(
    ("price", "p_buy"),
    [(1.10, 0.72), (1.00, 0.28), (1.20, 0.60), (0.90, 0.40), (1.0501, 0.62006), (1.08, 0.6381)],
    ids=["ask", "bid", "above", "below", "just above mid", "inside"],
)
def test_quote_rule_by_place(price, p_buy):
    signed = sign(price)
    assert signed.sign_layer[0] == SignLayer.NBBO_QUOTE
    assert signed.p_buy[0] == pytest.approx(p_buy, abs=3e-4)


def test_exact_mid_of_a_nickel_market_is_not_signed_by_rounding():
    """0.05 x 0.07 at 0.06: in floats 0.5 * (0.05 + 0.07) differs from 0.06."""
    assert sign(0.06, 0.05, 0.07, (9, 9)).sign_layer[0] == SignLayer.NONE


def test_layers_in_their_order():
    assert sign(1.10, size=60).sign_layer[0] == SignLayer.TRADE_SIZE
    assert sign(1.05, venue_bid=ticks(1.00), venue_ask=ticks(1.08)).sign_layer[0] == SignLayer.VENUE_QUOTE
    assert sign(1.05).sign_layer[0] == SignLayer.DEPTH
    assert sign(1.05, sizes=(9, 9), last_price=ticks(1.04)).sign_layer[0] == SignLayer.CAUSAL_TICK
    assert sign(1.05, sizes=(9, 9)).sign_layer[0] == SignLayer.NONE


@pytest.mark.parametrize(
    ("change", "p_buy"),
    [
        ({"price": 1.10, "size": 60}, 0.25),  # the size offered was taken whole: a resting sell order filled
        ({"price": 1.00, "size": 50}, 0.75),
        ({"price": 1.05}, 0.60),  # more offered than bid at the mid
        ({"price": 1.05, "sizes": (60, 50)}, 0.40),
        ({"price": 1.05, "sizes": (9, 9), "last_price": ticks(1.06)}, 0.45),
        ({"price": 1.05, "venue_bid": ticks(1.0), "venue_ask": ticks(1.08)}, 0.60),
    ],
)
def test_sides_of_the_other_layers(change, p_buy):
    assert sign(**change).p_buy[0] == pytest.approx(p_buy, abs=1e-9)


def test_trade_size_rule_is_not_used_outside_the_nbbo_or_for_large_sizes():
    assert sign(1.20, size=60).sign_layer[0] == SignLayer.NBBO_QUOTE
    assert sign(1.10, sizes=(50, 600), size=600).sign_layer[0] == SignLayer.NBBO_QUOTE


def test_sizes_of_another_venue_do_not_count():
    signed = sign(1.10, size=60, ask_exchange=ord("X"))
    assert signed.sign_layer[0] == SignLayer.NBBO_QUOTE
    assert signed.p_buy[0] == pytest.approx(0.60), "at the quote without the venue's size the evidence is weaker"
    assert sign(1.10, size=60, ask_exchange=ord("X"), venue_ask_size=60).sign_layer[0] == SignLayer.TRADE_SIZE


def test_an_intermarket_sweep_at_the_touch_is_stronger():
    assert sign(1.10, condition=ord("S"), ask_exchange=0).p_buy[0] == pytest.approx(0.85)
    assert sign(1.08, condition=ord("S")).p_buy[0] == sign(1.08).p_buy[0]


@pytest.mark.parametrize(
    "family",
    ["LATE", "SINGLE_CROSS", "FLOOR", "MULTI_AUTO", "MULTI_AUCTION", "MULTI_CROSS", "MULTI_FLOOR", "STOCK_OPTION", "COMPRESSION",
     "EXTENDED", "CANCEL"],
)  # fmt: skip
def test_prints_that_are_never_signed_alone(family):
    signed = sign(family=ConditionFamily[family])
    assert np.isnan(signed.p_buy[0]) and signed.sign_layer[0] == SignLayer.EXCLUDED


@pytest.mark.parametrize("family", ["UNKNOWN", "OTHER"])
def test_an_unknown_family_halves_the_evidence(family):
    assert accuracy(sign(family=ConditionFamily[family])) == pytest.approx(shrunk(0.72, 0.5))


def test_an_auction_is_signed_on_the_quote_when_it_began():
    auction = ConditionFamily.SINGLE_AUCTION
    early = sign(1.05, 1.00, 1.10, family=auction, bid_100ms=ticks(1.0), ask_100ms=ticks(1.06), size=50)
    assert early.p_buy[0] == pytest.approx(0.60), "above the mid of 1.03 that stood then"
    now = sign(1.10, family=auction, size=60)
    assert now.p_buy[0] == pytest.approx(shrunk(0.60, 0.5)), "weaker where the earlier quote is not known"


@pytest.mark.parametrize(
    ("change", "factors"),
    [
        ({"price": 0.05, "bid": 0.0, "ask": 0.05}, (0.3,)),
        ({"price": 1.00, "bid": 0.20, "ask": 1.00}, (0.5,)),
        ({"years": 1.5}, (0.5,)),
        ({"forward": 140.0}, (0.5,)),
        ({"forward": 140.0, "years": 1.5}, (0.5, 0.5)),
        ({"forward": np.nan}, ()),
        ({"forward": 70.0}, ()),
    ],
    ids=["no bid", "wide", "long-dated", "deep", "deep and long", "moneyness unknown", "out of the money"],
)
def test_what_weakens_the_evidence(change, factors):
    assert accuracy(sign(**change)) == pytest.approx(shrunk(0.72, *factors))


def test_locked_and_crossed_markets():
    assert sign(1.00, 1.00, 1.00, (9, 9)).sign_layer[0] == SignLayer.NONE
    assert sign(1.05, 1.10, 1.00, (9, 9)).sign_layer[0] == SignLayer.NONE
    assert sign(1.20, 1.10, 1.00).p_buy[0] == pytest.approx(shrunk(0.60, 0.3)), "beyond both sides of a crossed market"


def test_a_print_without_a_quote_is_not_signed():
    signed = sign(bid=-0.0001, ask=-0.0001, sizes=(-1, -1), last_price=ticks(1.0))
    assert np.isnan(signed.p_buy[0]) and signed.sign_layer[0] == SignLayer.NONE


def test_stability_is_the_share_of_known_lags_that_agree():
    same, other = {"bid": 1.0, "ask": 1.1}, {"bid": 1.1, "ask": 1.2}

    def lags(*quotes):
        named = {}
        for lag, quote in zip((1, 10, 100), quotes, strict=True):
            named |= {f"{side}_{lag}ms": ticks(quote[side]) if quote else -1 for side in ("bid", "ask")}
        return sign(1.10, **named)

    assert lags(same, same, same).sign_stability[0] == 1.0
    two_of_three = lags(same, same, other)
    assert two_of_three.sign_stability[0] == pytest.approx(2 / 3)
    assert two_of_three.p_buy[0] == pytest.approx(shrunk(0.72, 2 / 3))
    assert lags(same, other, None).p_buy[0] == pytest.approx(shrunk(0.72, 0.5))
    assert np.isnan(lags(None, None, None).sign_stability[0])
    assert lags(other, other, other).p_buy[0] == 0.5


def test_years_of_the_contract_are_read_at_the_print():
    """A contract of 1.1 years is long-dated at first and not 60 days later."""
    late = sign(years=1.1, ts=OPEN + round(0.15 * YEAR))
    assert accuracy(late) == pytest.approx(0.72)
