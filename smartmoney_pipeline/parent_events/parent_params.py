"""Numbers of the parent rules, each with its source. Belongs here: seeds and cited figures; the formulas stand in the kernels."""

import math
from dataclasses import dataclass, field

import numpy as np

from smartmoney_pipeline.market.arrays import F8
from smartmoney_pipeline.market.cited import Cited
from smartmoney_pipeline.parent_events.burst_kernel import BurstOdds
from smartmoney_pipeline.parent_events.legged_kernel import LeggedOdds
from smartmoney_pipeline.parent_events.naming_kernel import ReadingOdds
from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.schemas.codes import ConditionFamily, Structure
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND

EQUAL_SIZE_CHANCE = Cited(0.155, "SIZE-LAW")
"""Chance that two unrelated prints have one size; round lots keep it as high for ten lots and more."""

SIZE_SLACK = Cited(0.25, "SEED")
"""Clips of one order vary in size by this share at most: an algorithm splits evenly, and the residual is the exception."""

SIMILAR_SIZE_CHANCE = Cited(0.3, "SEED")
"""Chance that two unrelated prints differ in size by no more than that share: one size, and about as many again beside it."""

ONE_LOT_FACTOR = Cited(2.0, "SEED")
"""How much likelier one size is among single lots than by the figure above: they are the most frequent size."""

SAME_VENUE_CHANCE = Cited(0.15, "SEED")
"""Chance that two unrelated prints have one venue."""

CODED_SHARE = Cited(0.05, "SEED")
"""Share of an underlying's prints that carry package codes at one given venue."""

JOIN_THRESHOLD = Cited(6.0, "SEED")
"""Nats that a join of unannounced orders needs: prior odds of 1:40 against it, and 9:1 odds left for it."""

CLOCK_ODDS = Cited(2.2, "SEED")
"""Nats, 9:1, by which the spacing of small or uneven clips must speak for one worker's clock: a crowd is many prints as well."""

SIDE_SHARE = Cited(0.5, "SEED")
"""Share of a contract's prints on one given side."""

TICKET_USD = Cited(5_000.0, "NYSE-RETAIL-2023")
"""Most that an electronic order of more than ten contracts may cost to count as retail, in USD of premium."""

AUCTION_TICKET = Cited(50.0, "NYSE-RETAIL-2023")
"""Contracts from which a price-improvement print may be a facilitation: the exchange counts any size, but the code covers both."""

CONTRACT_SHARES = 100
"""Units of underlying in a standard contract: the rules on premium were written for those."""

TICKET_SHARE = Cited(0.05, "SEED")
"""Share of an underlying's prints that are small, of one given right, side and tenor bucket."""

BURSTINESS = Cited(2.0, "SEED")
"""Factor on the trailing rate for what order flow swells by itself."""

FAR_ACCURACY = Cited(0.72, "BILZ-THESIS")
"""Accuracy of the side at the far touch: the lower of the two at-quote rates of the stacked rules."""

LEG_ACCURACY = Cited(0.60, "BILZ-THESIS")
"""How often the touch at which one leg printed tells its side: prints inside the quote are signed 60 to 66 % right, and a leg's price is a
share of the package's, so the low end."""

TIGHTNESS = Cited(0.25, "SEED")
"""Nats for each half-spread between net price and package mid: a package pays anything up to its spread, so this only parts equals."""

CLOCK_GRIDS = (NS_PER_SECOND, 25 * NS_PER_MS)
"""Steps of coarse tape clocks, ns (SEED: whole seconds, and the 25 ms of one vendor): times on such a grid prove no more than it."""

LEAST_MARGIN = Cited(0.5, "SEED")
"""Nats by which the signs of more than four legs must lead the next best choice before they are given: 62 % against 38 %."""

COINCIDENCE = Cited(0.01, "CHANCE-GAP")
"""Chance that two packages print at one instant and venue: what the gaps of the grouping leave to chance."""

NEAR_ACCURACY = Cited(0.55, "SEED")
"""Accuracy of the side close to the mid."""

TENOR_EDGES = (0, 7, 30, 90, 365)
"""Upper edges of the tenor buckets in calendar days (SEED): today, a week, a month, a quarter, a year, more."""

STRIKE_INTERVALS, INTERVAL_EDGES = (2.5, 5.0, 10.0), (25.0, 200.0)
"""Widest standard intervals of listed strikes, USD, and the strikes up to which the first two hold (SEED on exchange rules)."""

NEIGHBOUR_SHARE = Cited(0.01, "SEED")
"""Share of the strike within which strikes are neighbours where that is more: index strikes lie up to 1 % apart."""

ORDER_FAMILIES = (
    ConditionFamily.SINGLE,
    ConditionFamily.SINGLE_AUCTION,
    ConditionFamily.FLOOR,
    ConditionFamily.EXTENDED,
    ConditionFamily.UNKNOWN,
)
"""Families in which orders without a package code are looked for. Crosses are negotiated; late prints have no true time."""

