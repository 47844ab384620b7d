"""The structure catalogue. Expected names and signs follow the definitions of the options industry (OIC and Cboe strategy guides: what
is bought and what is sold in each), prices and quotes are made up so that the named reading is right; figures are hand arithmetic."""

import math

import pytest
from package_legs import FAR, leg

from smartmoney_pipeline.parent_events import patterns_kernel
from smartmoney_pipeline.parent_events.parent_params import STRUCTURE_PRIORS
from smartmoney_pipeline.parent_events.structures import Leg, classify
from smartmoney_pipeline.schemas.codes import Structure

CATALOGUE = {
    Structure.VERTICAL: [leg(100, "C", 1, 3.0), leg(105, "C", -1, 1.0)],
    Structure.RATIO: [leg(100, "C", 1, 3.0), leg(105, "C", -1, 1.0, n=20)],
    Structure.BUTTERFLY: [leg(95, "C", 1, 6.0), leg(100, "C", -1, 3.0, n=20), leg(105, "C", 1, 1.0)],
    Structure.BROKEN_WING_BUTTERFLY: [leg(95, "P", 1, 1.0), leg(100, "P", -1, 3.0, n=20), leg(110, "P", 1, 10.5)],
    Structure.CONDOR: [leg(90, "C", 1, 10.5), leg(95, "C", -1, 6.5), leg(105, "C", -1, 1.5), leg(110, "C", 1, 0.5)],
    Structure.IRON_CONDOR: [leg(90, "P", 1, 0.5), leg(95, "P", -1, 1.5), leg(105, "C", -1, 1.5), leg(110, "C", 1, 0.5)],
    Structure.IRON_FLY: [leg(95, "P", 1, 1.0), leg(100, "C", -1, 3.0), leg(100, "P", -1, 3.0), leg(105, "C", 1, 1.0)],
    Structure.GUTS: [leg(95, "C", 1, 6.5, over=0.0), leg(105, "P", 1, 6.5, over=0.0)],
    Structure.BOX: [leg(95, "C", 1, 6.5), leg(95, "P", -1, 1.5), leg(105, "C", -1, 1.5), leg(105, "P", 1, 6.5)],
    Structure.JELLY_ROLL: [
        leg(100, "C", -1, 3.0), leg(100, "P", 1, 3.0), leg(100, "C", 1, 4.0, dte=FAR), leg(100, "P", -1, 4.0, dte=FAR),
    ],
    Structure.CALENDAR: [leg(110, "C", -1, 0.5), leg(110, "C", 1, 1.5, dte=FAR)],
    Structure.DIAGONAL: [leg(110, "C", -1, 0.5), leg(105, "C", 1, 2.5, dte=FAR)],
}  # fmt: skip


class TestCatalogue:
    def test_codes_of_the_kernel_are_those_of_the_list(self):
        assert [getattr(patterns_kernel, s.name) for s in Structure] == list(range(len(Structure)))
        assert set(STRUCTURE_PRIORS) == set(Structure)

    @pytest.mark.parametrize("name", CATALOGUE)
    def test_name_signs_and_reversal(self, name):
        legs = CATALOGUE[name]
        reading = classify(legs)
        assert reading.structure is name
        signs = tuple(1 if one.price >= (one.bid + one.ask) / 2 else -1 for one in legs)
        assert reading.signs in {signs, tuple(-s for s in signs)}

    @pytest.mark.parametrize("name", CATALOGUE)
    def test_the_order_of_the_legs_says_nothing(self, name):
        legs = CATALOGUE[name]
        forward, backward = classify(legs), classify(legs[::-1])
        assert (forward.structure, forward.signs, forward.ratio) == (backward.structure, backward.signs[::-1], backward.ratio[::-1])
        assert forward.margin == pytest.approx(backward.margin)

    def test_ratios_are_reduced(self):
        assert classify(CATALOGUE[Structure.BUTTERFLY]).ratio == (1, 2, 1)

    @pytest.mark.parametrize(
        "legs",
        [
            [leg(100, "C", 1, 3.0), leg(105, "P", 1, 6.0, dte=FAR)],
            [leg(100, "C", 1, 3.0), leg(105, "C", -1, 1.0), leg(95, "P", -1, 1.0)],
            [leg(k, "C", 1, 3.0) for k in (90, 95, 100, 105, 110)],
            [leg(110, "C", -1, 0.5), leg(110, "C", 1, 1.5, n=20, dte=FAR)],
            [leg(100, "C", 1, 3.0), leg(100, "P", 1, 3.0, n=20)],
        ],
        ids=["two expiries and rights", "vertical against a put", "five legs", "unequal calendar", "strap"],
    )
    def test_what_the_catalogue_does_not_hold_is_custom(self, legs):
        assert classify(legs).structure is Structure.CUSTOM

    def test_one_leg_is_unmatched_and_has_no_sign(self):
        reading = classify([leg(100, "C", 1, 3.0)])
        assert (reading.structure, reading.signs, reading.buy_probability) == (Structure.UNMATCHED_LEG, (0,), None)


