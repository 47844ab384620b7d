"""Reader of Unusual Whales option trades: captures of the stream, one Python literal a line, and the CSV of whole days.

The vendor's side, mood and day totals (`tags`, `volume`, `*_vol`) are not read: they are labels and look-ahead, not prints.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.conditions import UNKNOWN, opra_condition
from smartmoney_pipeline.tape.corrections import CANCEL_STATE
from smartmoney_pipeline.tape.errors import NothingForTapeError, TapeError
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk, Fields, filled, looked_up
from smartmoney_pipeline.tape.feeds.files import Block, csv_blocks, csv_names, line_blocks, open_stream, plain_name
from smartmoney_pipeline.tape.feeds.literal_lines import capture_lines, readable, text_block
from smartmoney_pipeline.tape.quarantine import RowFaults, damaged_rows
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
_IN_MS = re.compile(r"^[0-9]{12,14}$")


def read_unusual_whales(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one capture or CSV file. Raises `TapeError` for a file that is neither."""
    if plain_name(path).lower().endswith(".csv"):
        yield from _csv_file(path)
    else:
        yield from _capture(path)


def _capture(path: Path) -> Iterator[FeedChunk]:
    columns = (*_CAPTURE.values(), *_SHARED)
    start, found, others, chunk = 0, False, 0, None
    with open_stream(path) as stream:
        for raw in line_blocks(stream):
            lines = capture_lines(raw, start)
            start += raw.count(b"\n")
            good = readable(path, lines.payloads, columns)
            damaged = lines.damaged(~good)
            found, others = found or bool(good.any()), others + lines.others
            aside = damaged_rows("option_prints", damaged, path.name, QuarantineReason.UNREADABLE_VALUE)
            if good.any():
                block = text_block(path, lines.payloads.filter(pa.array(good)), columns)
                chunk = _prints(Block(block.data, lines.rows[good], path.name, True), _CAPTURE)
                yield FeedChunk(chunk.table, chunk.columns, chunk.faults, aside, lines.others)
            elif found and chunk is not None:
                none = RowFaults(chunk.table, chunk.faults.rows[:0], path.name)
                yield FeedChunk(chunk.table, {name: cells.slice(0, 0) for name, cells in chunk.columns.items()}, none, aside, lines.others)
            elif damaged:
                raise TapeError(path, f"none of its lines can be read; the first: {damaged[0][1][:80]}")
    if not found and others:
        raise NothingForTapeError(path, f"holds no option trades: its {others} lines are of other channels or status replies")
    if not found:
        raise TapeError(path, "is no capture: no line has the form time|channel|payload")


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
