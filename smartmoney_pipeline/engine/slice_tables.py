"""Tables of one slice of events, stage by stage: parents, packets, members, features, scores, evidence, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.columns import Ragged, codes_array
from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.events_table import features_array, smart_money_events
from smartmoney_pipeline.engine.features_stage import build_features
from smartmoney_pipeline.engine.ledger import EventSlice
from smartmoney_pipeline.engine.legs_table import legs_table
from smartmoney_pipeline.engine.members_table import member_print_ids, members_table
from smartmoney_pipeline.engine.parent_tables import EventKeys, parent_events_table
from smartmoney_pipeline.engine.score_stage import score_events, score_inputs
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.output_tables import NULL_BELOW_ZERO, EventFeaturesTable, Packets

TIME_COLUMNS = ("start_ts", "end_ts", "closed_at")


@dataclass(frozen=True)
class PublishedSlice:
    """What scoring writes of one slice."""

    smart_money_events: pa.Table
    parent_event_members: pa.Table
    event_evidence: pa.Table
    event_legs: pa.Table


def parents_of(context: DayContext, events: EventSlice, print_id: pa.Array) -> pa.Table:
    """Return parent_events of the slice."""
    keys = EventKeys(
        event_id=events.event_id,
        packet_ids=Ragged(events.packet_id, events.offsets),
        member_print_ids=member_print_ids(events.members, print_id),
        underlyings=context.tickers,
    )
    return parent_events_table(events.events, keys, events.quality_flags)


def packets_of(context: DayContext, events: EventSlice) -> pa.Table:
    """Return packets of the slice; marks for nothing inside kernels become null."""
    packets = events.packets
    columns = {
        "packet_id": events.packet_id,
        "event_id": events.event_id.take(pa.array(packets["event"])),
        "option_symbol": codes_array(packets["contract"], list(context.day.contracts["option_symbol"])),
    }
    for name in arrow_schema(Packets).names:
        if name not in columns:
            columns[name] = _packet_column(name, packets[name])
    return conform(pa.table(columns), Packets)


def legs_of(context: DayContext, events: EventSlice) -> pa.Table:
    """Return event_legs of the slice."""
    contracts = context.day.contracts
    symbols = pa.array(contracts["option_symbol"], pa.string())
    return legs_table(events.packets, events.event_id, symbols, contracts["multiplier"].to_numpy(dtype=np.int64))


def _packet_column(name: str, values: np.ndarray) -> pa.Array:
    if name in TIME_COLUMNS:
        return pa.array(values).cast(pa.timestamp("ns", tz="UTC"))
    if name in NULL_BELOW_ZERO:
        return pa.array(values, mask=values < 0)
    return pa.array(values, from_pandas=values.dtype.kind == "f")


def features_table(features: Mapping[str, np.ndarray], event_id: pa.Array) -> pa.Table:
    """Return event_features: the features under the ids of their events."""
    flat = pa.Table.from_struct_array(features_array(features))
    return conform(flat.append_column("event_id", event_id), EventFeaturesTable)


def publish_slice(
    context: DayContext,
    events: EventSlice,
    print_id: pa.Array,
    provisional: bool | np.ndarray = False,
    revision: int | np.ndarray = 0,
) -> PublishedSlice:
    """Return what scoring writes of the slice: features and scores computed, evidence listed; marks for all events or one each."""
    features = build_features(context, events.events, events.packets)
    scored = score_events(score_inputs(features, events.events, events.quality_flags), events.event_id)
    parents = parents_of(context, events, print_id)
    return PublishedSlice(
        smart_money_events=smart_money_events(parents, features, scored.scores, revision, provisional),
        parent_event_members=members_table(events.members, print_id, events.event_id),
        event_evidence=scored.evidence,
        event_legs=legs_of(context, events),
    )
