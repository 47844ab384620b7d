"""`/v1/events`: pages of events in several forms, and one event."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from numpy.typing import NDArray

from smartmoney_pipeline.api.choosing import wanted_rows
from smartmoney_pipeline.api.context import Context, context_of, session_headers
from smartmoney_pipeline.api.cursors import Cursors
from smartmoney_pipeline.api.formats import MEDIA_TYPES, encoded, wanted_form
from smartmoney_pipeline.api.models import EventPage
from smartmoney_pipeline.api.parameters import EVENT_FIELDS, EventId, EventQuery, SessionQuery
from smartmoney_pipeline.api.problems import ProblemError, not_found, responses
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.api.wire import joined, json_rows
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent

router = APIRouter(prefix="/v1", tags=["events"])
CURSOR = "events"
FORMS = {MEDIA_TYPES[form]: {"schema": {"type": "string", "format": "binary"}} for form in ("ndjson", "csv", "arrow", "parquet")}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page of a session, how many there are in all, and where the next page begins."""

    rows: NDArray[np.int64]
    matched: int
    next_cursor: str | None


@router.get(
    "/events",
    response_model=EventPage,
    responses={**responses(404, 406), 200: {"content": FORMS}, 304: {"description": "as it was"}},
)
async def list_events(request: Request, query: Annotated[EventQuery, Query()]) -> Response:
    """Return a page of the events of one published session, abstained ones too unless filters say otherwise."""
    context = context_of(request)
    form = wanted_form(request.headers.get("accept", ""), query.format)
    session, source = _of_run(request, query)
    view = await context.timed(context.catalog.chosen, session, source)
    headers = session_headers(view)
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content, found = await context.timed(_answer, context, view, query, form)
    if found.next_cursor:
        headers["link"] = f'<{next_url(query, found.next_cursor)}>; rel="next"'
        headers["x-next-cursor"] = found.next_cursor
    return Response(content, headers=headers, media_type=MEDIA_TYPES[form])


@router.get("/events/{event_id}", response_model=SmartMoneyEvent, responses=responses(404))
async def one_event(request: Request, event_id: Annotated[EventId, Path()], query: Annotated[SessionQuery, Query()]) -> Response:
    """Return one event of any published session, the newest where several hold it."""
    context = context_of(request)

    def answer() -> tuple[bytes, SessionView]:
        view, row = context.catalog.having(event_id, query.session, query.source)
        return joined(view.events_json(np.array([row])), ","), view

    content, view = await context.timed(answer)
    return Response(content, headers=session_headers(view), media_type=MEDIA_TYPES["json"])


def _of_run(request: Request, query: EventQuery) -> tuple[date | None, str | None]:
    """The session and source asked for, by themselves or by the run that published them. Raises `ProblemError` 404 where it has not."""
    if query.run_id is None:
        return query.session, query.source
    run = request.app.state.runs.get(query.run_id)
    if run.state != "succeeded" or query.session not in {None, run.key.session} or query.source not in {None, run.key.source}:
        raise not_found("that run has published no such session")
    return run.key.session, run.key.source


def _answer(context: Context, view: SessionView, query: EventQuery, form: str) -> tuple[bytes, Page]:
    found = page(context.cursors, view, query)
    fields = None if query.fields is None else list(dict.fromkeys(query.fields.split(",")))
    if form != "json":
        return encoded(view.events(found.rows, fields or list(EVENT_FIELDS)), form), found
    if fields is None:
        texts = view.events_json(found.rows)
        if found.next_cursor:
            view.read_ahead(found.rows)
    else:
        texts = json_rows(view.events(found.rows, fields).select(fields))
    return joined(texts, ",", _head(view, query, found) + b',"data":[', b"]}"), found


def page(cursors: Cursors, view: SessionView, query: EventQuery) -> Page:
    """Return the rows of the page that the query asks for. Raises `ProblemError` for a cursor of another list or an older publication."""
    wanted = wanted_rows(view, query)
    asked, start = _asked(query), 0
    if query.cursor is not None:
        snapshot, of, start = _place(cursors, query.cursor)
        if of != asked:
            raise ProblemError(400, "the cursor belongs to a list with other filters or another order", ["cursor"])
        if snapshot != view.snapshot:
            raise ProblemError(409, "the session was published again since that page; begin anew", ["cursor"])
    stop = start + query.limit
    more = stop < len(wanted)
    return Page(wanted[start:stop], len(wanted), cursors.make(CURSOR, view.snapshot, asked, stop) if more else None)


def _place(cursors: Cursors, text: str) -> tuple[str, str, int]:
    parts = cursors.read(CURSOR, text)
    return str(parts[0]), str(parts[1]), int(parts[2])


def _asked(query: EventQuery) -> str:
    """A short hash of what the list is: filters and order, not the page of it."""
    said = query.model_dump_json(exclude={"cursor", "limit", "fields", "format"})
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def next_url(query: EventQuery, cursor: str) -> str:
    """Return the address of the next page, without a host."""
    stated = query.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"cursor"})
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in stated.items() if value is not None}
    return f"/v1/events?{urlencode(words | {'cursor': cursor})}"


def _head(view: SessionView, query: EventQuery, found: Page) -> bytes:
    """The page without its events and without its end."""
    following = None if found.next_cursor is None else next_url(query, found.next_cursor)
    head = EventPage(
        session=view.session,
        source=view.source,
        snapshot=view.snapshot,
        matched=found.matched,
        next_cursor=found.next_cursor,
        next_url=following,
        data=[],
    )
    return head.model_dump_json(exclude={"data"})[:-1].encode()
