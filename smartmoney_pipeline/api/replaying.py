"""`/v1/replay`: the events of a published session in the order in which they closed, by a clock that the client plays, pauses and moves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, WebSocket
from pydantic import Field, ValidationError
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from smartmoney_pipeline.api.context import Context, client_of, context_of
from smartmoney_pipeline.api.delivery import EventStream, Frame, feed_socket
from smartmoney_pipeline.api.parameters import Instant, SessionQuery
from smartmoney_pipeline.api.problems import ProblemError, responses
from smartmoney_pipeline.api.replay_clock import MAX_SPEED, Command, ReplayClock
from smartmoney_pipeline.api.replay_frames import frames_of, part_of, row_of_cursor
from smartmoney_pipeline.api.streams import STREAM, hold_socket, refuse_socket

router = APIRouter(prefix="/v1", tags=["streams"])


class ReplayQuery(SessionQuery):
    """Which session, from where on, to where, how fast."""

    speed: float = Field(60.0, gt=0, le=MAX_SPEED, allow_inf_nan=False, description="seconds of the session in one second")
    start: Instant | None = Field(None, alias="from", description="begin with events closed at or after this")
    until: Instant | None = Field(None, alias="to", description="end before events closed at or after this")
    cursor: str | None = Field(None, max_length=512, description="go on after this")


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
    part = await part_of(context, view, query.start, query.until)
    row = None if query.cursor is None else row_of_cursor(context, part, query.cursor)
    clock = part.clock(context.settings.clock.seconds, query.speed, row)
    return frames_of(context, part, clock, part.first if row is None else row), clock


async def _listen(websocket: WebSocket, clock: ReplayClock) -> None:
    """Obey the client until it goes; a command that cannot be read is answered with an error."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            came = await websocket.receive()
            if came["type"] == "websocket.disconnect":
                return
            text = came.get("text") or ""
            try:
                clock.obey(Command.model_validate_json(text[:4096]))
            except ValueError:
                await websocket.send_text(
                    '{"type":"error","data":{"message":"commands are play, pause, speed and seek, with their value"}}'
                )
