"""The prints of one bucket that some event may still hold: ids, hashes, quotes and packets, dropped as their events become final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.blocks import joined_slices, taken
from smartmoney_pipeline.engine.ledger import DayLedger, EventSlice
from smartmoney_pipeline.engine.members_table import Members
from smartmoney_pipeline.market.aligned import AlignedPrints, SignedPrints
from smartmoney_pipeline.parent_events.identity import hash_strings

LEAST_DROP = 4_096
PACKET, PRICE, BID, ASK, AGE = range(5)
"""Columns of quotes: packet number, price, bid and ask in ticks (-1 for none), age of the quote in ns (-1 where unknown)."""

Quotes = NDArray[np.int64]
"""int64[n, 5], one row a print."""


class LastQuotes:
    """Takes the quotes of each chunk from the stages and holds those of the last one."""

    def __init__(self) -> None:
        self.rows: Quotes = _no_quotes()

    def __call__(self, aligned: AlignedPrints, _signed: SignedPrints, packet_of_print: NDArray[np.int64]) -> None:
        """Note one chunk."""
        age = np.where(aligned.quote_ts >= 0, aligned.ts - aligned.quote_ts, -1)
        self.rows = np.column_stack([packet_of_print, aligned.price, aligned.bid, aligned.ask, age]).astype(np.int64)

    def take(self) -> Quotes:
        """Return what was noted last, and forget it."""
        rows, self.rows = self.rows, _no_quotes()
        return rows


def _no_quotes() -> Quotes:
    return np.empty((0, AGE + 1), dtype=np.int64)


@dataclass(frozen=True)
class NamedSlice:
    """Final or provisional events; `members` of the slice are positions in `print_id` and `quotes`, from 0 on in their order."""

    events: EventSlice
    print_id: pa.Array
    quotes: Quotes

    def __len__(self) -> int:
        return len(self.events)

    def member_ids(self) -> list[list[str]]:
        """Print ids of each event."""
        ids, ends = self.print_id.to_pylist(), self.events.members.offsets.tolist()
        return [ids[start:stop] for start, stop in pairwise(ends)]


@dataclass
class PrintWindow(DayLedger):
    """A ledger that grows with the prints and forgets the old ones."""

    def __post_init__(self) -> None:
        self.print_id = pa.array([], pa.string())
        self._hashes = np.empty((0, 2), dtype=np.uint64)
        self._packet_of_print = np.empty(0, dtype=np.int64)
        self._quotes = _no_quotes()

    def add(self, print_id: pa.Array, quotes: Quotes) -> None:
        """Add the next prints with their packets and quotes."""
        packet_of_print = quotes[:, PACKET]
        self._quotes = np.concatenate([self._quotes, quotes])
        self.print_id = pa.concat_arrays([self.print_id, print_id])
        self._hashes = np.concatenate([self._hashes, hash_strings(print_id)])
        self._packet_of_print = np.concatenate([self._packet_of_print, packet_of_print])
        self._seen += len(packet_of_print)

    def drop_before(self, order: int | None) -> None:
        """Forget the prints before this place in the day; None forgets all."""
        keep = self._seen if order is None else order
        gone = keep - self._first
        if gone < max(LEAST_DROP, len(self.print_id) // 2):
            return
        self.print_id = self.print_id.take(pa.array(np.arange(gone, len(self.print_id))))
        self._hashes, self._packet_of_print = self._hashes[gone:].copy(), self._packet_of_print[gone:].copy()
        self._quotes = self._quotes[gone:].copy()
        self._first = keep

    def named(self, events: dict[str, np.ndarray], packets: dict[str, np.ndarray]) -> NamedSlice:
        """The events as a slice with the ids of its own prints."""
        made = self.slice_of(events, packets)
        places = made.members.prints - self._first
        return NamedSlice(renumbered(made, 0), self.print_id.take(pa.array(places)), self._quotes[places])


def joined_named(parts: Sequence[NamedSlice]) -> NamedSlice:
    """One slice of the events of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part.print_id) for part in parts)])
    moved = [renumbered(part.events, int(start)) for part, start in zip(parts, starts[:-1], strict=True)]
    quotes = np.concatenate([part.quotes for part in parts])
    return NamedSlice(joined_slices(moved), pa.concat_arrays([part.print_id for part in parts]), quotes)


def taken_named(part: NamedSlice, rows: NDArray[np.int64]) -> NamedSlice:
    """The events at these rows, in this order."""
    events = taken(part.events, rows)
    prints = events.members.prints
    return NamedSlice(renumbered(events, 0), part.print_id.take(pa.array(prints)), part.quotes[prints])


def renumbered(events: EventSlice, first: int) -> EventSlice:
    """The slice with its members at positions from `first` on, in their order."""
    members = events.members
    places = np.arange(first, first + len(members.prints))
    return EventSlice(**{**vars(events), "members": Members(places, members.offsets, members.leg)})
