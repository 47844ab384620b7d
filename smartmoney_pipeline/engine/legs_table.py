"""event_legs: the contracts of each event with side, ratio and size, from its packets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.evidence_table import listed_array
from smartmoney_pipeline.schemas.arrow import conform
from smartmoney_pipeline.schemas.output_tables import EventLegs
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR


def legs_table(packets: Mapping[str, np.ndarray], event_id: pa.Array, symbols: pa.Array, multiplier: np.ndarray) -> pa.Table:
    """Table with the columns of EventLegs: one row per event and contract, events in their rows' order, legs in order inside.

    `packets` are those of the events, `event` the row of each; `symbols` and `multiplier` are indexed by contract id.
    """
    order = np.lexsort((packets["leg"], packets["event"]))
    event, leg = packets["event"][order], packets["leg"][order]
    starts = np.flatnonzero(np.concatenate(([True], (np.diff(event) != 0) | (np.diff(leg) != 0)))) if len(order) else order
    first = order[starts]
    contract = packets["contract"][first]
    premium = _sums(packets["premium_ticks"][order], starts) / TICKS_PER_DOLLAR * multiplier[contract]
    columns = {
        "event_id": listed_array(packets["event"][first], event_id),
        "leg": pa.array(packets["leg"][first].astype(np.int16)),
        "option_symbol": listed_array(contract, symbols),
        "leg_sign": pa.array(packets["leg_sign"][first].astype(np.int8)),
        "leg_ratio": pa.array(packets["leg_ratio"][first].astype(np.int16)),
        "contracts": pa.array(_sums(packets["contracts"][order], starts)),
        "premium_usd": pa.array(premium),
    }
    return conform(pa.table(columns), EventLegs)


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return np.add.reduceat(values, starts) if len(starts) else values[:0]
