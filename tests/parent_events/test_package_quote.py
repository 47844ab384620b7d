"""The package's quote as a sanity test of its reading: net price inside it, widened by a tick, each leg within a spread of its own quote.
Quotes and prices are made up; which of them are inside is arithmetic by hand."""

import pytest

from smartmoney_pipeline.parent_events.package_price_kernel import near_quote
from smartmoney_pipeline.parent_events.structures import Leg, classify
from smartmoney_pipeline.schemas.codes import Structure


def call(strike, price, bid, ask, n=10):
    return Leg(30, strike, True, n, price, bid, ask, dte_days=30, forward=100.0)


def spread(first, second):
    """A call spread of two legs given as (price, bid, ask)."""
    return classify([call(100, *first), call(105, *second)])


OPEN = {"buy_probability": 0.5, "net_price_position": None}


def unread(reading):
    return {"buy_probability": reading.buy_probability, "net_price_position": reading.net_price_position}


class TestNetPrice:
    # legs 2.90/3.10 and 0.90/1.10: package mid 2.00, half-spread 0.20, a tick 0.01
    @pytest.mark.parametrize(("first", "position"), [(3.00, 0.0), (3.10, 0.5), (3.20, 1.0), (3.21, 1.05)])
    def test_inside_and_up_to_a_tick_beyond(self, first, position):
        reading = spread((first, 2.90, 3.10), (1.00, 0.90, 1.10))
        assert reading.net_price_position == pytest.approx(position)

    def test_two_ticks_beyond_the_quotes_are_not_those_of_the_package(self):
        reading = spread((3.22, 2.90, 3.10), (1.00, 0.90, 1.10))
        assert (reading.structure, unread(reading)) == (Structure.VERTICAL, OPEN)

    def test_a_leg_may_trade_through_its_quote_where_the_package_does_not(self):
        # 3.15 is 0.05 above the first ask, 1.12 is 0.02 above the second: net 2.03
        reading = spread((3.15, 2.90, 3.10), (1.12, 0.90, 1.10))
        assert reading.net_price_position == pytest.approx(0.03 / 0.20)

    def test_a_leg_further_than_its_spread_spoils_the_quote(self):
        # both legs 0.25 above their asks: the net is at the mid, but no leg traded near its market
        assert unread(spread((3.35, 2.90, 3.10), (1.35, 0.90, 1.10))) == OPEN


class TestQuotes:
    good = (3.05, 2.90, 3.10)

    @pytest.mark.parametrize(
        "quote",
        [(None, None), (0.9, None), (None, 1.1), (1.1, 0.9), (1.0, 1.0), (0.0, 0.0)],
        ids=["missing", "no ask", "no bid known", "crossed", "locked", "empty"],
    )
    def test_without_a_sound_quote_of_each_leg_there_is_no_side(self, quote):
        assert unread(spread(self.good, (1.0, *quote))) == OPEN

    def test_a_bid_of_zero_is_a_quote(self):
        # mid 0.05, half-spreads 0.10 + 0.05: sold at 0.03 against 0.05, bought at 3.05 against 3.00: 0.07 of 0.15
        reading = classify([call(100, *self.good), call(130, 0.03, 0.0, 0.10)])
        assert reading.net_price_position == pytest.approx(0.07 / 0.15)
        assert reading.signs == (1, -1)

    @pytest.mark.parametrize(
        ("price", "bid", "ask", "near"),
        [(100, 100, 110, True), (90, 100, 110, True), (89, 100, 110, False), (120, 100, 110, True), (121, 100, 110, False),
         (5, 0, 10, True), (20, 0, 10, True), (5, -1, 10, False), (10, 10, 10, False), (10, 12, 9, False)],
    )  # fmt: skip
    def test_within_one_spread(self, price, bid, ask, near):
        assert near_quote(price, bid, ask) is near


def test_without_the_package_quote_there_is_no_distance_from_carry():
    # call 0.26 above its mid and put 0.06 below: 0.32 or 0.20 off the package mid, whose half-spread is 0.12
    more = {"dte_days": 30, "forward": 100.0, "rate": 0.04, "years": 0.25}
    legs = [Leg(30, 100, True, 10, 3.13, 2.90, 3.10, **more), Leg(30, 100, False, 10, 2.94, 2.98, 3.02, **more)]
    inside = classify([legs[0], Leg(30, 100, False, 10, 3.00, 2.98, 3.02, **more)], stock_tied=True)
    assert inside.parity_residual_half_spreads is not None
    assert inside.structure is Structure.CONVERSION_REVERSAL
    apart = classify([Leg(30, 100, True, 10, 3.26, 2.90, 3.10, **more), legs[1]], stock_tied=True)
    assert (apart.parity_residual_half_spreads, apart.buy_probability) == (None, 0.5)


class TestSingleLegTiedToStock:
    @pytest.mark.parametrize("quote", [(None, None), (3.0, 2.0), (3.0, 3.1)], ids=["missing", "crossed", "far from the price"])
    def test_without_a_sound_quote_it_stays_open(self, quote):
        reading = classify([call(100, 5.0, *quote)], stock_tied=True)
        assert (reading.structure, reading.signs) == (Structure.STOCK_TIED, (0,))
