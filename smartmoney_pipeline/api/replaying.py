"""`/v1/replay`: the events of a published session in the order in which they closed, by a clock that the client plays, pauses and moves."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from smartmoney_pipeline.api.context import Context, client_of, context_of
from smartmoney_pipeline.api.delivery import EventStream, Frame, feed_socket
from smartmoney_pipeline.api.parameters import Instant, SessionQuery
from smartmoney_pipeline.api.problems import ProblemError, responses
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.api.streams import STREAM, hold_socket, refuse_socket
from smartmoney_pipeline.api.wire import joined
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

router = APIRouter(prefix="/v1", tags=["streams"])
CURSOR = "replay"
BATCH = 48
TICK_SECONDS = 0.1
MAX_SPEED = 100_000.0


class ReplayQuery(SessionQuery):
    """Which session, from where on, how fast."""

    speed: float = Field(60.0, gt=0, le=MAX_SPEED, allow_inf_nan=False, description="seconds of the session in one second")
    start: Instant | None = Field(None, alias="from", description="begin with events closed at or after this")
    cursor: str | None = Field(None, max_length=512, description="go on after this")


class Command(BaseModel):
    """What a client says to its replay."""

    model_config = ConfigDict(extra="forbid")

    op: Literal["play", "pause", "speed", "seek"]
    speed: float | None = Field(None, gt=0, le=MAX_SPEED, allow_inf_nan=False)
    time: Instant | None = None


@dataclass
class ReplayClock:
    """Time of the session, in ns UTC, that runs at a speed against the clock of the server."""

    now: Any
    speed: float
    time_ns: int
    playing: bool = True
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    sought: bool = False
    _since: float = 0.0

    def __post_init__(self) -> None:
        self._since = self.now()

    def read(self) -> int:
        """Return the time of the session now."""
        if not self.playing:
            return self.time_ns
        return self.time_ns + int((self.now() - self._since) * self.speed * NS_PER_SECOND)

    def obey(self, command: Command) -> None:
        """Play, pause, change the speed, or go to another time. Raises `ValueError` where a command lacks its value."""
        if (command.op == "speed" and command.speed is None) or (command.op == "seek" and command.time is None):
            raise ValueError(f"{command.op} needs its value")
        self.time_ns, self._since = self.read(), self.now()
        if command.op in {"play", "pause"}:
            self.playing = command.op == "play"
        if command.speed is not None:
            self.speed = command.speed
        if command.op == "seek" and command.time is not None:
            self.time_ns, self.sought = command.time, True
        self.changed.set()


@router.get("/replay/stream", response_class=Response, responses={**responses(404), 200: STREAM})
async def stream(request: Request, query: Annotated[ReplayQuery, Query()]) -> Response:
    """Stream a session as server-sent events at one speed; `Last-Event-ID` is a cursor too."""
    context = context_of(request)
    if query.cursor is None and (last := request.headers.get("last-event-id")):
        query = query.model_copy(update={"cursor": last})
    frames, _ = await begin(context, query)
    return EventStream(frames, context.settings.limits.send_seconds, hold_socket(context, client_of(request)))


@router.websocket("/replay")
async def socket(websocket: WebSocket) -> None:
    """Replay a session over a WebSocket. Commands: play, pause, speed (`speed`), seek (`time`)."""
    context = context_of(websocket)
    try:
        query = ReplayQuery.model_validate(dict(websocket.query_params))
        frames, clock = await begin(context, query)
        held = hold_socket(context, client_of(websocket))
    except (ValidationError, ProblemError) as error:
        await refuse_socket(websocket, error)
        return
    with held:
        await websocket.accept()
        await feed_socket(websocket, frames, asyncio.create_task(_listen(websocket, clock)), context.settings.limits.send_seconds)


async def begin(context: Context, query: ReplayQuery) -> tuple[AsyncIterator[list[Frame]], ReplayClock]:
    """Return the frames of a replay and its clock. Raises `ProblemError` for a cursor of another publication."""
    view = await context.timed(context.catalog.chosen, query.session, query.source)
    closed = await context.timed(lambda: view.closed_ns)
    row = int(np.searchsorted(closed, query.start)) if query.start is not None else 0
    if query.cursor is not None:
        snapshot, row = context.cursors.read(CURSOR, query.cursor)
        if snapshot != view.snapshot:
            raise ProblemError(409, "the session was published again since; begin anew", ["cursor"])
    start = int(closed[min(row, len(closed) - 1)]) if len(closed) else 0
    clock = ReplayClock(context.settings.clock.seconds, query.speed, query.start if query.start is not None else start)
    return _frames(context, view, clock, row), clock


async def _frames(context: Context, view: SessionView, clock: ReplayClock, row: int) -> AsyncIterator[list[Frame]]:
    """The session's events as their time comes."""
    closed = view.closed_ns
    yield [_state(view, clock, row)]
    seconds, beat = context.settings.clock.seconds, context.settings.limits.heartbeat_seconds
    spoken, ended = seconds(), False
    while True:
        if clock.changed.is_set():
            clock.changed.clear()
            if clock.sought:
                row, clock.sought, ended = int(np.searchsorted(closed, clock.time_ns)), False, False
            yield [_state(view, clock, row)]
        due = int(np.searchsorted(closed, clock.read(), "right"))
        if row < due:
            stop = min(due, row + BATCH)
            yield [await _events(context, view, row, stop)]
            row, spoken = stop, seconds()
            continue
        if row >= len(closed) and not ended:
            yield [Frame("end", b"{}", _cursor(context, view, row))]
            ended, spoken = True, seconds()
        if seconds() - spoken >= beat:
            yield [Frame("heartbeat", json.dumps({"ts": context.settings.clock.wall_ms()}).encode(), _cursor(context, view, row))]
            spoken = seconds()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await clock.changed.wait()


async def _events(context: Context, view: SessionView, row: int, stop: int) -> Frame:
    """Events of these rows, each with its kind, as the live stream has them."""
    texts = await context.timed(view.events_json, np.arange(row, stop))
    items = b'[{"type":"event","data":' + joined(texts, '},{"type":"event","data":') + b"}]"
    return Frame("events", items, _cursor(context, view, stop))


def _state(view: SessionView, clock: ReplayClock, row: int) -> Frame:
    """Where the replay stands. Times are ns since 1970 as text, for a browser would round them."""
    closed = view.closed_ns
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
    return Frame("state", json.dumps(said).encode())


def _cursor(context: Context, view: SessionView, row: int) -> str:
    return context.cursors.make(CURSOR, view.snapshot, row)


async def _listen(websocket: WebSocket, clock: ReplayClock) -> None:
    """Obey the client until it goes; a command that cannot be read is answered with an error."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            text = await websocket.receive_text()
            try:
                clock.obey(Command.model_validate_json(text[:4096]))
            except ValueError:
                await websocket.send_text(
                    '{"type":"error","data":{"message":"commands are play, pause, speed and seek, with their value"}}'
                )
