"""The stages of one bucket with everything they carry, so that a copy of it is a checkpoint. Belongs here: one advance, no corrections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.live.feed import print_batch, quote_batch
from smartmoney_pipeline.engine.live.inbox import Tables
from smartmoney_pipeline.engine.live.intake import PRINTS
from smartmoney_pipeline.engine.live.linking import Link, NamedLinks
from smartmoney_pipeline.engine.live.window import LastQuotes, NamedSlice, PrintWindow
from smartmoney_pipeline.engine.stages import DayStages, Market, rows_of
from smartmoney_pipeline.parent_events.assembled import Assembled
from smartmoney_pipeline.tape.layout import Batch

QUOTE_TABLES = ("option_quotes", "underlying_quotes", "venue_quotes")


class Feed:
    """Chunks of one stream that wait to be applied; the aligner takes them as it goes."""

    def __init__(self) -> None:
        self._chunks: list[Batch] = []

    def put(self, chunk: Batch) -> None:
        """Add the next chunk."""
        self._chunks.append(chunk)

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        if not self._chunks:
            raise StopIteration
        return self._chunks.pop(0)


@dataclass(frozen=True)
class Advance:
    """What became final, what closed and still waits, and what was linked."""

    final: NamedSlice | None
    provisional: NamedSlice | None
    links: list[Link]


class Chain:
    """State of one bucket. `watched` marks its contracts by id; `streams` names the quote tables that the day has."""

    def __init__(self, context: DayContext, watched: NDArray[np.bool_], streams: frozenset[str], provisional: bool) -> None:
        self._feeds = {name: Feed() for name in QUOTE_TABLES if name in streams}
        feeds = [self._feeds.get(name) for name in QUOTE_TABLES]
        self._context = context
        self._quotes = LastQuotes()
        self._stages = DayStages(context, sink=self._quotes, market=Market(watched, *feeds))
        self._window = PrintWindow(context)
        self._links = NamedLinks()
        self._provisional = provisional
        self.until = np.iinfo(np.int64).min
        """Every row before this time (ns UTC) has been taken in."""

    def shared(self) -> tuple[object, ...]:
        """What a copy of the chain need not copy, since it never changes."""
        return (self._context, self._context.contracts, self._context.terms)

    def grow(self, context: DayContext, watched: NDArray[np.bool_]) -> None:
        """Go on with more contracts and underlyings; without effect where they are known."""
        if context is self._context:
            return
        self._stages.grow(context, watched)
        self._window.context = self._context = context

    def advance(self, rows: Tables, watermark: int) -> Advance:
        """Take in the rows before the watermark, prints without the cancelled ones, each table in tape order."""
        for name, feed in self._feeds.items():
            if name in rows:
                feed.put(quote_batch(rows[name]))
        prints = rows.get(PRINTS)
        if prints is not None and len(prints):
            _, assembled = self._stages.push(print_batch(prints), watermark)
            self._window.add(prints.texts["print_id"], self._quotes.take())
        else:
            assembled = self._stages.advance(watermark)
        self._stages.catch_up()
        self.until = watermark
        return self._settled(assembled)

    def _settled(self, assembled: Assembled) -> Advance:
        """Name what became final. Nothing waits for its place in the order of the day: a log is sorted when it is read."""
        found = self._links.push(assembled, self._stages.settled_until())
        final = None
        if len(assembled):
            final = self._window.named(assembled.events, assembled.packets)
            found += self._links.name(final.events.running, final.events.event_id)
        early = self._early(assembled.packets.get("packet_number"))
        self._stages.closed = {}
        self._window.drop_before(self._stages.oldest_order())
        return Advance(final, early, found)

    def _early(self, final: NDArray[np.int64] | None) -> NamedSlice | None:
        """Packets that closed now and are in no final event, as events of their own."""
        closed = self._stages.closed
        if not self._provisional or not len(closed["packet_number"]):
            return None
        waits = ~_among(closed["packet_number"], final)
        if not waits.any():
            return None
        alone = self._stages.alone(rows_of(closed, waits))
        return self._window.named(alone.events, alone.packets)


def _among(numbers: NDArray[np.int64], others: NDArray[np.int64] | None) -> NDArray[np.bool_]:
    """Which numbers are among the others; for few of them a tenth of the time of `np.isin`."""
    if others is None or not len(others):
        return np.zeros(len(numbers), np.bool_)
    ranked = np.sort(others)
    return ranked[np.minimum(np.searchsorted(ranked, numbers), len(ranked) - 1)] == numbers
