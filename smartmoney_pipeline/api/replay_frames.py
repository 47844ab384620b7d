"""What a replay says: events of a part of a session as their closing time comes, with state, heartbeats and an end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np

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
    def stop(self) -> int:
        """One more than the last row."""
        return len(self.view.closed_ns) if self.until_ns is None else self.row_at(self.until_ns)

    def row_at(self, time_ns: int) -> int:
        """The first row that closed at that time or later."""
        return int(np.searchsorted(self.view.closed_ns, time_ns))

    def time_at(self, row: int) -> int:
        """Where the clock stands when a replay goes on from a row, ns UTC."""
        closed = self.view.closed_ns
        return int(closed[min(row, len(closed) - 1)]) if len(closed) else 0


async def part_of(context: Context, session: SessionView, start_ns: int | None, until_ns: int | None) -> Part:
    """Return the rows of a session between two times, its closing times read. Raises `ProblemError` where it ends before it begins."""
    if start_ns is not None and until_ns is not None and until_ns <= start_ns:
        raise ProblemError(400, "a replay ends after it begins", ["from", "to"])
    await context.timed(lambda: session.closed_ns)
    return Part(session, start_ns, until_ns)


def row_of_cursor(context: Context, view: SessionView, cursor: str) -> int:
    """Return the row that a cursor stands before. Raises `ProblemError` for one of another publication."""
    snapshot, row = context.cursors.read(CURSOR, cursor)
    if snapshot != view.snapshot:
        raise ProblemError(409, "the session was published again since; begin anew", ["cursor"])
    return int(row)


async def frames_of(context: Context, part: Part, clock: ReplayClock, row: int) -> AsyncIterator[list[Frame]]:
    """Yield the events from a row on as the clock reaches them; the clock may be obeying somebody else."""
    view, closed, stop = part.view, part.view.closed_ns, part.stop
    turn, seeks = clock.turn, clock.seeks
    yield [Frame("state", state_of(part, clock, row))]
    seconds, beat = context.settings.clock.seconds, context.settings.limits.heartbeat_seconds
    spoken, ended = seconds(), False
    while True:
        changed = clock.changed
        if clock.turn != turn:
            if clock.seeks != seeks:
                row, ended = part.row_at(clock.origin_ns), False
            turn, seeks = clock.turn, clock.seeks
            yield [Frame("state", state_of(part, clock, row))]
        due = min(stop, int(np.searchsorted(closed, clock.read(), "right")))
        if row < due:
            last = min(due, row + BATCH)
            yield [await _events(context, view, row, last)]
            row, spoken = last, seconds()
            continue
        if row >= stop and not ended:
            yield [Frame("end", b"{}", _cursor(context, view, row))]
            ended, spoken = True, seconds()
        if seconds() - spoken >= beat:
            yield [Frame.heartbeat(context.settings.clock.wall_ms(), _cursor(context, view, row))]
            spoken = seconds()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await changed.wait()


async def _events(context: Context, view: SessionView, row: int, stop: int) -> Frame:
    """Events of these rows, each with its kind, as the live stream has them."""
    texts = await context.timed(view.events_json, np.arange(row, stop))
    items = b'[{"type":"event","data":' + joined(texts, '},{"type":"event","data":') + b"}]"
    return Frame("events", items, _cursor(context, view, stop))


def state_of(part: Part, clock: ReplayClock, row: int) -> bytes:
    """Return where a replay stands, as JSON. Times are ns since 1970 as text, for a browser would round them."""
    view, closed = part.view, part.view.closed_ns
    said = {
        "session": view.session.isoformat(),
        "source": view.source,
        "playing": clock.playing,
        "speed": clock.speed,
        "time": str(clock.read()),
        "first": str(closed[0]) if len(closed) else None,
        "last": str(closed[-1]) if len(closed) else None,
        "row": row,
        "rows": len(closed),
    }
    return json.dumps(said).encode()


def _cursor(context: Context, view: SessionView, row: int) -> str:
    return context.cursors.make(CURSOR, view.snapshot, row)
