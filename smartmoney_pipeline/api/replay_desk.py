"""`/v1/replays`: replays that the server keeps, so that several clients watch one clock and one of them moves it."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from smartmoney_pipeline.api.context import client_of, context_of
from smartmoney_pipeline.api.delivery import EventStream
from smartmoney_pipeline.api.models import Body
from smartmoney_pipeline.api.parameters import HEX_FORM, Instant, SourceName
from smartmoney_pipeline.api.parameters import Query as QueryModel
from smartmoney_pipeline.api.problems import ProblemError, not_found, responses
from smartmoney_pipeline.api.replay_clock import MAX_SPEED, Command, ReplayClock
from smartmoney_pipeline.api.replay_frames import Part, frames_of, part_of, row_of_cursor, state_of
from smartmoney_pipeline.api.streams import STREAM, hold_socket

router = APIRouter(prefix="/v1", tags=["replays"])
MOST = 16
"""Replays that are kept; for another one the oldest that nobody watches is forgotten."""

ReplayId = Annotated[str, Path(pattern=HEX_FORM)]


class ReplayRequest(Body):
    """What is replayed: a published session, the newest where none is named, from and to closing times, so many times as fast."""

    session: date | None = None
    source: SourceName | None = None
    speed: float = Field(60.0, gt=0, le=MAX_SPEED, allow_inf_nan=False, description="seconds of the session in one second")
    start: Instant | None = Field(None, alias="from", description="begin with events closed at or after this")
    until: Instant | None = Field(None, alias="to", description="end before events closed at or after this")
    playing: bool = Field(True, description="begin at once; else the replay waits for play")


class ReplayOut(Body):
    """Where a replay stands. Times are ns since 1970 as text, for JSON readers round them."""

    replay_id: str
    session: date
    source: str
    playing: bool = Field(description="whether its clock moves; false at the end")
    speed: float
    time: str
    first: str | None = Field(description="closing time of the first event that is replayed; null where there is none")
    last: str | None = Field(description="closing time of the last, where the clock ends")
    row: int = Field(description="the event that comes next, counted from the first that is replayed")
    rows: int = Field(description="events that are replayed")


class StreamQuery(QueryModel):
    """From where on."""

    cursor: str | None = Field(None, max_length=512, description="go on after this")


@dataclass
class Stored:
    """One replay, and how many watch it."""

    part: Part
    clock: ReplayClock
    watched: int = 0

    @property
    def row(self) -> int:
        """The event that comes next by the clock."""
        return self.part.row_at(self.clock.read())

    @property
    def first(self) -> int:
        """The row that a client begins with: where the replay began, or was last sent to."""
        return self.part.row_at(self.clock.origin_ns)


class ReplayDesk:
    """The replays that are kept, oldest first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Stored] = OrderedDict()

    def keep(self, replay: Stored) -> str:
        """Keep a replay and return its id. Raises `ProblemError` 429 where enough are watched."""
        if len(self._kept) >= MOST:
            idle = next((name for name, one in self._kept.items() if not one.watched), None)
            if idle is None:
                raise ProblemError(429, "enough replays are watched", headers={"retry-after": "60"})
            del self._kept[idle]
        name = secrets.token_hex(8)
        self._kept[name] = replay
        return name

    def get(self, replay_id: str) -> Stored:
        """Return a replay. Raises `ProblemError` 404 where it is not kept."""
        if replay_id not in self._kept:
            raise not_found("there is no such replay")
        return self._kept[replay_id]

    def drop(self, replay_id: str) -> None:
        """Forget a replay; who watches it goes on."""
        self.get(replay_id)
        del self._kept[replay_id]


@router.post("/replays", status_code=201, response_model=ReplayOut, responses=responses(404, 413, 415))
async def start_replay(request: Request, asked: ReplayRequest, response: Response) -> Any:
    """Keep a replay of a published session. Needs a key with the scope `run`; watching needs none on this machine."""
    context = context_of(request)
    view = await context.timed(context.catalog.chosen, asked.session, asked.source)
    part = await part_of(context, view, asked.start, asked.until)
    replay = Stored(part, part.clock(context.settings.clock.seconds, asked.speed, running=asked.playing))
    replay_id = _desk(request).keep(replay)
    response.headers["location"] = f"/v1/replays/{replay_id}"
    return _said(replay_id, replay)


@router.get("/replays/{replay_id}", responses=responses(404))
async def one_replay(request: Request, replay_id: ReplayId) -> ReplayOut:
    """Return where a replay stands."""
    return _said(replay_id, _desk(request).get(replay_id))


@router.patch("/replays/{replay_id}", responses=responses(404, 413, 415))
async def move_replay(request: Request, replay_id: ReplayId, command: Command) -> ReplayOut:
    """Play, pause, change the speed or seek, for all who watch. Needs a key with the scope `run`."""
    replay = _desk(request).get(replay_id)
    try:
        replay.clock.obey(command)
    except ValueError as error:
        raise ProblemError(400, str(error), ["speed" if command.op == "speed" else "time"]) from error
    return _said(replay_id, replay)


@router.delete("/replays/{replay_id}", status_code=204, responses=responses(404, 413))
async def drop_replay(request: Request, replay_id: ReplayId) -> None:
    """Forget a replay. Needs a key with the scope `run`."""
    _desk(request).drop(replay_id)


@router.get("/replays/{replay_id}/stream", response_class=Response, responses={**responses(404, 409), 200: STREAM})
async def watch_replay(request: Request, replay_id: ReplayId, query: Annotated[StreamQuery, Query()]) -> Response:
    """Stream a replay as server-sent events, from its beginning or after a cursor (`Last-Event-ID` too)."""
    context, replay = context_of(request), _desk(request).get(replay_id)
    cursor = query.cursor or request.headers.get("last-event-id")
    row = replay.first if cursor is None else row_of_cursor(context, replay.part, cursor)
    held = hold_socket(context, client_of(request))
    _watch(replay, held)
    return EventStream(frames_of(context, replay.part, replay.clock, row), context.settings.limits.send_seconds, held)


def _watch(replay: Stored, held: ExitStack) -> None:
    """Count who watches until the stack is closed."""
    replay.watched += 1

    def gone() -> None:
        replay.watched -= 1

    held.callback(gone)


def _said(replay_id: str, replay: Stored) -> ReplayOut:
    return ReplayOut(replay_id=replay_id, **state_of(replay.part, replay.clock, replay.row))


def _desk(request: Request) -> ReplayDesk:
    found: ReplayDesk = request.app.state.replays
    return found
