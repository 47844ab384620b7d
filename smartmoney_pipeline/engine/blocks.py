"""Blocks of events of one size, whatever the slices in which they became final: what a block holds stays in the processor's caches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.columns import Ragged
from smartmoney_pipeline.engine.ledger import EventSlice
from smartmoney_pipeline.engine.members_table import Members
from smartmoney_pipeline.engine.stages import rows_of

BLOCK_EVENTS = 1 << 15
"""Events a block; the writer and the run hash cut at the same rows, so that neither copies a block. Results do not depend on it."""


def blocks_of(slices: Iterable[EventSlice], size: int = BLOCK_EVENTS) -> Iterator[EventSlice]:
    """The same events in the same order, `size` in each block but the last."""
    held: list[EventSlice] = []
    for events in slices:
        start = 0
        while len(events) - start >= size - _count(held):
            stop = start + size - _count(held)
            yield joined_slices([*held, part_of(events, start, stop)])
            held, start = [], stop
        if start < len(events):
            held.append(part_of(events, start, len(events)))
    if held:
        yield joined_slices(held)


def part_of(events: EventSlice, start: int, stop: int) -> EventSlice:
    """Events start to stop - 1 as a slice of their own; arrays are views where they can be."""
    if (start, stop) == (0, len(events)):
        return events
    rows, members = slice(start, stop), events.members
    first, last = int(events.offsets[start]), int(events.offsets[stop])
    packets = {name: values[first:last] for name, values in events.packets.items()}
    of_prints = slice(int(members.offsets[start]), int(members.offsets[stop]))
    return EventSlice(
        events={name: values[rows] for name, values in events.events.items()} | {"event": np.arange(stop - start)},
        packets=packets | {"event": packets["event"] - start},
        offsets=events.offsets[start : stop + 1] - first,
        members=Members(members.prints[of_prints], members.offsets[start : stop + 1] - of_prints.start, members.leg[of_prints]),
        event_id=events.event_id[rows],
        packet_id=events.packet_id[first:last],
        quality_flags=events.quality_flags[rows],
        running=events.running[rows],
    )


def taken(events: EventSlice, rows: np.ndarray) -> EventSlice:
    """The events at these rows, in this order, as a slice of their own."""
    places = Ragged(np.arange(len(events.packet_id)), events.offsets).take(rows)
    of_prints = Ragged(np.arange(len(events.members.prints)), events.members.offsets).take(rows)
    chosen, prints = np.asarray(places.flat), np.asarray(of_prints.flat)
    return EventSlice(
        events=rows_of(events.events, rows) | {"event": np.arange(len(rows))},
        packets=rows_of(events.packets, chosen) | {"event": np.repeat(np.arange(len(rows)), np.diff(places.offsets))},
        offsets=places.offsets,
        members=Members(events.members.prints[prints], of_prints.offsets, events.members.leg[prints]),
        event_id=events.event_id.take(pa.array(rows)),
        packet_id=events.packet_id.take(pa.array(chosen)),
        quality_flags=events.quality_flags[rows],
        running=events.running[rows],
    )


def joined_slices(parts: list[EventSlice]) -> EventSlice:
    """One slice of the events of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part) for part in parts)])
    packets = {name: np.concatenate([part.packets[name] for part in parts]) for name in parts[0].packets}
    packets["event"] = np.concatenate([part.packets["event"] + start for part, start in zip(parts, starts[:-1], strict=True)])
    events = {name: np.concatenate([part.events[name] for part in parts]) for name in parts[0].events}
    return EventSlice(
        events=events | {"event": np.arange(starts[-1])},
        packets=packets,
        offsets=_joined_offsets([part.offsets for part in parts]),
        members=_joined_members([part.members for part in parts]),
        event_id=pa.concat_arrays([part.event_id for part in parts]),
        packet_id=pa.concat_arrays([part.packet_id for part in parts]),
        quality_flags=np.concatenate([part.quality_flags for part in parts]),
        running=np.concatenate([part.running for part in parts]),
    )


def _count(held: list[EventSlice]) -> int:
    return sum(len(part) for part in held)


def _joined_members(parts: list[Members]) -> Members:
    prints, leg = (np.concatenate([getattr(part, name) for part in parts]) for name in ("prints", "leg"))
    return Members(prints, _joined_offsets([part.offsets for part in parts]), leg)


def _joined_offsets(parts: list[np.ndarray]) -> np.ndarray:
    """Offsets of lists that follow each other, from the offsets of each part."""
    return np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part) for part in parts]))]).astype(np.int64)
