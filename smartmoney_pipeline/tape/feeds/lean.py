"""Reader of QuantConnect LEAN minute bars. A bar is no print: it becomes one row at its end, so that no row knows its own future.

A quote bar becomes its closing quote, which stood in the last instant of its minute: just before the bar of the trades of that minute.
What a minute hides is not graded: the side of its trades, their number, venue, condition and order.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.tape.conditions import UNKNOWN
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk, Fields, filled
from smartmoney_pipeline.tape.feeds.files import Block, parse_block
from smartmoney_pipeline.tape.feeds.massive import spelled
from smartmoney_pipeline.tape.quarantine import RowFaults, damaged_rows
from smartmoney_pipeline.tape.session import NEW_YORK

_OPTION = re.compile(
    r"^(?P<day>\d{8})_(?P<name>[a-z0-9.]+)_minute_(?P<kind>trade|quote|openinterest)_(?:american|european)"
    r"_(?P<right>call|put)_(?P<strike>\d+)_(?P<expiry>\d{8})\.csv$"
)
_STOCK = re.compile(r"^(?P<day>\d{8})_(?P<name>[a-z0-9.]+)_(?:minute_)?(?P<kind>trade|quote)\.csv$")
_COLUMNS = {
    "trade": ("ms", "open", "high", "low", "close", "volume"),
    "quote": ("ms", "bid_open", "bid_high", "bid_low", "bid", "bid_size", "ask_open", "ask_high", "ask_low", "ask", "ask_size"),
    "openinterest": ("ms", "open_interest"),
}
_WHOLES = frozenset({"ms", "volume", "bid_size", "ask_size", "open_interest"})
_BAR_NS = 60 * 10**9
_LAST_INSTANT_NS = 1
"""A bar holds the quotes from its start to before its end; the last of them is the market that a bar of trades leaves."""

_PRICE_SCALE = 1e4
_GROUP_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of an archive: its kind, day, and the symbol or ticker that its rows belong to."""

    file: str
    kind: str
    day: date
    symbol: str
    is_option: bool


