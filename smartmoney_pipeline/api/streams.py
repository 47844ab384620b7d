"""`/v1/events/stream` and `/v1/ws`: what the live feed says, from a cursor on, with heartbeats and gaps said openly."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, WebSocket
from pydantic import Field, ValidationError
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from smartmoney_pipeline.api.context import Context, client_of, context_of
from smartmoney_pipeline.api.delivery import EventStream, Frame, feed_socket
from smartmoney_pipeline.api.hub import SNAPSHOT_EVENTS, Hub, Message, StreamFilter
from smartmoney_pipeline.api.parameters import Query as QueryModel
from smartmoney_pipeline.api.parameters import Tickers
from smartmoney_pipeline.api.problems import ProblemError, not_found, responses
from smartmoney_pipeline.schemas.codes import ProfileId

router = APIRouter(prefix="/v1", tags=["streams"])
CURSOR = "live"
BATCH = 48
"""Messages of one frame at most: some 200 kB, for clients that limit the size of a frame."""

STREAM = {
    "description": "server-sent events: snapshot, events, heartbeat, gap",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


class LiveQuery(QueryModel):
    """Which events of the live feed, and from where on."""

    underlying: Tickers | None = None
    profile: ProfileId | None = None
    abstained: bool | None = None
    cursor: str | None = Field(None, max_length=512, description="go on after this; without one a snapshot comes first")
    snapshot: int = Field(100, ge=0, le=SNAPSHOT_EVENTS, description="events of the snapshot at most")

    def filter(self) -> StreamFilter:
        """Return what the client wants."""
        tickers = frozenset(self.underlying.upper().split(",")) if self.underlying else frozenset[str]()
        return StreamFilter(tickers, self.profile and str(self.profile), self.abstained)


@router.get("/events/stream", response_class=Response, responses={**responses(404), 200: STREAM})
async def stream(request: Request, query: Annotated[LiveQuery, Query()]) -> Response:
    """Stream the live feed as server-sent events; `Last-Event-ID` is a cursor too."""
    context, hub = context_of(request), hub_of(request)
    cursor = query.cursor or request.headers.get("last-event-id")
    frames = live_frames(context, hub, query, cursor)
    return EventStream(frames, context.settings.limits.send_seconds, hold_socket(context, client_of(request)))


@router.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    """Stream the live feed over a WebSocket; the query is that of `/v1/events/stream`."""
    context = context_of(websocket)
    try:
        query = LiveQuery.model_validate(dict(websocket.query_params))
        hub = hub_of(websocket)
        held = hold_socket(context, client_of(websocket))
        frames = live_frames(context, hub, query, query.cursor)
    except (ValidationError, ProblemError) as error:
        await refuse_socket(websocket, error)
        return
    with held:
        await websocket.accept()
        await feed_socket(websocket, frames, asyncio.create_task(_listen(websocket)), context.settings.limits.send_seconds)


def live_frames(context: Context, hub: Hub, query: LiveQuery, cursor: str | None) -> AsyncIterator[list[Frame]]:
    """Return the frames for one client. Raises `ProblemError` for a cursor of another feed."""
    wanted = query.filter()
    if cursor is None:
        return _frames(context, hub, wanted, hub.last, [_snapshot(context, hub, wanted, query.snapshot)])
    parts = context.cursors.read(CURSOR, cursor)
    if parts[0] != hub.epoch:
        raise ProblemError(400, "the cursor belongs to another live feed", ["cursor"])
    return _frames(context, hub, wanted, int(parts[1]), [])


async def _frames(context: Context, hub: Hub, wanted: StreamFilter, number: int, first: list[Frame]) -> AsyncIterator[list[Frame]]:
    """What comes after `number`: batches of events, a heartbeat where nothing was told for a while, a gap where the ring moved on."""
    if first:
        yield first
    beat, now = context.settings.limits.heartbeat_seconds, asyncio.get_running_loop().time
    due = now() + beat
    while True:
        left = due - now()
        if left <= 0 or not await hub.wait(number, left):
            yield [Frame.heartbeat(context.settings.clock.wall_ms(), _cursor(context, hub, number))]
            due = now() + beat
            continue
        if number + 1 < hub.first:
            yield [_gap(context, hub, number)]
            number, due = hub.first - 1, now() + beat
        found = hub.after(number, BATCH)
        number = found[-1].number
        kept = [told for one in found if (told := wanted.told(one.message)) is not None]
        if kept:
            yield [Frame("events", _items(kept), _cursor(context, hub, number))]
            due = now() + beat


def _items(told: list[Message]) -> bytes:
    """The messages of a frame, each with its kind."""
    return b"[" + b",".join(b'{"type":"%s","data":%s}' % (one.kind.encode(), one.body) for one in told) + b"]"


def _snapshot(context: Context, hub: Hub, wanted: StreamFilter, most: int) -> Frame:
    bodies = [message.body for message in hub.standing(wanted, most)]
    return Frame("snapshot", b"[" + b",".join(bodies) + b"]", _cursor(context, hub, hub.last))


def _gap(context: Context, hub: Hub, number: int) -> Frame:
    """Say how many messages are lost to the client, and where it stands after them."""
    return Frame("gap", json.dumps({"missed": hub.first - 1 - number}).encode(), _cursor(context, hub, hub.first - 1))


def _cursor(context: Context, hub: Hub, number: int) -> str:
    return context.cursors.make(CURSOR, hub.epoch, number)


def hold_socket(context: Context, client: str) -> contextlib.ExitStack:
    """Count one open stream of the client until the stack is closed. Raises `ProblemError` 429 where it has enough."""
    stack = contextlib.ExitStack()
    if not stack.enter_context(context.held.hold(client, "socket", context.settings.limits.sockets)):
        raise ProblemError(429, "this client has enough open streams", headers={"retry-after": "5"})
    return stack


async def refuse_socket(websocket: WebSocket, error: ValidationError | ProblemError) -> None:
    """Answer a WebSocket that cannot be opened with a problem."""
    refused = error if isinstance(error, ProblemError) else ProblemError(400, "parameters are wrong")
    await websocket.send_denial_response(refused.response())


async def _listen(websocket: WebSocket) -> None:
    """Take what a client says and need none of it; ends when it goes."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await websocket.receive_text()


def hub_of(connection: Any) -> Hub:
    """Return the log of the live feed. Raises `ProblemError` 404 where no feed runs."""
    live = getattr(connection.app.state, "live", None)
    if live is None:
        raise not_found("this server has no live feed; sessions that are published can be replayed")
    hub: Hub = live.hub
    return hub
