"""The prints of a day with their packets as they become known, and the final events that are named from them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.members_table import Members, members_of
from smartmoney_pipeline.engine.parent_tables import EVENT_KINDS
from smartmoney_pipeline.engine.quality_flags import event_flags
from smartmoney_pipeline.engine.stages import Columns, rows_of
from smartmoney_pipeline.parent_events.identity import event_ids, hash_strings, packet_ids


@dataclass(frozen=True)
class EventSlice:
    """Final events, canonical order. `events["event"]` runs from 0; packets are sorted by (event, first_order).

    Packets of event i are rows offsets[i]:offsets[i + 1]. `members` holds positions in the prints of the day; `running` the running
    number of each event in the day, by which links name it.
    """

    events: Columns
    packets: Columns
    offsets: NDArray[np.int64]
    members: Members
    event_id: pa.Array
    packet_id: pa.Array
    quality_flags: NDArray[np.int64]
    running: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.running)


@dataclass
class DayLedger:
    """What the slices of a day share: ids and hashes of its prints, and the packet of each print seen so far."""

    context: DayContext
    print_id: pa.Array = field(init=False)
    _hashes: NDArray[np.uint64] = field(init=False)
    _packet_of_print: NDArray[np.int64] = field(init=False)
    _seen: int = 0
    _first: int = 0
    """Place in the day of the first print held."""

    def __post_init__(self) -> None:
        self.print_id = self.context.day.print_ids()
        self._hashes = hash_strings(self.print_id)
        self._packet_of_print = np.full(len(self.print_id), -1, dtype=np.int64)

    def note(self, packet_of_print: NDArray[np.int64]) -> None:
        """Add the packets of the next prints."""
        self._packet_of_print[self._seen : self._seen + len(packet_of_print)] = packet_of_print
        self._seen += len(packet_of_print)

    def slice_of(self, events: Columns, packets: Columns) -> EventSlice:
        """Return the slice of these events, which must all be final; `packets` are theirs, in any order."""
        by_time = rows_of(events, np.lexsort((events["first_order"], events["closed_at"])))
        names = self._event_ids(by_time, self._members(packets, by_time["event"]))
        order = _canonical(by_time["closed_at"], names)
        chosen = rows_of(by_time, order)
        running = chosen["event"]
        arranged, offsets = _arranged(packets, running)
        adjusted = self.context.feature_terms.adjusted[arranged["contract"]]
        return EventSlice(
            events={**chosen, "event": np.arange(len(running))},
            packets=arranged,
            offsets=offsets,
            members=self._members(packets, running),
            event_id=names.take(pa.array(order)),
            packet_id=self._packet_ids(arranged),
            quality_flags=event_flags(arranged, adjusted, offsets, chosen["reconstruction_confidence"]),
            running=running,
        )

    def _members(self, packets: Columns, running: NDArray[np.int64]) -> Members:
        """Prints of the events; none of them lies before the first print of their packets."""
        first = int(packets["first_order"].min(initial=self._seen))
        found = members_of(self._packet_of_print[first - self._first : self._seen - self._first], packets, running)
        return Members(found.prints + first, found.offsets, found.leg)

    def _event_ids(self, events: Columns, members: Members) -> pa.Array:
        return event_ids(
            *self._names(), events["underlying"], EVENT_KINDS, events["kind"], members.offsets, self._hashes[members.prints - self._first]
        )  # fmt: skip

    def _packet_ids(self, packets: Columns) -> pa.Array:
        members = self._members({**packets, "event": np.arange(len(packets["event"]))}, np.arange(len(packets["event"])))
        return packet_ids(*self._names(), packets["underlying"], members.offsets, self._hashes[members.prints - self._first])

    def _names(self) -> tuple[str, str, pa.Array]:
        day = self.context.day
        return day.session_date.isoformat(), day.source, self.context.ticker_array


def _arranged(packets: Columns, running: NDArray[np.int64]) -> tuple[Columns, NDArray[np.int64]]:
    """Packets by (event, first_order) with events numbered by their place in `running`, and the offsets of the events."""
    row_of = np.full(int(running.max(initial=-1)) + 1, -1, dtype=np.int64)
    row_of[running] = np.arange(len(running))
    local = row_of[packets["event"]]
    place = np.lexsort((packets["first_order"], local))
    arranged = rows_of({**packets, "event": local}, place)
    return arranged, np.searchsorted(arranged["event"], np.arange(len(running) + 1)).astype(np.int64)


def _canonical(closed_at: NDArray[np.int64], event_id: pa.Array) -> NDArray[np.int64]:
    """Order by (closed_at, event_id) of rows that are sorted by closed_at already: only ties are looked at by name."""
    order = np.arange(len(closed_at))
    same = closed_at[1:] == closed_at[:-1]
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    if len(tied):
        names = event_id.take(pa.array(tied)).to_numpy(zero_copy_only=False)
        order[tied] = tied[np.lexsort((names.astype("U32"), closed_at[tied]))]
    return order
