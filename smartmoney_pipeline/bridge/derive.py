"""Hits and alerts of a set of events, in the order of the tape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.bridge.alerts import alerts_table
from smartmoney_pipeline.bridge.hits import NEEDED, Source, hits_table


@dataclass(frozen=True)
class BridgedEvents:
    """Hits and alerts of the same events."""

    classifier_hits: pa.Table
    alerts: pa.Table


def bridge_events(events: pa.Table, first_order: NDArray[np.int64]) -> BridgedEvents:
    """Return hits and alerts of the published events, in the order of their first prints.

    `events` has the columns of smart_money_events, `first_order` the place in the tape of each event's first print. Only events that
    name a profile are looked at row by row; most of a tape abstains.
    """
    found = sources(events, first_order)
    return BridgedEvents(hits_table(found), alerts_table(found))


def sources(events: pa.Table, first_order: NDArray[np.int64]) -> list[Source]:
    """Return the published ones of these events, in the order of their first prints."""
    rows = np.flatnonzero(~events["abstained"].to_numpy(zero_copy_only=False))
    rows = rows[np.argsort(first_order[rows], kind="stable")]
    taken = events.select(list(NEEDED)).take(pa.array(rows, pa.int64())).to_pylist()
    return [Source(row, int(place)) for row, place in zip(taken, first_order[rows], strict=True)]


def first_orders(events: pa.Table, parents: pa.Table) -> NDArray[np.int64]:
    """Return the place of each event's first print, from parent_events. Raises `ValueError` where an event has no parent there."""
    place = pc.index_in(events["event_id"], value_set=parents["event_id"].combine_chunks())
    if place.null_count:
        raise ValueError("an event is not among the parent events")
    return parents["first_order"].combine_chunks().take(place.combine_chunks()).to_numpy()
