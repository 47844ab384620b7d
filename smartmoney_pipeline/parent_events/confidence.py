"""How likely it is that the prints of a parent belong together. Belongs here: odds against chance; no grouping.

Every join is right with probability odds / (1 + odds), where the odds are the inverse of the chance that a stranger stood there; the joins
are taken as independent and multiply. The joins inside a packet have the geometric mean of their chances, and the prior of an order's
next print. A single print is right by itself.
"""

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.packet_params import JOIN_PRIOR
from smartmoney_pipeline.parent_events.parent_params import CODED_SHARE, EQUAL_SIZE_CHANCE, ParentParams
from smartmoney_pipeline.schemas.codes import Assembly, ConditionFamily
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

LEAST_CHANCE = 1e-6


def packet_log_confidence(print_count: I64, chance_log_odds: F8) -> F8:
    """ln of the probability that all joins of a packet are right; 0 for one print."""
    joins = print_count - 1
    chance = np.exp(chance_log_odds / np.maximum(joins, 1)) / JOIN_PRIOR.value
    return np.where(joins > 0, -joins * np.log1p(chance), 0.0)


def coded_join_odds(packets: dict[str, np.ndarray], offsets: I64, of_event: I64, resolution_ns: int) -> F8:
    """Log-odds by packet that a coded leg belongs to its package: time against the rate of such legs at the venue, and equal size.

    +inf for the first packet of an event, which joins nothing.
    """
    first = offsets[:-1][of_event]
    rate = packets["underlying_rate_hz_first"][first] * CODED_SHARE.value
    known = np.where(rate > 0.0, rate, 0.0)
    elapsed = np.maximum(packets["start_ts"] - packets["start_ts"][first], resolution_ns) / NS_PER_SECOND
    odds = -np.log(np.maximum(-np.expm1(-known * elapsed), LEAST_CHANCE))
    odds -= np.where(packets["contracts"] == packets["contracts"][first], np.log(EQUAL_SIZE_CHANCE.value), 0.0)
    return np.where(np.arange(len(first)) == first, np.inf, odds)


def _log_sigmoid(odds: F8) -> F8:
    return -np.logaddexp(0.0, -odds)


def event_confidence(
    packets: dict[str, np.ndarray], offsets: I64, of_event: I64, assembly: I64, odds: F8, params: ParentParams
) -> F8:  # fmt: skip
    """Probability by event, in (0, 1]; nan for a bar, which holds nobody knows how many trades.

    `odds` are the log-odds with which a stage joined the packets, +inf where it joined none.
    """
    if not len(odds):
        return np.empty(0)
    support = packet_log_confidence(packets["print_count"], packets["chance_log_odds"])
    coded = assembly == list(Assembly).index(Assembly.PACKAGE)
    rows = np.flatnonzero(coded[of_event])
    if len(rows):
        joins = coded_join_odds(packets, offsets, of_event, params.legged.resolution)
        support[rows] += _log_sigmoid(joins[rows])
    support[packets["family"] == ConditionFamily.BAR] = np.nan
    return np.exp(np.add.reduceat(support, offsets[:-1]) + _log_sigmoid(odds))
