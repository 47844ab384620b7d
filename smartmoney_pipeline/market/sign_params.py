"""Numbers of the signing, each with its source. Belongs here: accuracies by rule and place, and what weakens them.

An accuracy a is the probability that the rule's side is the customer's; its evidence is ln(a / (1 - a)). GSU2023 and BILZ-THESIS
measured on ISE and Cboe prints of 2015-17 matched with open/close data; no public label set is younger.
"""

import math
from typing import NamedTuple

from smartmoney_pipeline.market.cited import Cited
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

TRADE_SIZE_ACCURACY = Cited(0.75, "BILZ-THESIS")
"""Size equal to the venue's quoted size: a customer's resting order was filled; 0.72 to 0.78 at the quotes."""

TRADE_SIZE_MOST = Cited(100, "BILZ-THESIS")
"""Contracts above which the trade-size rule is not used: about the 95th to 99th percentile of sizes (38 and 131)."""

AT_TOUCH_ACCURACY = Cited(0.72, "BILZ-THESIS")
"""Quote rule at the bid or ask where the venue's sizes are known and the size equals neither."""

ISO_AT_TOUCH_ACCURACY = Cited(0.85, "SEED")
"""Quote rule for an intermarket sweep at the bid or ask: by construction it takes liquidity (CHAK2012, for stocks)."""

OUTSIDE_ACCURACY = Cited(0.60, "BILZ-THESIS")
"""Quote rule outside the NBBO: 0.65 to 0.75 there, but SW2003 found such prints highly misclassified."""

INSIDE_LEAST_ACCURACY = Cited(0.62, "BILZ-THESIS")
"""Quote rule just off the mid; 0.60 to 0.66 inside."""

INSIDE_MOST_ACCURACY = Cited(0.65, "BILZ-THESIS")
"""Quote rule inside the spread, next to the touch; between the two by distance from the mid."""

AUCTION_ACCURACY = Cited(0.60, "SEED")
"""Quote rule for a price-improvement auction on the NBBO when the auction began, about 100 ms before."""

VENUE_QUOTE_ACCURACY = Cited(0.60, "BILZ-THESIS")
"""Quote rule on the venue's own quote where the NBBO does not decide: 0.57 to 0.62 over all prints."""

DEPTH_ACCURACY = Cited(0.60, "BILZ-THESIS")
"""Exact mid, larger ask size means buy: 0.63 to 0.68 at mid with all rules."""

TICK_ACCURACY = Cited(0.55, "BILZ-THESIS")
"""Against the last different price: 0.50 to 0.55, near chance on options (0.59 in SW2003)."""

WITHOUT_SIZES_ACCURACY = Cited(0.60, "BILZ-THESIS")
"""At the quotes without the trade-size rule: 0.600 on ISE and 0.382 on Cboe, since customers' resting orders invert the sign."""

UNKNOWN_FAMILY_FACTOR = Cited(0.5, "SEED")
"""Multiplies the evidence where the sale condition is unknown or of no family."""

AUCTION_NOW_FACTOR = Cited(0.5, "SEED")
"""Multiplies the evidence of an auction print signed on the NBBO of its report, when the one 100 ms before is not known."""

ZERO_BID_FACTOR = Cited(0.3, "SEED")
"""Multiplies the evidence where there is no bid: everything above zero looks like a purchase."""

WIDE_FACTOR = Cited(0.5, "SEED")
"""Multiplies the evidence where the spread exceeds both limits below."""

WIDE_SHARE = Cited(0.5, "SEED")
"""Spread as a share of the mid beyond which a market is wide."""

WIDE_USD = Cited(0.10, "SEED")
"""Spread in USD up to which no market is wide."""

LOCKED_FACTOR = Cited(0.3, "SEED")
"""Multiplies the evidence where the NBBO is locked or crossed."""

LONG_DATED_FACTOR = Cited(0.5, "BILZ-THESIS")
"""Multiplies the evidence beyond one year to expiry: 0.507 to 0.513 there without the trade-size rule."""

DEEP_FACTOR = Cited(0.5, "BILZ-THESIS")
"""Multiplies the evidence of options deep in the money: 0.489 to 0.511 there without the trade-size rule."""

DEEP_MONEYNESS = Cited(1.3, "BILZ-THESIS")
"""Forward over strike (calls; inverse for puts) above which an option is deep in the money."""

ISO_CONDITION = ord("S")
"""OPRA last-sale condition of an intermarket sweep order (OPRA-SPEC)."""

UNSIGNED_FAMILIES = (
    ConditionFamily.LATE,
    ConditionFamily.SINGLE_CROSS,
    ConditionFamily.FLOOR,
    ConditionFamily.MULTI_AUTO,
    ConditionFamily.MULTI_AUCTION,
    ConditionFamily.MULTI_CROSS,
    ConditionFamily.MULTI_FLOOR,
    ConditionFamily.STOCK_OPTION,
    ConditionFamily.COMPRESSION,
    ConditionFamily.EXTENDED,
    ConditionFamily.CANCEL,
    ConditionFamily.BAR,
)
"""Never signed alone: legs of packages are signed near chance (SW2003), matched and late prints hit no quote, a bar is no print."""

WEAK_FAMILIES = (ConditionFamily.UNKNOWN, ConditionFamily.OTHER)
"""Signed with weaker evidence."""


class SignParams(NamedTuple):
    """Parameters of the signing kernel: evidence in nats, factors, limits in ticks."""

    trade_size: float
    trade_size_most: int
    at_touch: float
    at_touch_without_sizes: float
    iso: float
    outside: float
    inside_least: float
    inside_most: float
    auction: float
    auction_now: float
    venue_quote: float
    depth: float
    tick: float
    weak_family: float
    zero_bid: float
    wide: float
    wide_share: float
    wide_ticks: int
    locked: float
    iso_condition: int


def evidence(accuracy: Cited) -> float:
    """ln(a / (1 - a)) in nats."""
    return math.log(accuracy.value / (1.0 - accuracy.value))


def sign_params() -> SignParams:
    """The seed parameters."""
    return SignParams(
        trade_size=evidence(TRADE_SIZE_ACCURACY),
        trade_size_most=round(TRADE_SIZE_MOST.value),
        at_touch=evidence(AT_TOUCH_ACCURACY),
        at_touch_without_sizes=evidence(WITHOUT_SIZES_ACCURACY),
        iso=evidence(ISO_AT_TOUCH_ACCURACY),
        outside=evidence(OUTSIDE_ACCURACY),
        inside_least=evidence(INSIDE_LEAST_ACCURACY),
        inside_most=evidence(INSIDE_MOST_ACCURACY),
        auction=evidence(AUCTION_ACCURACY),
        auction_now=evidence(AUCTION_ACCURACY) * AUCTION_NOW_FACTOR.value,
        venue_quote=evidence(VENUE_QUOTE_ACCURACY),
        depth=evidence(DEPTH_ACCURACY),
        tick=evidence(TICK_ACCURACY),
        weak_family=UNKNOWN_FAMILY_FACTOR.value,
        zero_bid=ZERO_BID_FACTOR.value,
        wide=WIDE_FACTOR.value,
        wide_share=WIDE_SHARE.value,
        wide_ticks=round(WIDE_USD.value * TICKS_PER_DOLLAR),
        locked=LOCKED_FACTOR.value,
        iso_condition=ISO_CONDITION,
    )