class TestSameSideOrOpposite:
    """A call and a put of one strike: what printed at its ask was likelier bought, what printed at its bid likelier sold."""

    def test_call_above_and_put_below_its_mid_is_a_synthetic(self):
        reading = classify([leg(100, "C", 1, 3.0, over=1.0), leg(100, "P", -1, 3.0, over=1.0)])
        assert (reading.structure, reading.runner_up) == (Structure.SYNTHETIC, Structure.STRADDLE)
        # equal priors; two legs at 60 % each against none, less a quarter nat for a net price one half-spread off the mid
        assert reading.margin == pytest.approx(2 * math.log(0.6 / 0.4) - 0.25)

    def test_both_above_their_mids_is_a_straddle_bought(self):
        reading = classify([leg(100, "C", 1, 3.0, over=1.0), leg(100, "P", 1, 3.0, over=1.0)])
        assert (reading.structure, reading.runner_up, reading.signs) == (Structure.STRADDLE, Structure.SYNTHETIC, (1, 1))

    def test_both_below_their_mids_is_a_straddle_sold(self):
        reading = classify([leg(100, "C", -1, 3.0, over=1.0), leg(100, "P", -1, 3.0, over=1.0)])
        assert (reading.structure, reading.signs) == (Structure.STRADDLE, (-1, -1))

    def test_at_both_mids_nothing_decides(self):
        assert classify([leg(100, "C", 1, 3.0, over=0.0), leg(100, "P", 1, 3.0, over=0.0)]).margin == pytest.approx(0.0)

    def test_strangle_and_risk_reversal(self):
        assert classify([leg(95, "P", 1, 1.0), leg(105, "C", 1, 1.0)]).structure is Structure.STRANGLE
        assert classify([leg(95, "P", 1, 1.0), leg(105, "C", -1, 1.0)]).structure is Structure.RISK_REVERSAL

    def test_a_net_price_outside_the_package_quote_is_no_reading(self):
        # call 0.15 above and put 0.15 below: bought together the net is at the mid; opposite it is 0.30 off, beyond 0.10 and a tick
        reading = classify([leg(100, "C", 1, 3.0, over=3.0), leg(100, "P", -1, 3.0, over=3.0)])
        assert (reading.structure, reading.runner_up, reading.margin) == (Structure.STRADDLE, None, 10.0)


class TestSide:
    def test_paid_above_the_mid_is_bought(self):
        # 100/105 call spread: legs at +0.5 and -0.5 of a half-spread of 0.05: net 0.05 above the mid, half the package half-spread 0.10
        reading = classify(CATALOGUE[Structure.VERTICAL])
        assert reading.signs == (1, -1)
        assert reading.net_price_position == pytest.approx(0.5)
        low, high = math.log(0.55 / 0.45), math.log(0.72 / 0.28)
        assert reading.buy_probability == pytest.approx(1 / (1 + math.exp(-(low + high) / 2)))

    def test_received_below_the_mid_is_sold(self):
        reading = classify([leg(100, "C", -1, 3.0), leg(105, "C", 1, 1.0)])
        assert (reading.signs, reading.net_price_position) == ((-1, 1), pytest.approx(0.5))

    def test_the_far_touch_has_the_published_accuracy(self):
        legs = [leg(100, "C", 1, 3.0, over=1.0), leg(105, "C", -1, 1.0, over=1.0)]
        assert classify(legs).buy_probability == pytest.approx(0.72)

    def test_the_mid_decides_nothing(self):
        legs = [leg(100, "C", 1, 3.0, over=0.0), leg(105, "C", -1, 1.0, over=0.0)]
        assert classify(legs).buy_probability == pytest.approx(0.5)

    def test_without_quotes_the_name_stays_and_the_side_is_unknown(self):
        reading = classify([Leg(30, 100, True, 5, 3.0), Leg(30, 105, True, 5, 1.0)])
        assert (reading.structure, reading.buy_probability, reading.net_price_position) == (Structure.VERTICAL, 0.5, None)

    def test_a_wing_without_a_bid_is_quoted(self):
        wing = Leg(30, 105, True, 10, 0.05, 0.0, 0.10, dte_days=30)
        assert classify([leg(100, "C", 1, 3.0), wing]).net_price_position is not None


