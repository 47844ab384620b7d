"""One bucket of underlyings: its chain of stages, and what it needs to go back in time when a correction comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.live.book import LIVE, STATE
from smartmoney_pipeline.engine.live.chain import Advance, Chain
from smartmoney_pipeline.engine.live.checkpoint import Checkpoint
from smartmoney_pipeline.engine.live.inbox import Tables
from smartmoney_pipeline.engine.live.intake import PRINTS
from smartmoney_pipeline.engine.live.journal import Journal
from smartmoney_pipeline.engine.live.linking import Link
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.engine.live.said import Cause, Said
from smartmoney_pipeline.engine.live.window import NamedSlice

Standing = Callable[[int, int], Rows | None]
"""Prints of the bucket that stand between two times (ns UTC), None where there are none."""


@dataclass(frozen=True)
class Stretch:
    """One advance of the chain; `since` (ns UTC) is the checkpoint after which it lies."""

    since: int
    final: NamedSlice | None
    provisional: NamedSlice | None
    links: list[Link]


@dataclass(frozen=True)
class BucketAdvance:
    """Advances of one bucket; with a `cause` they make anew what was said from then on."""

    stretches: list[Stretch]
    cause: Cause | None = None


@dataclass(frozen=True)
class Changed:
    """Prints of processed time that came or went: the first time (ns UTC), ids of the cancelled ones, whether any came."""

    since: int
    cancelled: frozenset[str]
    late: bool

    @classmethod
    def of(cls, prints: Rows) -> Changed:
        """From the prints, of which those in state LIVE came and the others went."""
        came = prints.numbers[STATE] == LIVE
        return cls(int(prints.ts.min()), frozenset(prints.texts["print_id"].filter(pa.array(~came)).to_pylist()), bool(came.any()))


class Bucket:
    """State of one bucket; every advance is one call, corrections of one advance are one rebuild."""

    def __init__(self, context: DayContext, watched: NDArray[np.bool_], streams: frozenset[str], params: LiveParams) -> None:
        self._params = params
        self._context, self._watched = context, watched
        self._chain = Chain(context, watched, streams, params.provisional)
        self._journal = Journal()
        self._checkpoints = [Checkpoint.of(self._chain)]
        self.said = Said()

    def grow(self, context: DayContext, watched: NDArray[np.bool_]) -> None:
        """Go on with more contracts and underlyings."""
        self._context, self._watched = context, watched
        self._chain.grow(context, watched)

    def held_rows(self) -> int:
        """Quotes in memory for corrections."""
        return len(self._journal)

    def oldest(self) -> int:
        """The time (ns UTC) back to which corrections can reach."""
        return self._checkpoints[0].until

    def advance(self, rows: Tables, changed: Changed | None, standing: Standing, watermark: int, at: int) -> BucketAdvance:
        """Process the rows before the watermark; `at` is the event time reached, in ns UTC as well."""
        late_from = [] if changed is None else [changed.since]
        for name, quotes in rows.items():
            if name != PRINTS:
                late = bool(quotes.ts[0] < self._chain.until)
                self._journal.add(name, quotes, late)
                late_from += [int(quotes.ts[0])] if late else []
        if late_from:
            cancelled, came = (frozenset[str](), False) if changed is None else (changed.cancelled, changed.late)
            return self._rebuilt(min(late_from), standing, watermark, Cause(min(late_from), at, cancelled, came or not cancelled))
        stretch = _stretch(self._checkpoints[-1].until, self._chain.advance(rows, watermark))
        self._note_checkpoint()
        return BucketAdvance([stretch])

    def _rebuilt(self, changed_from: int, standing: Standing, watermark: int, cause: Cause) -> BucketAdvance:
        """Go back to the last checkpoint before the change and through the time since again, with its checkpoints."""
        number = max(i for i, checkpoint in enumerate(self._checkpoints) if checkpoint.until <= changed_from)
        ends = [checkpoint.until for checkpoint in self._checkpoints[number + 1 :]]
        self._checkpoints = self._checkpoints[: number + 1]
        self._chain = self._checkpoints[number].chain()
        self._chain.grow(self._context, self._watched)
        stretches, first = [], self._chain.until
        for end in [*ends, watermark]:
            since = self._chain.until
            prints = standing(since, end)
            rows = self._journal.rows(since, end)
            stretches.append(_stretch(since, self._chain.advance(rows if prints is None else {**rows, PRINTS: prints}, end)))
            if end != watermark:
                self._checkpoints.append(Checkpoint.of(self._chain))
        self._note_checkpoint()
        return BucketAdvance(stretches, replace(cause, since=first))

    def _note_checkpoint(self) -> None:
        """Keep a copy of the state if the last one is old enough, and forget what no correction may reach any more."""
        until, held = self._chain.until, self._checkpoints
        if until >= 1 << 62 or (held[-1].until > 0 and until - held[-1].until < self._params.checkpoint_ns):
            return
        held.append(Checkpoint.of(self._chain))
        if len(held) > 1 + self._params.checkpoints:
            # Without a limit in time the oldest stays, and the others thin out.
            del held[1::2]
        if self._params.history_ns is not None:
            self._forget(until - self._params.history_ns)

    def _forget(self, limit: int) -> None:
        """Drop all checkpoints before the last one that is not after `limit`, and the rows before it."""
        first = max((i for i, checkpoint in enumerate(self._checkpoints) if checkpoint.until <= limit), default=0)
        if first == 0:
            return
        self._checkpoints = self._checkpoints[first:]
        self._journal.drop_before(self.oldest())
        self.said.drop_before(self.oldest())


def _stretch(since: int, done: Advance) -> Stretch:
    return Stretch(since, done.final, done.provisional, done.links)
