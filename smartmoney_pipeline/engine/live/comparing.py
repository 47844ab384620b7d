"""Which events came out otherwise when a time was gone through again: by what they were made of, and by their rows where that differs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.ledger import EventSlice
from smartmoney_pipeline.engine.live.differences import changed_rows, differing
from smartmoney_pipeline.engine.live.window import NamedSlice, taken_named
from smartmoney_pipeline.engine.slice_tables import publish_slice

PLACES = frozenset({"event", "packet_number", "first_order"})
"""Columns that say where in the day a row stands; no published column holds them."""

Mask = NDArray[np.bool_]


def changed_events(context: DayContext, one: NamedSlice, other: NamedSlice) -> Mask:
    """Mask of the events whose published rows differ, between two slices of the same events in one order."""
    changed = _made_otherwise(one.events, other.events)
    rows = np.flatnonzero(changed)
    if len(rows):
        slices = [taken_named(side, rows) for side in (one, other)]
        tables = [publish_slice(context, side.events, side.print_id).smart_money_events for side in slices]
        changed[rows] = changed_rows(tables[0], tables[1], exclude=("revision",))
    return changed


def _made_otherwise(one: EventSlice, other: EventSlice) -> Mask:
    """Which events have another column, or packets with one."""
    changed = _differing_columns(one.events, other.events) | (one.quality_flags != other.quality_flags)
    counts = np.diff(one.offsets)
    changed |= counts != np.diff(other.offsets)
    alike = np.repeat(~changed, counts), np.repeat(~changed, np.diff(other.offsets))
    packets = [{name: values[mine] for name, values in side.packets.items()} for side, mine in zip((one, other), alike, strict=True)]
    odd = _differing_columns(packets[0], packets[1])
    odd |= differing(one.packet_id.filter(alike[0]), other.packet_id.filter(alike[1]))
    changed[np.repeat(np.arange(len(one)), counts)[alike[0]][odd]] = True
    return changed


def _differing_columns(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> Mask:
    differs = np.zeros(len(one["event"]), np.bool_)
    for name, values in one.items():
        if name not in PLACES:
            unequal = values != other[name]
            if values.dtype.kind == "f":
                unequal &= ~(np.isnan(values) & np.isnan(other[name]))
            differs |= unequal
    return differs
