"""What a replay says: events of a part of a session as their closing time comes, with state, heartbeats and an end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.api.context import Context
from smartmoney_pipeline.api.delivery import Frame
from smartmoney_pipeline.api.problems import ProblemError
from smartmoney_pipeline.api.replay_clock import ReplayClock
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.api.wire import joined

CURSOR = "replay"
BATCH = 48
TICK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a session that are replayed: all that closed from `start_ns` on and before `until_ns`, where those are given."""

    view: SessionView
    start_ns: int | None
    until_ns: int | None

    @property
    def first(self) -> int:
        """The first row."""
        return 0 if self.start_ns is None else self._row_at(self.start_ns)

    @property
    def stop(self) -> int:
        """One more than the last row."""
        return len(self.view.closed_ns) if self.until_ns is None else self._row_at(self.until_ns)

    def within(self, row: int) -> int:
        """Return the row, or the nearest of this part; `stop` is one of them."""
        return max(self.first, min(self.stop, row))

    def row_at(self, time_ns: int) -> int:
        """Return the first row that closed at that time or later."""
        return self.within(self._row_at(time_ns))

    def clock(self, seconds: Callable[[], float], speed: float, row: int | None = None, running: bool = True) -> ReplayClock:
        """Return a clock that keeps to this part: it stands at a row, or at the beginning, and ends once the last event has closed."""
        closed, first, stop = self.view.closed_ns, self.first, self.stop
        begin = self.start_ns if self.start_ns is not None else int(closed[first]) if first < stop else (self.until_ns or 0)
        end = int(closed[stop - 1]) + 1 if first < stop else begin
        at = begin if row is None else int(closed[row]) if row < stop else end
        return ReplayClock(seconds, speed, at, running, begin, end)

    def _row_at(self, time_ns: int) -> int:
        return int(np.searchsorted(self.view.closed_ns, time_ns))


async def part_of(context: Context, session: SessionView, start_ns: int | None, until_ns: int | None) -> Part:
    """Return the rows of a session between two times, its closing times read. Raises `ProblemError` where it ends before it begins."""
    if start_ns is not None and until_ns is not None and until_ns <= start_ns:
        raise ProblemError(400, "a replay ends after it begins", ["from", "to"])
    await context.timed(lambda: session.closed_ns)
    return Part(session, start_ns, until_ns)


def row_of_cursor(context: Context, part: Part, cursor: str) -> int:
    """Return the row of the part that a cursor stands before. Raises `ProblemError` for one of another publication."""
    snapshot, row = context.cursors.read(CURSOR, cursor)
    if snapshot != part.view.snapshot:
        raise ProblemError(409, "the session was published again since; begin anew", ["cursor"])
    return part.within(int(row))


async def frames_of(context: Context, part: Part, clock: ReplayClock, row: int) -> AsyncIterator[list[Frame]]:
    """Yield the events from a row on as the clock reaches them; the clock may be obeying somebody else."""
    view, closed, stop = part.view, part.view.closed_ns, part.stop
    turn, seeks = clock.turn, clock.seeks
    yield [Frame("state", _said(part, clock, row))]
    seconds, beat = context.settings.clock.seconds, context.settings.limits.heartbeat_seconds
    spoken, ended = seconds(), False
    while True:
        changed = clock.changed
        if clock.turn != turn:
            if clock.seeks != seeks:
                row, ended = part.row_at(clock.origin_ns), False
            turn, seeks = clock.turn, clock.seeks
            yield [Frame("state", _said(part, clock, row))]
        due = min(stop, int(np.searchsorted(closed, clock.read(), "right")))
        if row < due:
            last = min(due, row + BATCH)
            yield [await _events(context, view, row, last)]
            row, spoken = last, seconds()
            continue
        if row >= stop and clock.over and not ended:
            yield [Frame("end", _said(part, clock, row), _cursor(context, view, row))]
            ended, spoken = True, seconds()
        if seconds() - spoken >= beat:
            yield [Frame.heartbeat(context.settings.clock.wall_ms(), _cursor(context, view, row))]
            spoken = seconds()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await changed.wait()


async def _events(context: Context, view: SessionView, row: int, stop: int) -> Frame:
    """Events of these rows, each with its kind, as the live stream has them."""
    texts = await context.timed(_texts, view, np.arange(row, stop))
    items = joined(texts, '},{"type":"event","data":', b'[{"type":"event","data":', b"}]")
    return Frame("events", items, _cursor(context, view, stop))


def _texts(view: SessionView, rows: NDArray[np.int64]) -> pa.StringArray:
    """The events as JSON, with those that follow encoded ahead."""
    texts = view.events_json(rows)
    view.read_ahead(rows)
    return texts


def state_of(part: Part, clock: ReplayClock, row: int) -> dict[str, Any]:
    """Return where a replay stands in its part. Times are ns since 1970 as text, for a browser would round them."""
    closed, first, stop = part.view.closed_ns, part.first, part.stop
    last = int(closed[stop - 1]) if first < stop else None
    return {
        "session": part.view.session.isoformat(),
        "source": part.view.source,
        "playing": clock.playing,
        "speed": clock.speed,
        "time": str(clock.read() if last is None else min(last, clock.read())),
        "first": str(closed[first]) if first < stop else None,
        "last": None if last is None else str(last),
        "row": row - first,
        "rows": stop - first,
    }


def _said(part: Part, clock: ReplayClock, row: int) -> bytes:
    return json.dumps(state_of(part, clock, row)).encode()


def _cursor(context: Context, view: SessionView, row: int) -> str:
    return context.cursors.make(CURSOR, view.snapshot, row)
