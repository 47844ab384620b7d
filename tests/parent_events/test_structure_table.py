"""Every name of the catalogue beside its near misses. What is bought and sold in each follows the strategy guides of the options industry
(OIC, Cboe) and, for ratios, the exchange rule that limits them to 1:3; prices and quotes are made up so that the named reading is right."""

import pytest
from package_legs import FAR, leg, sides

from smartmoney_pipeline.parent_events.structures import classify
from smartmoney_pipeline.schemas.codes import Structure

Is = Structure
STOCK, EX = {"stock_tied": True}, {"ex_dividend_next_session": True}
VERTICAL = [leg(100, "C", 1, 3.0), leg(105, "C", -1, 1.0)]
DEEP = [leg(60, "C", 1, 40.0), leg(70, "C", -1, 30.0)]
SYNTHETIC = [leg(100, "C", 1, 3.0, over=1.0), leg(100, "P", -1, 3.0, over=1.0)]
STRANGLE = [leg(95, "P", 1, 1.0), leg(105, "C", 1, 1.0)]
RISK_REVERSAL = [leg(95, "P", -1, 1.0), leg(105, "C", 1, 1.0)]

ROWS = {
    "vertical": (VERTICAL, {}, Is.VERTICAL),
    "vertical: another expiry": ([VERTICAL[0], leg(105, "C", -1, 2.0, dte=FAR)], {}, Is.DIAGONAL),
    "vertical: another ratio": ([VERTICAL[0], leg(105, "C", -1, 1.0, n=20)], {}, Is.RATIO),
    "vertical: one strike of two roots": ([VERTICAL[0], leg(100, "C", -1, 3.0)], {}, Is.CUSTOM),
    "ratio 1:3": ([leg(100, "C", 1, 3.0), leg(105, "C", -1, 1.0, n=30)], {}, Is.RATIO),
    "ratio 2:3": ([leg(100, "P", 1, 3.0, n=20), leg(95, "P", -1, 1.0, n=30)], {}, Is.RATIO),
    "ratio: 1:4": ([leg(100, "C", 1, 3.0), leg(105, "C", -1, 1.0, n=40)], {}, Is.CUSTOM),
    "ratio: another expiry": ([leg(100, "C", 1, 3.0), leg(105, "C", -1, 2.0, n=20, dte=FAR)], {}, Is.CUSTOM),
    "butterfly": ([leg(95, "C", 1, 6.0), leg(100, "C", -1, 3.0, n=20), leg(105, "C", 1, 1.0)], {}, Is.BUTTERFLY),
    "butterfly: body of three": ([leg(95, "C", 1, 6.0), leg(100, "C", -1, 3.0, n=30), leg(105, "C", 1, 1.0)], {}, Is.CUSTOM),
    "butterfly: body outside": ([leg(95, "C", -1, 6.0, n=20), leg(100, "C", 1, 3.0), leg(105, "C", 1, 1.0)], {}, Is.CUSTOM),
    "butterfly: a wing of another expiry": (
        [leg(95, "C", 1, 6.0), leg(100, "C", -1, 3.0, n=20), leg(105, "C", 1, 2.0, dte=FAR)], {}, Is.CUSTOM),
    "broken wing": ([leg(95, "P", 1, 1.0), leg(100, "P", -1, 3.0, n=20), leg(110, "P", 1, 10.5)], {}, Is.BROKEN_WING_BUTTERFLY),
    "condor": ([leg(90, "C", 1, 10.5), leg(95, "C", -1, 6.5), leg(105, "C", -1, 1.5), leg(110, "C", 1, 0.5)], {}, Is.CONDOR),
    "condor: unequal sizes": (
        [leg(90, "C", 1, 10.5), leg(95, "C", -1, 6.5), leg(105, "C", -1, 1.5), leg(110, "C", 1, 0.5, n=20)], {}, Is.CUSTOM),
    "condor: one put": ([leg(90, "C", 1, 10.5), leg(95, "C", -1, 6.5), leg(105, "C", -1, 1.5), leg(110, "P", 1, 9.0)], {}, Is.CUSTOM),
    "iron condor": ([leg(90, "P", 1, 0.5), leg(95, "P", -1, 1.5), leg(105, "C", -1, 1.5), leg(110, "C", 1, 0.5)], {}, Is.IRON_CONDOR),
    "iron condor: puts above the calls": (
        [leg(90, "C", 1, 10.5), leg(95, "C", -1, 6.5), leg(105, "P", -1, 6.5), leg(110, "P", 1, 10.5)], {}, Is.CUSTOM),
    "iron condor: a wing of another expiry": (
        [leg(90, "P", 1, 0.5), leg(95, "P", -1, 1.5), leg(105, "C", -1, 1.5), leg(110, "C", 1, 0.9, dte=FAR)], {}, Is.CUSTOM),
    "iron fly": ([leg(95, "P", 1, 1.0), leg(100, "C", -1, 3.0), leg(100, "P", -1, 3.0), leg(105, "C", 1, 1.0)], {}, Is.IRON_FLY),
    "straddle": ([leg(100, "C", 1, 3.0, over=1.0), leg(100, "P", 1, 3.0, over=1.0)], {}, Is.STRADDLE),
    "straddle: a strap": ([leg(100, "C", 1, 3.0, n=20), leg(100, "P", 1, 3.0)], {}, Is.CUSTOM),
    "straddle: another expiry": ([leg(100, "C", 1, 3.0), leg(100, "P", 1, 4.0, dte=FAR)], {}, Is.CUSTOM),
    "strangle": (STRANGLE, {}, Is.STRANGLE),
    "guts: the put above the call": ([leg(95, "C", 1, 6.5), leg(105, "P", 1, 6.5)], {}, Is.GUTS),
    "guts: opposite sides": ([leg(95, "C", 1, 6.5, over=1.5), leg(105, "P", -1, 6.5, over=1.0)], {}, Is.GUTS),
    "risk reversal": (RISK_REVERSAL, {}, Is.RISK_REVERSAL),
    "risk reversal: unequal sizes": ([RISK_REVERSAL[0], leg(105, "C", 1, 1.0, n=20)], {}, Is.CUSTOM),
    "collar": ([leg(95, "P", 1, 1.0), leg(105, "C", -1, 1.0)], STOCK, Is.COLLAR),
    "collar: one side": ([leg(95, "P", 1, 1.0, over=3.0), leg(105, "C", 1, 1.0, over=3.0)], STOCK, Is.COLLAR),
    "synthetic": (SYNTHETIC, {}, Is.SYNTHETIC),
    "conversion": ([leg(100, "C", -1, 3.0), leg(100, "P", 1, 3.0)], STOCK, Is.CONVERSION_REVERSAL),
    "reversal": ([leg(100, "C", 1, 3.0), leg(100, "P", -1, 3.0)], STOCK, Is.CONVERSION_REVERSAL),
    "conversion: another expiry": ([leg(100, "C", -1, 3.0), leg(100, "P", 1, 4.0, dte=FAR)], STOCK, Is.STOCK_TIED),
    "box": ([leg(95, "C", 1, 6.5), leg(95, "P", -1, 1.5), leg(105, "C", -1, 1.5), leg(105, "P", 1, 6.5)], {}, Is.BOX),
    "box: four strikes": ([leg(95, "C", 1, 6.5), leg(96, "P", -1, 1.7), leg(105, "C", -1, 1.5), leg(106, "P", 1, 7.0)], {}, Is.CUSTOM),
    "box: twice the puts": (
        [leg(95, "C", 1, 6.5), leg(95, "P", -1, 1.5, n=20), leg(105, "C", -1, 1.5), leg(105, "P", 1, 6.5, n=20)], {}, Is.CUSTOM),
    "jelly roll": (
        [leg(100, "C", -1, 3.0), leg(100, "P", 1, 3.0), leg(100, "C", 1, 4.0, dte=FAR), leg(100, "P", -1, 4.0, dte=FAR)], {},
        Is.JELLY_ROLL),
    "jelly roll: another strike": (
        [leg(100, "C", -1, 3.0), leg(100, "P", 1, 3.0), leg(105, "C", 1, 2.0, dte=FAR), leg(105, "P", -1, 7.0, dte=FAR)], {}, Is.CUSTOM),
    "calendar": ([leg(110, "C", -1, 0.5), leg(110, "C", 1, 1.5, dte=FAR)], {}, Is.CALENDAR),
    "calendar: unequal sizes": ([leg(110, "C", -1, 0.5), leg(110, "C", 1, 1.5, n=20, dte=FAR)], {}, Is.CUSTOM),
    "calendar: other rights": ([leg(110, "C", -1, 0.5), leg(110, "P", 1, 11.0, dte=FAR)], {}, Is.CUSTOM),
    "diagonal": ([leg(110, "C", -1, 0.5), leg(105, "C", 1, 2.5, dte=FAR)], {}, Is.DIAGONAL),
    "roll": ([leg(110, "C", 1, 0.5, dte=5), leg(110, "C", -1, 1.5, dte=FAR)], {}, Is.ROLL),
    "roll: the near leg has eight days": ([leg(110, "C", 1, 0.5, dte=8), leg(110, "C", -1, 1.5, dte=FAR)], {}, Is.CALENDAR),
    "covered call": ([leg(100, "C", -1, 3.0, over=1.0)], STOCK, Is.COVERED_CALL),
    "covered call: no stock": ([leg(100, "C", -1, 3.0, over=1.0)], {}, Is.UNMATCHED_LEG),
    "protective put": ([leg(100, "P", 1, 3.0, over=1.0)], STOCK, Is.PROTECTIVE_PUT),
    "dividend spread": (DEEP, EX, Is.DIVIDEND_SPREAD),
    "dividend spread: no date": (DEEP, {}, Is.VERTICAL),
    "dividend spread: calls near the money": (VERTICAL, EX, Is.VERTICAL),
    "dividend spread: puts": ([leg(60, "P", 1, 0.5), leg(70, "P", -1, 1.0)], EX, Is.VERTICAL),
    "delta neutral": (VERTICAL, STOCK, Is.DELTA_NEUTRAL),
    "delta neutral: a bought call": ([leg(100, "C", 1, 3.0, over=1.0)], STOCK, Is.DELTA_NEUTRAL),
    "custom: five legs": ([leg(k, "C", 1, 3.0) for k in (90, 95, 100, 105, 110)], {}, Is.CUSTOM),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_name(row):
    legs, more, name = ROWS[row]
    for order in (legs, legs[::-1]):
        assert classify(order, **more).structure is name


NAMED = [row for row, (legs, _, name) in ROWS.items() if len(legs) > 1 and name is not Is.CUSTOM and ":" not in row]


@pytest.mark.parametrize("row", NAMED)
def test_the_signs_are_those_of_the_definition(row):
    legs, more, _ = ROWS[row]
    assert classify(legs, **more).signs in {sides(legs), tuple(-s for s in sides(legs))}


def test_the_table_holds_the_whole_catalogue():
    assert {name for _, _, name in ROWS.values()} == set(Structure)


class TestTwoPackagesAtOneInstant:
    """A condor of prior 0.02 against two verticals of 0.3 that met with a chance of 1 % and drew one size with 0.155."""

    def test_two_verticals_are_the_runner_up_of_a_condor(self):
        reading = classify(ROWS["condor"][0])
        assert reading.runner_up is Is.VERTICAL
        # ln(0.02 / (0.3 x 0.3 x 0.01 x 0.155)) = ln 143.4
        assert reading.margin == pytest.approx(4.966, abs=1e-3)

    def test_stock_ties_the_legs_together(self):
        assert classify(ROWS["condor"][0], **STOCK).runner_up is not Is.VERTICAL
