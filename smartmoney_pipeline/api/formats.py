"""Forms in which a table is answered: JSON lines, CSV, Arrow stream, Parquet; and which of them a request wants."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from smartmoney_pipeline.api.problems import ProblemError
from smartmoney_pipeline.api.wire import json_lines, json_values

MEDIA_TYPES = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
FORMULA = "=+-@\t\r"
"""A cell that begins so would be run by a spreadsheet; text cells get an apostrophe before it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of an Accept header."""

    media: str
    quality: float


def wanted_form(accept: str, stated: str | None, offered: tuple[str, ...] = tuple(MEDIA_TYPES)) -> str:
    """Return the form that a request wants; `stated` wins over the header. Raises `ProblemError` 406 where none is offered."""
    if stated is not None:
        if stated not in offered:
            raise ProblemError(406, f"offered are {', '.join(MEDIA_TYPES[form] for form in offered)}")
        return stated
    choices = [_choice(part) for part in accept.split(",")[:20] if part.strip()] or [Choice("*/*", 1.0)]
    for choice in sorted(choices, key=lambda one: -one.quality):
        for form in offered:
            if choice.quality > 0 and _fits(choice.media, MEDIA_TYPES[form]):
                return form
    raise ProblemError(406, f"offered are {', '.join(MEDIA_TYPES[form] for form in offered)}")


def encoded(table: pa.Table, form: str) -> bytes:
    """Return the rows in a form other than JSON."""
    if form == "ndjson":
        return json_lines(table)
    if form == "csv":
        return _csv(table)
    sink = io.BytesIO()
    if form == "arrow":
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _choice(part: str) -> Choice:
    media, _, rest = part.partition(";")
    found = re.search(r"\bq=([01](?:\.[0-9]{1,3})?)\b", rest)
    return Choice(media.strip().lower(), float(found[1]) if found else 1.0)


def _fits(asked: str, media: str) -> bool:
    return asked in {"*/*", media, media.partition("/")[0] + "/*"}


def _csv(table: pa.Table) -> bytes:
    """Structs as columns with a dot, lists of text joined by a bar, other lists as JSON."""
    flat = table
    while any(pa.types.is_struct(field.type) for field in flat.schema):
        flat = flat.flatten()
    columns = {field.name: _cell(_one(flat[field.name])) for field in flat.schema}
    sink = io.BytesIO()
    pacsv.write_csv(pa.table(columns), sink)
    return sink.getvalue()


def _cell(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_list(kind):
        column = pc.binary_join(column, "|") if pa.types.is_string(kind.value_type) else json_values(column)
    elif pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    elif pa.types.is_timestamp(kind):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    return _inert(column) if pa.types.is_string(column.type) else column


def _inert(texts: pa.StringArray) -> pa.StringArray:
    risky = pc.match_substring_regex(texts, f"^[{re.escape(FORMULA)}]")
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
