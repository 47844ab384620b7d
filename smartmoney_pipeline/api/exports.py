"""`/v1/exports/{table}`: a whole published table as Parquet or Arrow, chunk by chunk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Annotated, Any, Literal, Self

import pyarrow as pa
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, model_validator
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from smartmoney_pipeline.api.context import client_of, context_of, session_headers
from smartmoney_pipeline.api.formats import MEDIA_TYPES, encoded, wanted_form
from smartmoney_pipeline.api.models import Quality
from smartmoney_pipeline.api.parameters import SessionQuery
from smartmoney_pipeline.api.problems import ProblemError, not_found, responses
from smartmoney_pipeline.api.sessions import quality_of
from smartmoney_pipeline.api.tables import PublishedRows

router = APIRouter(prefix="/v1", tags=["exports"])
ExportName = Literal[
    "smart_money_events",
    "parent_event_members",
    "event_legs",
    "event_evidence",
    "event_links",
    "quoted_prints",
    "flow_packets",
    "classifier_hits",
    "alerts",
    "packets",
    "events",
    "members",
    "quality",
]
"""Tables that may leave the server, and short names. Labels are no published table and are not among them."""

SHORT = {"events": "smart_money_events", "members": "parent_event_members"}
QUALITY = "quality"
"""Not published but counted: rows of `measure`, `of` (empty for a count of the whole) and `value`."""

READ_BYTES = 1 << 18
FORMS = {MEDIA_TYPES[form]: {"schema": {"type": "string", "format": "binary"}} for form in ("parquet", "arrow")}


class ExportQuery(SessionQuery):
    """Which session, in which form. `date` is another word for `session`."""

    day: date | None = Field(None, alias="date", description="the session, in another word")
    format: Literal["parquet", "arrow"] | None = None

    @model_validator(mode="after")
    def _one_day(self) -> Self:
        if self.day is not None and self.session is not None:
            raise ValueError("date and session are the same; give one")
        return self


@router.get("/exports/{table}", response_class=Response, responses={**responses(404, 406), 200: {"content": FORMS}})
async def export(request: Request, table: Annotated[ExportName, Path()], query: Annotated[ExportQuery, Query()]) -> Response:
    """Return a whole table of one session; the Parquet file is the published one, byte for byte, where there is one file."""
    context, client = context_of(request), client_of(request)
    form = wanted_form(request.headers.get("accept", ""), query.format, ("parquet", "arrow"))
    view = await context.timed(context.catalog.chosen, query.day or query.session, query.source)
    headers = session_headers(view) | {"content-disposition": f'attachment; filename="{table}-{view.session}-{view.source}.{form}"'}
    if table == QUALITY:
        counts = counted(await context.timed(quality_of, view))
        return Response(encoded(counts, form), headers=headers, media_type=MEDIA_TYPES[form])
    if not view.has(SHORT.get(table, table)):
        raise not_found("the session publishes no such table")
    rows = await context.timed(view.table, SHORT.get(table, table))
    held = context.held.hold(client, "bulk", context.settings.limits.bulk)
    if not held.__enter__():
        raise ProblemError(429, "another export of this client is under way", headers={"retry-after": "5"})
    parts = rows.file_bytes(READ_BYTES) if form == "parquet" else _arrow(rows)
    return _Held(held, parts, headers=headers, media_type=MEDIA_TYPES[form])


def counted(found: Quality) -> pa.Table:
    """Return the counts of a session as rows of measure, of and value; what is unknown is null."""
    rows: list[tuple[str, str, float | None]] = []
    for measure, value in found.model_dump(exclude={"session", "source", "snapshot"}).items():
        parts = value if isinstance(value, dict) else {"": value}
        rows += [(measure, of, None if count is None else float(count)) for of, count in parts.items()]
    columns = list(zip(*rows, strict=True))
    kinds = (("measure", pa.string()), ("of", pa.string()), ("value", pa.float64()))
    return pa.table({name: pa.array(column, kind) for (name, kind), column in zip(kinds, columns, strict=True)})


class _Held(StreamingResponse):
    """An answer that holds a place of its client until it is sent or given up."""

    def __init__(self, held: AbstractContextManager[bool], content: Iterator[bytes], **rest: Any) -> None:
        super().__init__(content, **rest)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._held.__exit__(None, None, None)


def _arrow(rows: PublishedRows) -> Iterator[bytes]:
    """The table as an Arrow stream, a row group at a time."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        for group in rows.groups():
            writer.write_table(group)
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
    yield sink.getvalue()
