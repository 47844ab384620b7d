"""OPRA participants: letter, name, market identifier, and the ids that vendors use for them."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from smartmoney_pipeline.tape.packaged import code_table
from smartmoney_pipeline.tape.vendors import Vendor

UNKNOWN_VENUE = "?"


@dataclass(frozen=True, slots=True)
class Venue:
    """One participant. Letter O is the consolidator itself."""

    letter: str
    short_name: str
    name: str
    mic: str
    sources: tuple[str, ...]


@cache
def venues() -> dict[str, Venue]:
    """Every participant by letter."""
    return {
        row["letter"]: Venue(row["letter"], row["short_name"], row["name"], row["mic"], tuple(row["sources"].split()))
        for row in code_table("opra_venues.csv")
    }


@cache
def venue_table() -> np.ndarray:
    """bool[256], true where the ASCII code is the letter of a participant."""
    table = np.zeros(256, dtype=bool)
    table[[ord(letter) for letter in venues()]] = True
    table.flags.writeable = False
    return table


@cache
def _by_vendor() -> dict[tuple[Vendor, str], str]:
    vendors = [vendor for vendor in Vendor if vendor not in {Vendor.OPRA, Vendor.INTRINIO}]
    rows = code_table("opra_venues.csv")
    # One vendor may write one venue in two ways: ids are separated by blanks.
    ids = {(vendor, name): row["letter"] for vendor in vendors for row in rows for name in row[vendor].split()}
    return ids | {(Vendor.OPRA, letter): letter for letter in venues()}


def opra_venue(vendor: Vendor | str, vendor_id: str | int) -> str:
    """OPRA letter of a vendor's venue id; `?` where no row maps it."""
    return _by_vendor().get((Vendor(vendor), str(vendor_id)), UNKNOWN_VENUE)
