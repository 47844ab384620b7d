"""Vendors whose condition and venue ids are known. An id means nothing without its vendor."""

from enum import StrEnum


class Vendor(StrEnum):
    """Where a condition or venue id comes from; `opra` stands for the letters of the feed itself."""

    OPRA = "opra"
    MASSIVE = "massive"
    CBOE = "cboe"
    THETADATA = "thetadata"
    DATABENTO = "databento"
    ALPACA = "alpaca"
    INTRINIO = "intrinio"
    UNUSUAL_WHALES = "unusual_whales"