STRUCTURE_PRIORS: dict[Structure, float] = {
    Structure.VERTICAL: 0.30, Structure.RATIO: 0.10, Structure.CALENDAR: 0.12, Structure.DIAGONAL: 0.12,
    Structure.ROLL: 0.12, Structure.BUTTERFLY: 0.05, Structure.BROKEN_WING_BUTTERFLY: 0.02, Structure.CONDOR: 0.02,
    Structure.IRON_CONDOR: 0.04, Structure.IRON_FLY: 0.02, Structure.STRADDLE: 0.03, Structure.STRANGLE: 0.05,
    Structure.GUTS: 0.002, Structure.RISK_REVERSAL: 0.05, Structure.SYNTHETIC: 0.03, Structure.BOX: 0.02,
    Structure.JELLY_ROLL: 0.01, Structure.COLLAR: 0.15, Structure.CONVERSION_REVERSAL: 0.15, Structure.COVERED_CALL: 0.05,
    Structure.PROTECTIVE_PUT: 0.03, Structure.DIVIDEND_SPREAD: 0.30, Structure.DELTA_NEUTRAL: 0.05, Structure.STOCK_TIED: 0.005,
    Structure.UNMATCHED_LEG: 0.005, Structure.CUSTOM: 0.001,
}  # fmt: skip
"""Prior weight of each name (SEED on LMP: verticals, ratios, calendars and diagonals dominate; straddles and strangles
are a small part). Only quotients between readings of the same legs matter. A calendar or diagonal parts its weight with the roll."""


UNEVEN = (Structure.RATIO,)
"""Structures with several legs of one right that do not cancel out."""

ONE_LEG_A_RIGHT = (
    Structure.STRADDLE, Structure.STRANGLE, Structure.GUTS, Structure.RISK_REVERSAL, Structure.SYNTHETIC, Structure.COLLAR,
    Structure.CONVERSION_REVERSAL, Structure.COVERED_CALL, Structure.PROTECTIVE_PUT, Structure.DELTA_NEUTRAL, Structure.STOCK_TIED,
    Structure.UNMATCHED_LEG, Structure.CUSTOM, Structure.DIVIDEND_SPREAD,
)  # fmt: skip
"""Names that say nothing of legs of one right: one leg of each, stock, no name, or (dividend spreads) a rare date."""


def _cancelling_odds() -> float:
    """Nats for a right whose legs cancel out, by the prior weights of the names that have several legs of one right."""
    uneven = sum(STRUCTURE_PRIORS[name] for name in UNEVEN)
    several = sum(weight for name, weight in STRUCTURE_PRIORS.items() if name not in ONE_LEG_A_RIGHT)
    return math.log((several - uneven) / uneven)


def structure_log_priors() -> F8:
    """float64[structures]: ln of the prior weights, in the order of `Structure`."""
    return np.log([STRUCTURE_PRIORS[structure] for structure in Structure])


def _legged() -> LeggedOdds:
    return LeggedOdds(
        chance=0.01,
        window=50 * NS_PER_MS,
        resolution=NS_PER_MS,
        equal_size=-math.log(EQUAL_SIZE_CHANCE.value),
        same_venue=-math.log(SAME_VENUE_CHANCE.value),
        opposite_touch=math.log(2.0),
        one_lot=math.log(ONE_LOT_FACTOR.value),
        other_ratio=math.log(STRUCTURE_PRIORS[Structure.RATIO] / STRUCTURE_PRIORS[Structure.VERTICAL]),
        on_grid=-math.log(0.2),
        threshold=JOIN_THRESHOLD.value,
        least_size=10,
        grid_ticks=500,
        tick=100,
        clock_grids=CLOCK_GRIDS,
    )


def _worked() -> BurstOdds:
    return BurstOdds(
        window=60 * NS_PER_SECOND,
        least_members=3,
        rate_floor=1 / 600,
        share=SIMILAR_SIZE_CHANCE.value * SIDE_SHARE.value,
        burst=BURSTINESS.value,
        resolution=NS_PER_MS,
        threshold=JOIN_THRESHOLD.value,
    )


def _herd() -> BurstOdds:
    return _worked()._replace(least_members=8, rate_floor=1 / 60, share=TICKET_SHARE.value)


def _reading() -> ReadingOdds:
    return ReadingOdds(
        tick=100,
        margin_cap=10.0,
        leg_evidence=math.log(LEG_ACCURACY.value / (1.0 - LEG_ACCURACY.value)),
        tightness=TIGHTNESS.value,
        accuracy_near=NEAR_ACCURACY.value,
        accuracy_far=FAR_ACCURACY.value,
        roll_dte=7,
        roll_unknown=0.6,
        roll_supported=0.8,
        roll_refuted=0.1,
        roll_volume_share=0.5,
        deep_moneyness=0.9,
        neutral_delta=0.8,
        cancels=_cancelling_odds(),
        least_margin=LEAST_MARGIN.value,
        coincidence=math.log(COINCIDENCE.value * EQUAL_SIZE_CHANCE.value),
    )


@dataclass(frozen=True, slots=True)
class ParentParams:
    """Rules of the cascade. What has no source in the module's constants is a seed. Times in ns, sizes in contracts.

    `chain_factor` bounds a cluster of coded legs: its longest span in windows of its family. `least_side` is the share of contracts by
    which one side must prevail before a packet has a side. A packet of small tickets holds at most `most_in_ticket_packet` contracts.
    """

    packet: PacketParams = field(default_factory=PacketParams)
    legged: LeggedOdds = field(default_factory=_legged)
    worked: BurstOdds = field(default_factory=_worked)
    herd: BurstOdds = field(default_factory=_herd)
    reading: ReadingOdds = field(default_factory=_reading)
    least_ladder_size: int = 10
    small_ticket: int = 10
    most_in_ticket_packet: int = 50
    least_side: float = 0.05
    chain_factor: int = 2
