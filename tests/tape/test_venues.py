"""Answers: the OPRA participant letters and the public id lists of each vendor."""

import pytest

from smartmoney_pipeline.tape.packaged import code_table, sources
from smartmoney_pipeline.tape.vendors import Vendor
from smartmoney_pipeline.tape.venues import opra_venue, venue_table, venues


def test_twenty_venues_and_the_consolidator():
    assert len(venues()) == 21
    assert venues()["C"].mic == "XCBO"
    assert {chr(code) for code in range(256) if venue_table()[code]} == set("ABCDEGHIJMNOPQSTUVWXZ")


@pytest.mark.parametrize(
    ("vendor", "name", "letter"),
    [
        ("cboe", 5, "C"),
        ("cboe", 71, "D"),
        ("thetadata", 46, "D"),
        ("unusual_whales", "XPHO", "X"),
        ("unusual_whales", "XPHL", "X"),
        ("databento", 109, "V"),
        ("massive", 301, "B"),
        ("opra", "Z", "Z"),
    ],
)
def test_vendor_ids(vendor, name, letter):
    assert opra_venue(vendor, name) == letter


def test_an_id_without_a_row_is_unknown():
    assert opra_venue(Vendor.CBOE, 46) == "?"
    assert opra_venue(Vendor.INTRINIO, "C") == "?"


@pytest.mark.parametrize("name", ["opra_conditions.csv", "opra_venues.csv", "roots.csv"])
def test_every_row_names_listed_sources(name):
    rows = code_table(name)
    assert rows
    assert {key for row in rows for key in row["sources"].split()} <= set(sources())
