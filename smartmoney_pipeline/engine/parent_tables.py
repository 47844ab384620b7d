"""Parent events as a table: what was traded, when, how it was joined and read. No scores here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.columns import Ragged, check_lengths, codes_array, known_array, list_array, mask_lists, times_array
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.codes import Assembly, EventKind, QualityFlag, Structure
from smartmoney_pipeline.schemas.output_tables import ParentEvents
from smartmoney_pipeline.schemas.units import NS_PER_MS

EVENT_KINDS = tuple(EventKind)
"""Event kinds by the code of the grouping stage: 0 single, 1 multi."""

FLOAT_COLUMNS = (
    "structure_margin",
    "package_buy_probability",
    "net_price_position",
    "parity_residual_half_spreads",
    "reconstruction_confidence",
)


@dataclass(frozen=True, slots=True)
class EventKeys:
    """Names of n events in canonical order (closed_at, event_id), and of the underlyings by dense id."""

    event_id: pa.Array
    packet_ids: Ragged
    member_print_ids: Ragged
    underlyings: Sequence[str]


def parent_events_table(events: Mapping[str, np.ndarray], keys: EventKeys, quality_flags: np.ndarray) -> pa.Table:
    """Table of n events with the columns of ParentEvents, in the order given.

    `events` are the columns of assembled parents [n], `quality_flags` int64 masks [n] with bit i for the i-th QualityFlag. Raises
    `ValueError` that names a column of another length.
    """
    columns = {
        "event_id": keys.event_id,
        "packet_ids": list_array(keys.packet_ids.flat, keys.packet_ids.offsets),
        "member_print_ids": list_array(keys.member_print_ids.flat, keys.member_print_ids.offsets),
        "underlying_id": codes_array(events["underlying"], keys.underlyings),
        "event_kind": codes_array(events["kind"], EVENT_KINDS),
        "assembly": codes_array(events["assembly"], tuple(Assembly)),
        "structure": codes_array(events["structure"], tuple(Structure)),
        "runner_up": codes_array(events["runner_up"], tuple(Structure)),
        **{name: known_array(events[name]) for name in FLOAT_COLUMNS},
        **{name: times_array(events[name]) for name in ("start_ts", "end_ts", "closed_at")},
        "event_window_ms": pa.array((events["end_ts"] - events["start_ts"]) // NS_PER_MS),
        "first_order": pa.array(events["first_order"]),
        "stock_tied": pa.array(events["stock_tied"]),
        "print_count": pa.array(events["print_count"]),
        "quality_flags": mask_lists(quality_flags, tuple(QualityFlag)),
    }
    check_lengths(columns, len(keys.event_id))
    return conform(pa.table({name: columns[name] for name in arrow_schema(ParentEvents).names}), ParentEvents)
