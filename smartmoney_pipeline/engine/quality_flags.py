"""Quality flags of events from the sums of their packets: one bit a flag, in the order of QualityFlag."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.schemas.codes import QualityFlag
from smartmoney_pipeline.schemas.packet_columns import CONDITION_BITS

CHANCE_JOIN_BELOW = 0.5
"""A parent is flagged where chance explains the join better than a common order: posterior below one half."""

COUNTED: dict[QualityFlag, str] = {
    QualityFlag.QUOTE_MISSING: "unquoted_contracts",
    QualityFlag.QUOTE_STALE: "stale_contracts",
    QualityFlag.QUOTE_LOCKED: "locked_contracts",
    QualityFlag.QUOTE_CROSSED: "crossed_contracts",
    QualityFlag.QUOTE_ONE_SIDED: "one_sided_contracts",
    QualityFlag.QUOTE_DISAGREES: "disagree_contracts",
    QualityFlag.QUOTE_HISTORY_SHORT: "history_short_contracts",
    QualityFlag.OUTSIDE_NBBO: "outside_contracts",
}
MARKED: dict[QualityFlag, str] = {
    QualityFlag.LATE: "late",
    QualityFlag.OUT_OF_SEQUENCE: "out_of_sequence",
    QualityFlag.OPENING: "opening",
    QualityFlag.AUCTION: "auction",
    QualityFlag.CROSS: "cross",
    QualityFlag.FLOOR: "floor",
    QualityFlag.COMPLEX: "multi_leg",
    QualityFlag.STOCK_TIED: "stock_tied",
    QualityFlag.EXTENDED_HOURS: "extended_hours",
    QualityFlag.COMPRESSION: "compression",
    QualityFlag.CONDITION_UNKNOWN: "unknown",
    QualityFlag.MINUTE_BAR: "minute_bar",
}
_FLAGS = list(QualityFlag)


def packet_flags(packets: Mapping[str, np.ndarray], adjusted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the flags of each packet as a bit mask; `adjusted` says whether its contract is."""
    holds = {flag: packets[name] > 0 for flag, name in COUNTED.items()}
    holds |= {flag: (packets["condition_bits"] >> CONDITION_BITS[mark]) & 1 == 1 for flag, mark in MARKED.items()}
    holds[QualityFlag.QUOTE_AGE_UNKNOWN] = packets["age_known_contracts"] < packets["contracts"] - packets["unquoted_contracts"]
    holds[QualityFlag.UNDERLYING_MISSING] = (packets["u_bid_first"] <= 0) & (packets["u_ask_first"] <= 0)
    holds[QualityFlag.FORWARD_MISSING] = packets["forward_source_first"] == 0
    holds[QualityFlag.ADJUSTED_CONTRACT] = adjusted
    holds[QualityFlag.OUTSIDE_NBBO] &= ~holds[QualityFlag.MINUTE_BAR]  # the quote at its end is not that of its trades
    mask = np.zeros(len(adjusted), dtype=np.int64)
    for flag, held in holds.items():
        mask |= held.astype(np.int64) << _FLAGS.index(flag)
    return mask


def event_flags(
    packets: Mapping[str, np.ndarray], adjusted: NDArray[np.bool_], offsets: NDArray[np.int64], confidence: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the flags of each event: those of its packets (rows offsets[i]:offsets[i + 1]), and whether chance explains it better."""
    if len(offsets) < 2:
        return np.zeros(0, dtype=np.int64)
    joined = np.bitwise_or.reduceat(packet_flags(packets, adjusted), offsets[:-1])
    chance = (confidence < CHANCE_JOIN_BELOW).astype(np.int64)
    return joined | (chance << _FLAGS.index(QualityFlag.CHANCE_JOIN))
