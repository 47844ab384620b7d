"""One bucket of underlyings: its inbox, its chain of stages, and what it needs to go back in time when a correction comes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.live.book import Added, PrintBook
from smartmoney_pipeline.engine.live.chain import Advance, Chain
from smartmoney_pipeline.engine.live.inbox import Inbox, Tables, times
from smartmoney_pipeline.engine.live.intake import PRINTS
from smartmoney_pipeline.engine.live.journal import Journal
from smartmoney_pipeline.engine.live.linking import Link
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.said import Cause, Said
from smartmoney_pipeline.engine.live.window import NamedSlice
from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.quarantine import quarantine_part
from smartmoney_pipeline.tape.validate import ROW


@dataclass(frozen=True)
class Stretch:
    """One advance of the chain that began at `since` (ns UTC)."""

    since: int
    final: NamedSlice | None
    provisional: NamedSlice | None
    links: list[Link]


@dataclass(frozen=True)
class BucketAdvance:
    """Advances of one bucket; with a `cause` they make anew what was said from then on."""

    stretches: list[Stretch]
    cause: Cause | None = None
    quarantined: list[pa.Table] = field(default_factory=list)


class Bucket:
    """State of one bucket; every advance is one call, corrections of one advance are one rebuild."""

    def __init__(self, context: DayContext, watched: NDArray[np.bool_], streams: frozenset[str], params: LiveParams) -> None:
        self._params = params
        self._context, self._watched = context, watched
        self._chain = Chain(context, watched, streams, params.provisional)
        self._book, self._journal = PrintBook(), Journal()
        self._checkpoints = [self._chain.copy()]
        self.inbox, self.said = Inbox(), Said()

    def grow(self, context: DayContext, watched: NDArray[np.bool_]) -> None:
        """Go on with more contracts and underlyings."""
        self._context, self._watched = context, watched
        self._chain.grow(context, watched)

    def held_rows(self) -> int:
        """Rows in memory: received and not processed, and kept for corrections."""
        return len(self.inbox) + len(self._book) + len(self._journal)

    def advance(self, watermark: int, at: int) -> BucketAdvance:
        """Process what was received up to the watermark; `at` is the event time reached, in ns UTC as well."""
        since, (rows, quarantined) = self._chain.until, self._reachable(self.inbox.release(watermark))
        late_from = [int(times(table)[0]) for name, table in rows.items() if name != PRINTS and times(table)[0] < since]
        for name, table in rows.items():
            if name != PRINTS:
                self._journal.add(name, table, bool(times(table)[0] < since))
        added = self._book.add(rows[PRINTS], since) if PRINTS in rows else None
        if added is not None:
            quarantined += added.quarantined
            late_from += [] if added.changed_from is None else [added.changed_from]
        if late_from:
            return self._rebuilt(min(late_from), watermark, at, added, quarantined)
        due: Tables = {**rows, PRINTS: added.prints} if added is not None else rows
        stretch = _stretch(since, self._chain.advance(due, watermark))
        self._note_checkpoint()
        return BucketAdvance([stretch], None, quarantined)

    def _reachable(self, rows: Tables) -> tuple[Tables, list[pa.Table]]:
        """Rows that processed time can still take in, and the quarantine of those that came too late even for that."""
        limit, quarantined, kept = self._checkpoints[0].until, [], {}
        for name, table in rows.items():
            old = times(table) < limit
            if old.any():
                quarantined.append(_beyond(name, table.filter(pa.array(old))))
                table = table.filter(pa.array(~old))  # noqa: PLW2901
            if len(table):
                kept[name] = table
        return kept, quarantined

    def _rebuilt(self, changed_from: int, watermark: int, at: int, added: Added | None, quarantined: list[pa.Table]) -> BucketAdvance:
        """Go back to the last checkpoint before the change and through the time since again, with its checkpoints."""
        number = max(i for i, checkpoint in enumerate(self._checkpoints) if checkpoint.until <= changed_from)
        ends = [checkpoint.until for checkpoint in self._checkpoints[number + 1 :]]
        self._checkpoints = self._checkpoints[: number + 1]
        self._chain = self._checkpoints[number].copy()
        self._chain.grow(self._context, self._watched)
        cancelled, late = (frozenset[str](), True) if added is None else (added.cancelled, added.late or not added.cancelled)
        cause = Cause(self._chain.until, at, cancelled, late)
        stretches = []
        for end in [*ends, watermark]:
            since = self._chain.until
            prints = self._book.standing(since, end)
            rows = self._journal.rows(since, end)
            stretches.append(_stretch(since, self._chain.advance(rows if prints is None else {**rows, PRINTS: prints}, end)))
            if end != watermark:
                self._checkpoints.append(self._chain.copy())
        self._note_checkpoint()
        return BucketAdvance(stretches, cause, quarantined)

    def _note_checkpoint(self) -> None:
        """Keep a copy of the state if the last one is old enough, and forget what no correction may reach any more."""
        until, held = self._chain.until, self._checkpoints
        if until >= 1 << 62 or (held[-1].until > 0 and until - held[-1].until < self._params.checkpoint_ns):
            return
        held.append(self._chain.copy())
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
        oldest = self._checkpoints[0].until
        self._book.drop_before(oldest)
        self._journal.drop_before(oldest)
        self.said.drop_before(oldest)


def _stretch(since: int, done: Advance) -> Stretch:
    return Stretch(since, done.final, done.provisional, done.links)


def _beyond(name: str, table: pa.Table) -> pa.Table:
    """Quarantine of rows that came later than any correction may; without a number of their own, the row is -1."""
    rows = table[ROW].to_numpy() if ROW in table.column_names else np.full(len(table), -1)
    values = table["print_id"].combine_chunks() if "print_id" in table.column_names else table["ts"].combine_chunks().cast(pa.string())
    return quarantine_part(name, rows, QuarantineReason.BEYOND_HISTORY, values, pa.array(["<live>"] * len(table)))
