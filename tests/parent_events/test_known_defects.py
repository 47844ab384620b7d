"""Defects of an earlier project's structures, each as a tape on which its reading was wrong and the right one follows from the legs.

Measured there: sizes, ratios, sides and prices were ignored, so that four legs were a strangle, a butterfly a ladder, a conversion a
straddle, a calendar a roll, and an unrelated lot within 300 ms a leg; every leg was also told alone; a cluster on a quiet tape stayed open.
"""

import numpy as np
import pytest
from grouping_tapes import OPEN_NS, SECOND, described, packet_arrays, parents_of, prints, terms

from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.parent_events.packets import PacketBuilder
from smartmoney_pipeline.parent_events.parents import ParentBuilder
from smartmoney_pipeline.schemas.codes import ConditionFamily

MARKET = terms((90, "P"), (95, "P"), (105, "C"), (110, "C"), (105, "P"), (110, "P"), (100, "C"), (105, "C", 60), (110, "C", 60))
CODED = {"family": ConditionFamily.MULTI_AUTO, "condition": "f"}
STOCK = {"family": ConditionFamily.STOCK_OPTION, "condition": "n"}
BID, ASK = 9_500, 10_500


def fills(*rows):
    """Prints (contract, side[, size]) at one instant, each at the touch of its side."""
    return [{"ms": 3, "contract": c, "price": ASK if side > 0 else BID, "size": (n or [20])[0]} for c, side, *n in rows]


LEGS = {
    "iron condor, not a strangle": (fills((0, 1), (1, -1), (2, -1), (3, 1)), CODED, "iron_condor"),
    "box, not a strangle": (fills((2, 1), (4, -1), (3, -1), (5, 1)), CODED, "box"),
    "risk reversal, not a strangle": (fills((1, -1), (2, 1)), CODED, "risk_reversal"),
    "conversion, not a straddle": (fills((2, -1), (4, 1)), STOCK, "conversion_reversal"),
    "butterfly, not a ladder": (fills((6, 1), (2, -1, 40), (3, 1)), CODED, "butterfly"),
    "calendar, not a roll": (fills((2, -1), (7, 1)), CODED, "calendar"),
    "diagonal, not a roll": (fills((2, -1), (8, 1)), CODED, "diagonal"),
    "strangle sold": (fills((1, -1), (2, -1)), CODED, "strangle"),
}


@pytest.mark.parametrize("name", LEGS)
def test_the_legs_decide_the_name_and_nothing_is_told_twice(name):
    rows, family, structure = LEGS[name]
    a = parents_of(prints(*rows, **family), MARKET)
    assert [event[:2] for event in described(a)] == [("package", structure)]
    assert a.events["print_count"].tolist() == [len(rows)]


def test_sides_are_read():
    sold = parents_of(prints(*fills((1, -1), (2, -1)), **CODED), MARKET)
    bought = parents_of(prints(*fills((1, 1), (2, 1)), **CODED), MARKET)
    assert (sold.packets["leg_sign"].tolist(), bought.packets["leg_sign"].tolist()) == ([-1, -1], [1, 1])


@pytest.mark.parametrize("second", [{"size": 1}, {"size": 500}], ids=["one lot", "500 lots"])
def test_an_unrelated_print_300_ms_later_is_no_leg(second):
    rows = [{"ms": 3, "contract": 2, "size": 500, "price": ASK}, {"ms": 303, "contract": 3, "price": BID} | second]
    assert [event[1] for event in described(parents_of(prints(*rows, underlying_rate_hz=0.5), MARKET))] == [None, None]


def test_legs_of_a_floor_package_600_ms_apart_are_one():
    rows = [{"ms": 3, "contract": 2}, {"ms": 603, "contract": 3}]
    found = described(parents_of(prints(*rows, family=ConditionFamily.MULTI_FLOOR, condition="f"), MARKET))
    assert [event[1] for event in found] == ["vertical"]


def test_ratios_are_of_contracts_and_not_of_prints():
    rows = [*fills((2, 1, 20)), *fills((3, -1, 15)), *fills((3, -1, 5))]
    a = parents_of(prints(*rows, **CODED), MARKET)
    assert [event[1] for event in described(a)] == ["vertical"]
    assert set(a.packets["leg_ratio"].tolist()) == {1}


def test_the_last_package_of_a_quiet_tape_closes_by_its_own_window():
    packets = PacketBuilder(len(MARKET), PacketParams(), np.zeros(256, np.int64))
    packets.push(*prints(*fills((2, 1), (3, -1)), **CODED))
    later = OPEN_NS + SECOND
    found = ParentBuilder(MARKET).push(packet_arrays(packets.flush(later)), later)
    assert [event[1] for event in described(found)] == ["vertical"]