def read_lean(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one zip of minute bars. Raises `TapeError` for an archive that cannot be read or holds something else."""
    is_index = "index" in (part.lower() for part in path.parts)
    try:
        with zipfile.ZipFile(path) as archive:
            for entries, raw, counts in _groups(path, archive):
                yield _chunk(path, entries, raw, counts, 1.0 if is_index and not entries[0].is_option else _PRICE_SCALE)
    except (zipfile.BadZipFile, OSError, EOFError) as fault:
        raise TapeError(path, f"cannot be read as a zip: {fault}") from fault


def _groups(path: Path, archive: zipfile.ZipFile) -> Iterator[tuple[list[_Entry], bytes, list[int]]]:
    """Entries of one kind together, with their text and their numbers of lines, a few megabytes at a time."""
    entries: list[_Entry] = []
    texts: list[bytes] = []
    for name in archive.namelist():
        entry = _entry(path, name)
        text = archive.read(name)
        full = sum(map(len, texts)) > _GROUP_BYTES
        if entries and (full or (entry.kind, entry.is_option) != (entries[0].kind, entries[0].is_option)):
            yield entries, b"".join(texts), [piece.count(b"\n") for piece in texts]
            entries, texts = [], []
        entries.append(entry)
        texts.append(text if text.endswith(b"\n") or not text else text + b"\n")
    if entries:
        yield entries, b"".join(texts), [piece.count(b"\n") for piece in texts]


def _entry(path: Path, file: str) -> _Entry:
    found = _OPTION.match(file.lower())
    if found:
        symbol = f"{found['name'].upper()}{found['expiry'][2:]}{found['right'][0].upper()}{int(found['strike']) // 10:08d}"
        whole = int(found["strike"]) % 10 == 0
        return _Entry(file, found["kind"], _day(path, found["day"]), symbol if whole else f"{symbol}?", True)
    found = _STOCK.match(file.lower())
    if not found:
        raise TapeError(path, f"the entry {file} is no minute bars of an option, a stock or an index")
    return _Entry(file, found["kind"], _day(path, found["day"]), found["name"].upper(), False)


def _day(path: Path, text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=NEW_YORK).date()
    except ValueError as fault:
        raise TapeError(path, f"{text} in an entry's name is no date") from fault


def _chunk(path: Path, entries: list[_Entry], raw: bytes, counts: list[int], scale: float) -> FeedChunk:
    kind, is_option = entries[0].kind, entries[0].is_option
    names = _COLUMNS[kind]
    types = {name: pa.int64() if name in _WHOLES else pa.float64() for name in names}
    block = parse_block(raw, list(names), types, path.name, 0)
    owner = np.repeat(np.arange(len(entries)), counts)[block.rows]
    first = np.concatenate(([0], np.cumsum(counts)))
    files = pa.DictionaryArray.from_arrays(pa.array(owner.astype(np.int32)), pa.array([f"{path.name}/{entry.file}" for entry in entries]))
    symbol = pa.DictionaryArray.from_arrays(pa.array(owner.astype(np.int32)), pa.array([entry.symbol for entry in entries]))
    within = Block(block.data, block.rows - first[owner], path.name, block.is_text, block.damaged)
    table = _table(kind, is_option)
    fields = Fields(within, RowFaults(table, within.rows, files, {"price": "close", "size": "volume"}))
    columns = _bars(fields, kind, is_option, symbol, _midnights(entries)[owner], scale)
    damaged = damaged_rows(table, block.damaged, path.name)
    day = int(np.datetime64(entries[0].day, "D").astype(np.int32)) if kind == "openinterest" else None
    return FeedChunk(table, columns, fields.faults, damaged, 0, day)


def _table(kind: str, is_option: bool) -> str:
    if kind == "openinterest":
        return "open_interest"
    if kind == "quote":
        return "option_quotes" if is_option else "underlying_quotes"
    return "option_prints" if is_option else "underlying_prints"


def _midnights(entries: list[_Entry]) -> np.ndarray:
    days = {entry.day for entry in entries}
    ns = {day: int(datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()) * 10**9 for day in sorted(days)}
    return np.array([ns[entry.day] for entry in entries], np.int64)


def _bars(fields: Fields, kind: str, is_option: bool, symbol: pa.Array, midnight: np.ndarray, scale: float) -> dict[str, pa.Array]:
    if kind == "openinterest":
        return {"option_symbol": symbol, "open_interest": fields.whole("open_interest")}
    ms = fields.whole("ms")
    end = filled(ms, 0).to_numpy() * 1_000_000 + midnight + _BAR_NS - (_LAST_INSTANT_NS if kind == "quote" else 0)
    mask = ms.is_null().to_numpy(zero_copy_only=False)
    columns = {"ts": pa.array(end, mask=mask).cast(pa.timestamp("ns", "UTC")), "seq": pa.array(fields.block.rows)}
    columns |= {"option_symbol": symbol} if is_option else {"underlying": spelled(symbol)}
    if kind == "quote":
        return columns | _sides(fields, scale)
    price, size = pc.divide(fields.number("close"), scale), fields.size("volume")
    columns |= {"price": price, "size": size, "exchange": _words("", len(mask))}
    if is_option:
        clock = pc.binary_join_element_wise("le", symbol.cast(pa.string()), filled(ms, -1).cast(pa.string()), "-")
        columns |= {"print_id": clock, "condition": _words(UNKNOWN, len(mask))}
    return columns


def _words(word: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([word]))


def _sides(fields: Fields, scale: float) -> dict[str, pa.Array]:
    """The quote at the end of the bar; a blank side is no quote."""
    prices = {side: pc.divide(filled(fields.number(side, nullable=True), 0.0), scale) for side in ("bid", "ask")}
    return prices | {side: filled(fields.whole(side, nullable=True), 0) for side in ("bid_size", "ask_size")}