class TestRolls:
    short = (leg(110, "C", 1, 0.5, dte=5), leg(110, "C", -1, 1.5, dte=FAR))

    def test_a_short_near_leg_is_read_as_a_roll_with_the_calendar_as_runner_up(self):
        reading = classify(self.short)
        assert (reading.structure, reading.runner_up) == (Structure.ROLL, Structure.CALENDAR)
        assert reading.margin == pytest.approx(math.log(0.6 / 0.4))

    def test_so_is_a_near_leg_in_the_money(self):
        assert classify([leg(90, "C", 1, 10.5), leg(95, "C", -1, 7.0, dte=FAR)]).structure is Structure.ROLL

    @pytest.mark.parametrize(("interest", "name"), [(1_000.0, Structure.ROLL), (15.0, Structure.CALENDAR)])
    def test_open_interest_decides_where_it_is_known(self, interest, name):
        near = leg(110, "C", 1, 0.5, dte=5, open_interest=interest)
        assert classify([near, self.short[1]]).structure is name


class TestStockAndCarry:
    def test_synthetic_with_stock_is_a_conversion(self):
        legs = [leg(100, "C", 1, 3.0), leg(100, "P", 1, 3.0)]
        assert classify(legs, stock_tied=True).structure is Structure.CONVERSION_REVERSAL

    def test_risk_reversal_with_stock_is_a_collar(self):
        assert classify([leg(95, "P", 1, 1.0), leg(105, "C", 1, 1.0)], stock_tied=True).structure is Structure.COLLAR

    def test_other_structures_with_stock_are_delta_neutral(self):
        assert classify(CATALOGUE[Structure.VERTICAL], stock_tied=True).structure is Structure.DELTA_NEUTRAL

    @pytest.mark.parametrize(
        ("right", "side", "name"),
        [("C", -1, Structure.COVERED_CALL), ("C", 1, Structure.DELTA_NEUTRAL), ("P", 1, Structure.PROTECTIVE_PUT),
         ("P", -1, Structure.DELTA_NEUTRAL)],
    )  # fmt: skip
    def test_one_option_with_stock(self, right, side, name):
        reading = classify([leg(100, right, side, 3.0, over=1.0)], stock_tied=True)
        assert (reading.structure, reading.signs) == (name, (side,))

    def test_one_option_with_stock_at_the_mid_stays_open(self):
        assert classify([leg(100, "C", 1, 3.0, over=0.0)], stock_tied=True).structure is Structure.STOCK_TIED

    def test_a_high_delta_stands_against_shares(self):
        assert classify([leg(60, "C", -1, 40.0, over=1.0, delta=0.95)], stock_tied=True).structure is Structure.DELTA_NEUTRAL

    def test_dividend_spread_needs_deep_calls_and_the_date(self):
        legs = [leg(60, "C", 1, 40.0), leg(70, "C", -1, 30.0)]
        assert classify(legs, ex_dividend_next_session=True).structure is Structure.DIVIDEND_SPREAD
        assert classify(legs).structure is Structure.VERTICAL
        assert classify(CATALOGUE[Structure.VERTICAL], ex_dividend_next_session=True).structure is Structure.VERTICAL

    def test_box_at_its_discounted_width_has_no_residual(self):
        # 95/105 box for half a year at 4 %: 10 exp(-0.02) = 9.80199; bought for 9.80, half-spread of four legs 0.20
        mids = [(95, "C", 1, 7.0), (95, "P", -1, 2.0), (105, "C", -1, 2.0), (105, "P", 1, 6.8)]
        legs = [leg(*m, over=0.0, rate=0.04, years=0.5) for m in mids]
        reading = classify(legs)
        assert reading.structure is Structure.BOX
        assert reading.parity_residual_half_spreads == pytest.approx(abs(9.8 - 10 * math.exp(-0.02)) / 0.20)

    def test_conversion_against_the_forward(self):
        # call less put 1.50 against (102 - 100) exp(-0.01) = 1.98010, half-spread 0.10
        more = {"over": 0.0, "rate": 0.04, "years": 0.25, "forward": 102.0}
        reading = classify([leg(100, "C", 1, 4.0, **more), leg(100, "P", -1, 2.5, **more)], stock_tied=True)
        assert reading.structure is Structure.CONVERSION_REVERSAL
        assert reading.parity_residual_half_spreads == pytest.approx((2 * math.exp(-0.01) - 1.5) / 0.10)

    def test_jelly_roll_without_a_rate_has_no_residual(self):
        assert classify(CATALOGUE[Structure.JELLY_ROLL]).parity_residual_half_spreads is None

    def test_no_legs_is_an_error(self):
        with pytest.raises(ValueError, match="at least one leg"):
            classify([])
