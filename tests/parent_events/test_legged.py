"""Packages without a code: tapes by hand. Odds are hand arithmetic on the chances that the parameters state."""

import itertools

import pytest
from grouping_tapes import described, parents_of, prints, terms

from smartmoney_pipeline.parent_events.legged_kernel import clock_step
from smartmoney_pipeline.parent_events.legged_sets_kernel import small_ratio
from smartmoney_pipeline.parent_events.parent_params import CLOCK_GRIDS

CHAIN = terms((90, "P"), (95, "P"), (105, "C"), (110, "C"), (115, "C"), (120, "C"))
BID, ASK = 9_500, 10_500
MS = 1_000_000


def leg(contract, side, ms=3, size=15, **more):
    """A print at the touch of its side, 3 ms after a whole second: no coarse clock."""
    return {"ms": ms, "contract": contract, "size": size, "price": ASK if side > 0 else BID} | more


def found(*legs, **common):
    rows = sorted(legs, key=lambda row: row["ms"])
    return described(parents_of(prints(*rows, **({"underlying_rate_hz": 0.2} | common)), CHAIN))


class TestSizes:
    @pytest.mark.parametrize("size", [1, 2, 9])
    def test_small_sizes_join_at_one_instant_and_venue(self, size):
        assert found(leg(2, 1, size=size), leg(3, -1, size=size)) == [("legged_package", "vertical", [2, 3])]

    @pytest.mark.parametrize("second", [{"ms": 4}, {"venue": "N"}], ids=["a millisecond later", "another venue"])
    def test_small_sizes_say_nothing_across_times_and_venues(self, second):
        assert len(found(leg(2, 1, size=9), leg(3, -1, size=9) | second)) == 2

    @pytest.mark.parametrize(("sizes", "name"), [((20, 40), "ratio"), ((20, 60), "ratio"), ((40, 60), "ratio"), ((20, 80), None)])
    def test_ratios_of_a_package(self, sizes, name):
        events = found(leg(2, 1, size=sizes[0]), leg(3, -1, size=sizes[1], ms=4))
        assert [event[1] for event in events] == ([name] if name else [None, None])

    @pytest.mark.parametrize(("a", "b", "ratio"), [(10, 10, (1, 1)), (352, 704, (1, 2)), (300, 900, (1, 3)), (10, 15, (2, 3)),
                                                   (10, 40, (0, 0)), (13, 24, (0, 0))])  # fmt: skip
    def test_small_ratio(self, a, b, ratio):
        assert small_ratio(a, b) == ratio


class TestSets:
    def test_a_butterfly_of_three(self):
        fly = [leg(2, 1, ms=3), leg(3, -1, ms=4, size=30), leg(4, 1, ms=5)]
        assert found(*fly) == [("legged_package", "butterfly", [2, 3, 4])]

    def test_touches_of_one_spread_must_be_opposite(self):
        assert len(found(leg(2, 1), leg(3, 1, ms=4))) == 2

    def test_touches_of_a_condor_must_make_one(self):
        condor = [leg(0, 1, ms=3), leg(1, -1, ms=4), leg(2, -1, ms=5), leg(3, 1, ms=6)]
        assert found(*condor) == [("legged_package", "iron_condor", [0, 1, 2, 3])]
        # bought spreads on both sides: no iron condor, and so two verticals
        twice = [leg(0, 1, ms=3), leg(1, -1, ms=4), leg(2, 1, ms=5), leg(3, -1, ms=6)]
        assert [event[1] for event in found(*twice)] in (["vertical", "vertical"], ["strangle", "strangle"])

    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
    def test_legs_in_any_order_over_two_venues(self, order):
        sides = (1, -1, -1, 1)
        legs = [leg(c, sides[c], ms=3 + k, venue="CN"[c % 2]) for k, c in enumerate(order)]
        assert found(*legs) == [("legged_package", "iron_condor", list(order))]

    def test_no_leg_is_told_twice(self):
        events = found(leg(0, 1), leg(1, -1, ms=4), leg(2, -1, ms=5), leg(3, 1, ms=6), leg(5, 1, ms=20, size=77))
        assert sorted(contract for event in events for contract in event[2]) == [0, 1, 2, 3, 5]


class TestQuotes:
    def test_a_leg_far_from_its_quote_is_no_leg(self):
        far = leg(3, -1, ms=4, price=BID - 1_001)  # one spread is 1,000 ticks
        assert len(found(leg(2, 1), far)) == 2

    def test_a_net_price_outside_the_package_quote_is_chance(self):
        # bought 600 above its ask, sold 600 below its bid: 1,200 beyond the package's ask, a tick is 100
        assert len(found(leg(2, 1, price=ASK + 600), leg(3, -1, ms=4, price=BID - 600))) == 2

    @pytest.mark.parametrize("quote", [{"bid": -1, "ask": -1}, {"bid": 10_500, "ask": 9_500}, {"bid": 10_000, "ask": 10_000}])
    def test_without_a_quote_the_venue_must_speak(self, quote):
        inside = {"price": 10_000}
        near = [leg(2, 1, **inside), leg(3, -1, ms=4, **inside, **quote)]
        assert len(found(*near)) == 1
        near[1]["venue"] = "N"
        assert len(found(*near)) == 2

    def test_a_bid_of_zero_is_a_quote(self):
        wing = leg(3, -1, ms=4, venue="N", price=300, bid=0, ask=500)
        assert len(found(leg(2, 1, price=10_200), wing)) == 1

    def test_a_net_price_on_the_grid_speaks_where_no_quote_does(self):
        # legs at 1.0130 and 0.9870 off a grid of 0.05 on which their quotes lie; together 2.00
        legs = [leg(1, 1, price=10_130), leg(2, 1, ms=4, price=9_870, venue="N")]
        assert len(found(*legs)) == 1
        crossed = {"bid": 10_500, "ask": 9_500}
        assert len(found(legs[0] | crossed, legs[1] | crossed)) == 1
        assert len(found(legs[0] | crossed, legs[1] | crossed | {"price": 9_880})) == 2


class TestClock:
    def test_a_coarse_clock_proves_less(self):
        # 25 ms at 4 prints a second: ln 10.5 = 2.35, size 1.86, venue 1.90: 6.11; at 5 a second 5.90; without touches
        for rate, events in ((4.0, 1), (5.0, 2)):
            legs = [leg(2, 1, ms=25, price=10_000), leg(3, -1, ms=25, price=10_000)]
            assert len(found(*legs, underlying_rate_hz=rate)) == events
        assert len(found(leg(2, 1, ms=26, price=10_000), leg(3, -1, ms=26, price=10_000), underlying_rate_hz=5.0)) == 1

    @pytest.mark.parametrize(("first", "second", "step"), [(0, 1_000, 1_000), (25, 50, 25), (25, 51, 1), (100, 300, 25), (10, 30, 1)])
    def test_step_of_two_times(self, first, second, step):
        assert clock_step(first * MS, second * MS, CLOCK_GRIDS, MS) == step * MS
