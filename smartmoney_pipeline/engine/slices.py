"""Slices of final events in canonical order (closed_at, event_id), as the day goes by.

An event is final once everything that starts before its closing time is known; the concatenation of the slices does not depend on
how the day was cut into chunks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.ledger import DayLedger, EventSlice
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.stages import END_OF_TIME, Columns, DayStages, Sink, joined, rows_of
from smartmoney_pipeline.parent_events.assembled import Assembled
from smartmoney_pipeline.parent_events.links import LinkBuilder
from smartmoney_pipeline.schemas.arrow import conform, empty_table
from smartmoney_pipeline.schemas.output_tables import EventLinks
from smartmoney_pipeline.schemas.units import NS_PER_MS


class DaySlices:
    """The events of one day, slice by slice, and the links between them once all slices are out."""

    def __init__(self, context: DayContext, params: EngineParams | None = None, sink: Sink | None = None) -> None:
        """`sink` takes every chunk of quoted prints on the way."""
        self.ledger = DayLedger(context)
        self._params = params or EngineParams()
        self._stages = DayStages(context, self._params, sink)
        self._builder = LinkBuilder()
        self._links: list[Columns] = []
        self._waiting: list[Assembled] = []
        self._names: list[tuple[np.ndarray, pa.Array]] = []

    def __iter__(self) -> Iterator[EventSlice]:
        for prints in self.ledger.context.day.print_batches(rows=self._params.chunk_prints):
            packet_of_print, assembled = self._stages.push(prints)
            self.ledger.note(packet_of_print)
            yield from self._settle(assembled, self._stages.settled_until())
        yield from self._settle(self._stages.finish(), END_OF_TIME)

    def links(self) -> pa.Table:
        """Return event_links; call it after the last slice. The later event names the earlier one."""
        links = joined([part for part in self._links if len(part["event"])])
        if not links:
            return empty_table(EventLinks)
        running = np.concatenate([numbers for numbers, _ in self._names])
        place = np.argsort(running)
        names = pa.chunked_array([names for _, names in self._names]).combine_chunks()
        earlier, later = (place[np.searchsorted(running, links[name], sorter=place)] for name in ("event", "linked_event"))
        columns = {
            "event_id": names.take(pa.array(later)),
            "linked_event_id": names.take(pa.array(earlier)),
            "kind": pa.array(links["kind"].astype(str)),
            "gap_ms": pa.array(links["gap_ns"] // NS_PER_MS),
        }
        ordered = pa.table(columns).sort_by([("event_id", "ascending"), ("linked_event_id", "ascending")])
        return conform(ordered, EventLinks)

    def _settle(self, assembled: Assembled, settled: int) -> Iterator[EventSlice]:
        """Yield what closed before `settled`, and keep the rest."""
        self._links.append(self._builder.push(assembled, settled))
        ready, rest = split_ready([*self._waiting, assembled], settled)
        self._waiting = [rest]
        if len(ready):
            made = self.ledger.slice_of(ready.events, ready.packets)
            self._names.append((made.running, made.event_id))
            yield made


def split_ready(parts: list[Assembled], settled: int) -> tuple[Assembled, Assembled]:
    """Events that closed before `settled`, with their packets, and the others."""
    events, packets = joined([part.events for part in parts]), joined([part.packets for part in parts])
    if not events:
        return _assembled({}, {}), _assembled({}, {})
    ready = events["closed_at"] < settled
    of_ready = np.zeros(int(events["event"].max(initial=-1)) + 1, dtype=np.bool_)
    of_ready[events["event"][ready]] = True
    mine = of_ready[packets["event"]]
    return _assembled(rows_of(events, ready), rows_of(packets, mine)), _assembled(rows_of(events, ~ready), rows_of(packets, ~mine))


def _assembled(events: Columns, packets: Columns) -> Assembled:
    """A part without offsets: its packets are found by their event."""
    return Assembled(packets, events, np.zeros(len(events["event"]) + 1 if events else 1, dtype=np.int64))
