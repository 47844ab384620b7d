"""Reader of Alpaca option trades and quotes: pages of the REST answers, or one message of the stream a line. UTC, RFC 3339."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.tape.conditions import UNKNOWN, opra_condition
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk, Fields, filled, looked_up
from smartmoney_pipeline.tape.feeds.contract_reference import read_alpaca_contracts
from smartmoney_pipeline.tape.feeds.files import Block
from smartmoney_pipeline.tape.feeds.identity import ContentIds
from smartmoney_pipeline.tape.feeds.json_rows import keyed_block, read_json
from smartmoney_pipeline.tape.feeds.massive import spelled
from smartmoney_pipeline.tape.vendors import Vendor
from smartmoney_pipeline.tape.venues import UNKNOWN_VENUE, opra_venue

_TRADE = ("t", "p", "s", "x", "c")
_QUOTE = ("t", "bp", "bs", "bx", "ap", "as", "ax")
_OPTION_LENGTH = 16
"""An option symbol is at least a letter and the 15 characters of its contract; no stock's ticker is so long."""

_STREAM_KINDS = {"t": "trades", "q": "quotes"}


def read_alpaca(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one file of trades or quotes. Raises `TapeError` for a file that is no such answer."""
    found = False
    ids = ContentIds("al-")
    document = read_json(path)
    if any(isinstance(page, dict) and isinstance(page.get("option_contracts"), list) for page in _pages(document)):
        yield from read_alpaca_contracts(path, document)
        return
    for kind, groups in _groups(path, _pages(document)):
        options = {name: rows for name, rows in groups.items() if len(name) >= _OPTION_LENGTH}
        stocks = {name: rows for name, rows in groups.items() if name not in options}
        if kind == "trades" and options:
            yield _trades(keyed_block(path, options, _TRADE, "symbol"), ids)
        elif kind == "quotes" and options:
            yield _quotes("option_quotes", keyed_block(path, options, _QUOTE, "symbol"))
        if stocks and kind == "quotes":
            yield _quotes("underlying_quotes", keyed_block(path, stocks, _QUOTE, "symbol"))
        elif stocks:
            raise TapeError(path, f"holds trades of {next(iter(stocks))}, which is no option")
        found = True
    if not found:
        raise TapeError(path, "holds neither `trades` nor `quotes` by symbol, nor messages of the stream")


def _pages(document: Any) -> list[Any]:
    return document if isinstance(document, list) else [document]


def _groups(path: Path, pages: list[Any]) -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    """(trades or quotes, rows by symbol) of a page, of a list of pages, or of a list of stream messages."""
    if not all(isinstance(page, dict) for page in pages):
        raise TapeError(path, "expected objects with `trades` or `quotes`")
    if pages and all("T" in page for page in pages):
        yield from _messages(pages)
        return
    for page in pages:
        for kind in ("trades", "quotes"):
            if isinstance(page.get(kind), dict):
                yield kind, {name: rows if isinstance(rows, list) else [rows] for name, rows in page[kind].items()}


def _messages(messages: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
    for code, kind in _STREAM_KINDS.items():
        groups: dict[str, list[dict[str, Any]]] = {}
        for message in messages:
            if message["T"] == code:
                groups.setdefault(str(message.get("S")), []).append(message)
        if groups:
            yield kind, groups


def _trades(block: Block, ids: ContentIds) -> FeedChunk:
    fields = Fields.of("option_prints", block, {"option_symbol": "symbol", "ts": "t", "price": "p", "size": "s", "exchange": "x"})
    symbol, time, price = fields.text("symbol").dictionary_encode(), fields.time("t"), fields.number("p")
    size, venue, condition = fields.size("s"), fields.text("x"), fields.text("c", nullable=True)
    columns = {
        "print_id": ids.of([symbol, time, price, size, venue, condition]),
        "ts": time,
        "seq": pa.array(block.rows),
        "option_symbol": symbol,
        "price": price,
        "size": size,
        "exchange": _venues(venue),
        "condition": looked_up(filled(condition, UNKNOWN), lambda word: opra_condition(Vendor.ALPACA, word) if word else " "),
    }
    return fields.chunk(columns)


def _venues(letters: pa.Array) -> pa.Array:
    def letter(word: str) -> str:
        found = opra_venue(Vendor.ALPACA, word)
        return "" if found == UNKNOWN_VENUE else found

    return looked_up(letters, letter)


def _quotes(table: str, block: Block) -> FeedChunk:
    names = {"option_symbol": "symbol", "underlying": "symbol", "ts": "t", "bid": "bp", "ask": "ap", "bid_size": "bs", "ask_size": "as"}
    fields = Fields.of(table, block, names)
    symbol = fields.text("symbol").dictionary_encode()
    columns = {
        "ts": fields.time("t"),
        "seq": pa.array(np.asarray(block.rows)),
        "bid": filled(fields.number("bp", nullable=True), 0.0),
        "ask": filled(fields.number("ap", nullable=True), 0.0),
        "bid_size": filled(fields.whole("bs", nullable=True), 0),
        "ask_size": filled(fields.whole("as", nullable=True), 0),
    }
    if table == "underlying_quotes":
        return fields.chunk(columns | {"underlying": spelled(symbol)})
    venues = {f"{side}_exchange": _venues(fields.text(f"{side[0]}x", nullable=True)) for side in ("bid", "ask")}
    return fields.chunk(columns | {"option_symbol": symbol} | venues)
