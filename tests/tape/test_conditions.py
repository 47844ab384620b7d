"""Answers: the OPRA v6.3a letters and the public id lists of each vendor, copied by hand from those lists."""

import pytest

from smartmoney_pipeline.schemas.codes import ConditionFamily as Family
from smartmoney_pipeline.tape.conditions import condition, conditions, family_table, known_table, opra_condition
from smartmoney_pipeline.tape.vendors import Vendor


@pytest.mark.parametrize(
    ("codes", "family"),
    [
        (" IJS", Family.SINGLE),
        ("abR", Family.SINGLE_AUCTION),
        ("cd", Family.SINGLE_CROSS),
        ("eN", Family.FLOOR),
        ("fjLMQ", Family.MULTI_AUTO),
        ("gl", Family.MULTI_AUCTION),
        ("h", Family.MULTI_CROSS),
        ("imt", Family.MULTI_FLOOR),
        ("knopqrsP", Family.STOCK_OPTION),
        ("u", Family.COMPRESSION),
        ("v", Family.EXTENDED),
        ("BDFH", Family.LATE),
        ("KTX", Family.OTHER),
        ("ACEGO", Family.CANCEL),
        ("?", Family.UNKNOWN),
        ("wZ09", Family.UNKNOWN),
    ],
)
def test_every_letter_has_its_family(codes, family):
    table = family_table()
    assert [Family(table[ord(code)]) for code in codes] == [family] * len(codes)


def test_the_list_holds_44_conditions_and_unknown():
    # 10 letters A to J, 12 legacy ones and S, a to v, and the blank: the rows of the OPRA list.
    assert len(conditions()) == 44 + 1
    assert int(known_table().sum()) == 45


def test_iso_letters():
    assert {code for code, one in conditions().items() if one.iso} == {"S", "b", "d"}


def test_single_leg_auction_has_another_id_at_each_vendor():
    # One condition, six names: SLAN in the vendors' own lists.
    ids = {"opra": "a", "massive": 227, "cboe": 114, "thetadata": 125, "intrinio": 27, "unusual_whales": "slan", "alpaca": "a"}
    assert {vendor: opra_condition(vendor, number) for vendor, number in ids.items()} == dict.fromkeys(ids, "a")


def test_one_id_means_different_things_at_two_vendors():
    assert opra_condition(Vendor.CBOE, 125) == "l"
    assert opra_condition(Vendor.THETADATA, 125) == "a"


@pytest.mark.parametrize(("number", "letter"), [(0, " "), (35, "L"), (106, "R"), (95, "S"), (18, "I"), (40, "A"), (2, "B"), (13, "D")])
def test_cboe_ids(number, letter):
    # Ids of the DataShop condition list that occur in its files.
    assert opra_condition(Vendor.CBOE, number) == letter


@pytest.mark.parametrize(("vendor", "number"), [("cboe", 999), ("massive", ""), ("databento", 0), ("alpaca", "zz"), ("opra", "w")])
def test_an_id_without_a_row_is_unknown_never_regular(vendor, number):
    assert opra_condition(vendor, number) == "?"


def test_flags_of_single_conditions():
    assert condition("").code == " "
    assert condition("L").legacy
    assert condition("L").multi_leg
    assert condition("m").vs_single_leg
    assert condition("G").is_cancel
    assert condition("G").mnemonic == "CNOL"
    with pytest.raises(KeyError):
        condition("w")


def test_a_vendor_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="reuters"):
        opra_condition("reuters", 1)
