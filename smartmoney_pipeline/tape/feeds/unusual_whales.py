"""Reader of Unusual Whales option trades: captures of the stream, one Python literal a line, and the CSV of whole days.

The vendor's side, mood and day totals (`tags`, `volume`, `*_vol`) are not read: they are labels and look-ahead, not prints.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.conditions import UNKNOWN, opra_condition
from smartmoney_pipeline.tape.corrections import CANCEL_STATE
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk, Fields, filled, looked_up
from smartmoney_pipeline.tape.feeds.faults import damaged_rows
from smartmoney_pipeline.tape.feeds.files import Block, csv_blocks, csv_names, line_blocks, open_stream, plain_name
from smartmoney_pipeline.tape.feeds.json_rows import line_block
from smartmoney_pipeline.tape.vendors import Vendor
from smartmoney_pipeline.tape.venues import UNKNOWN_VENUE, opra_venue

_CAPTURE = {
    "id": "id",
    "underlying": "underlying_symbol",
    "time": "executed_at",
    "symbol": "option_symbol",
    "code": "trade_code",
    "created": "created_at",
}
_CSV = _CAPTURE | {"symbol": "option_chain_id", "code": "upstream_condition_detail"}
_SHARED = ("size", "price", "exchange", "nbbo_bid", "nbbo_ask", "underlying_price")
_LITERAL = re.compile(rb"'|\bNone\b|\bTrue\b|\bFalse\b")
_WORDS = {b"'": b'"', b"None": b"null", b"True": b"true", b"False": b"false"}
_IN_MS = re.compile(r"^[0-9]{12,14}$")


def read_unusual_whales(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one capture or CSV file. Raises `TapeError` for a file that is neither."""
    if plain_name(path).lower().endswith(".csv"):
        yield from _csv_file(path)
    else:
        yield from _capture(path)


def _capture(path: Path) -> Iterator[FeedChunk]:
    columns = (*_CAPTURE.values(), *_SHARED)
    start, found = 0, False
    with open_stream(path) as stream:
        for raw in line_blocks(stream):
            rows, payloads, others, damaged = _payloads(raw, start)
            start += raw.count(b"\n")
            block = line_block(path, b"\n".join(payloads), columns, 0) if payloads else None
            found = found or block is not None or bool(others)
            aside = damaged_rows("option_prints", damaged, path.name, QuarantineReason.UNREADABLE_VALUE) if damaged else None
            if block is not None:
                whole = Block(block.data, np.array(rows, np.int64), path.name, True)
                chunk = _prints(whole, _CAPTURE)
                yield FeedChunk(chunk.table, chunk.columns, chunk.faults, aside, others)
            elif aside is not None:
                raise TapeError(path, f"none of its lines can be read; the first: {damaged[0][1][:80]}")
    if not found:
        raise TapeError(path, "is no capture: no line has the form time|channel|payload")


def _payloads(raw: bytes, start: int) -> tuple[list[int], list[bytes], int, list[tuple[int, str]]]:
    """Line numbers and JSON texts of the prints among some lines, how many lines are something else, and damaged lines.

    Blank lines and comments count as nothing. The payload is a Python literal: its words are changed to those of JSON, and where it
    holds a quote mark or a backslash of its own it is read as a literal; nothing is ever evaluated.
    """
    rows, payloads, others, damaged = [], [], 0, []
    for number, line in enumerate(raw.split(b"\n"), start):
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        _, channel, payload = ([*text.split(b"|", 2), b"", b""])[:3]
        if not channel.startswith(b"option_trades") or b"'response'" in payload[:16]:
            others += 1
            continue
        found = _json_text(payload)
        if found is None:
            damaged.append((number, text.decode("utf-8", "replace")))
        else:
            rows.append(number)
            payloads.append(found)
    return rows, payloads, others, damaged


def _json_text(payload: bytes) -> bytes | None:
    if not (payload.startswith(b"{") and payload.endswith(b"}")):
        return None
    if b'"' not in payload and b"\\" not in payload:
        quick = _LITERAL.sub(lambda word: _WORDS[word[0]], payload)
        try:
            json.loads(quick)
        except ValueError:
            return None
        return quick
    try:
        value = ast.literal_eval(payload.decode("utf-8", "replace"))
        return json.dumps(value).encode() if isinstance(value, dict) else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _csv_file(path: Path) -> Iterator[FeedChunk]:
    there = set(csv_names(path))
    names = _CSV if "option_chain_id" in there else _CAPTURE
    wanted = dict.fromkeys((*names.values(), *_SHARED, "canceled"), pa.string())
    for block in csv_blocks(path, wanted, optional=("canceled", "created_at")):
        yield _prints(block, names)


def _prints(block: Block, names: dict[str, str]) -> FeedChunk:
    """Prints with the quote of the vendor, whose age nobody knows; one price stands for both sides of the underlying."""
    fields = Fields.of("option_prints", block, {"print_id": "id", "option_symbol": names["symbol"], "ts": names["time"]})
    spot = fields.number("underlying_price", nullable=True)
    columns = {
        "print_id": fields.text(names["id"]),
        "ts": _times(fields, names["time"]),
        "seq": pa.array(block.rows),
        "option_symbol": fields.text(names["symbol"]),
        "underlying": fields.text(names["underlying"]),
        "price": fields.number("price"),
        "size": fields.size("size"),
        "exchange": looked_up(fields.text("exchange"), _venue),
        "condition": looked_up(filled(fields.text(names["code"], nullable=True), UNKNOWN), _condition),
        "nbbo_bid": fields.number("nbbo_bid", nullable=True),
        "nbbo_ask": fields.number("nbbo_ask", nullable=True),
        "underlying_bid": spot,
        "underlying_ask": spot,
    }
    if fields.has("canceled"):
        flag = pc.utf8_lower(filled(fields.text("canceled", nullable=True), "f"))
        known = pc.is_in(flag, pa.array(["t", "f", "true", "false"])).to_numpy(zero_copy_only=False)
        fields.faults.at("canceled").add(~known, QuarantineReason.UNKNOWN_CODE, flag)
        state = pc.is_in(flag, pa.array(["t", "true"])).cast(pa.int64())
        if pc.any(pc.greater(state, 0)).as_py():
            columns[CANCEL_STATE] = state
    return fields.chunk(columns)


def _times(fields: Fields, column: str) -> pa.Array:
    """UTC times: Unix milliseconds in a capture, ISO 8601 with an offset in a CSV."""
    text = fields.text(column)
    first = next((word for word in text.slice(0, 50).to_pylist() if word), "")
    if not _IN_MS.match(first):
        return fields.time(column)
    return pc.multiply(fields.whole(column), 1_000_000).cast(pa.timestamp("ns", "UTC"))


def _venue(word: str) -> str:
    found = opra_venue(Vendor.UNUSUAL_WHALES, word)
    if found == UNKNOWN_VENUE and word == "XPHL":
        found = "X"
    return "" if found == UNKNOWN_VENUE else found


def _condition(word: str) -> str:
    return opra_condition(Vendor.UNUSUAL_WHALES, word.lower())
