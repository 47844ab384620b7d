"""Reader of Massive (formerly Polygon) flat files: option trades and quotes, stock quotes, index values. UTC nanoseconds."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.condition_eras import NEW_CODES
from smartmoney_pipeline.tape.conditions import BLANK, UNKNOWN, opra_condition
from smartmoney_pipeline.tape.corrections import CANCEL_STATE
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk, Fields, add_odd_words, filled, looked_up, row_words
from smartmoney_pipeline.tape.feeds.clocks import eastern_days
from smartmoney_pipeline.tape.feeds.contract_reference import read_massive_contracts
from smartmoney_pipeline.tape.feeds.files import csv_blocks, csv_names, plain_name
from smartmoney_pipeline.tape.feeds.identity import ContentIds
from smartmoney_pipeline.tape.feeds.plain_csv import CODE_TYPE, WORD_TYPE
from smartmoney_pipeline.tape.rules import coded
from smartmoney_pipeline.tape.symbols import tickers
from smartmoney_pipeline.tape.vendors import Vendor
from smartmoney_pipeline.tape.venues import UNKNOWN_VENUE, opra_venue

TRADES = {
    "ticker": WORD_TYPE,
    "conditions": CODE_TYPE,
    "correction": CODE_TYPE,
    "exchange": CODE_TYPE,
    "price": pa.float64(),
    "sip_timestamp": pa.int64(),
    "size": pa.float64(),
}
QUOTES = {
    "ticker": WORD_TYPE,
    "ask_exchange": CODE_TYPE,
    "ask_price": pa.float64(),
    "ask_size": pa.int64(),
    "bid_exchange": CODE_TYPE,
    "bid_price": pa.float64(),
    "bid_size": pa.int64(),
    "sequence_number": pa.int64(),
    "sip_timestamp": pa.int64(),
}
STOCK_QUOTES = {"Ticker": WORD_TYPE} | {
    name: kind for name, kind in QUOTES.items() if name not in {"ticker", "ask_exchange", "bid_exchange"}
}
VALUES = {"ticker": WORD_TYPE, "value": pa.float64(), "timestamp": pa.int64()}

_STATES = {"": 0, "0": 0, "00": 0, "12": 0, "1": 1, "01": 1, "7": 1, "07": 1, "8": 1, "08": 1, "10": 2, "11": 2}
"""Correction indicators as US equity feeds use them: 1, 7, 8 mark an original that was corrected, in error or cancelled later;
10 and 11 are the cancel and error records, 12 is the corrected print."""

_BAD_STATE = -1
_DAY_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d-\d\d-\d\d)(?!\d)")


def read_massive(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one flat file, told apart by its columns, or of contract definitions in JSON.

    Raises `TapeError` for a file that is none of them.
    """
    if plain_name(path).lower().endswith(".json"):
        yield from read_massive_contracts(path)
        return
    names = csv_names(path)
    day = _day_of(path)
    if {"ask_price", "bid_price"} <= set(names):
        yield from _stock_quotes(path, day) if "Ticker" in names or "tape" in names else _quotes(path, day)
    elif "value" in names:
        yield from _values(path, day)
    elif "price" in names:
        yield from _trades(path, day)
    else:
        raise TapeError(path, f"is no trades, quotes or values flat file; its columns are {', '.join(names)}")


def _day_of(path: Path) -> int | None:
    """The date in the file's name: flat files hold one day each."""
    found = _DAY_IN_NAME.search(plain_name(path))
    if not found:
        return None
    try:
        return int(np.datetime64(date.fromisoformat(found[1]), "D").astype(np.int32))
    except ValueError:
        return None


def _trades(path: Path, day: int | None) -> Iterator[FeedChunk]:
    names = {"option_symbol": "ticker", "ts": "sip_timestamp", "condition": "conditions"}
    ids = ContentIds("ms-")
    for block in csv_blocks(path, TRADES, optional={"correction"}):
        fields = Fields.of("option_prints", block, names)
        ticker, times = fields.text("ticker"), fields.nanoseconds("sip_timestamp")
        price, size, venue = fields.number("price"), fields.size("size"), fields.text("exchange")
        conditions = fields.text("conditions", nullable=True)
        correction = fields.text("correction", nullable=True) if fields.has("correction") else None
        own = [ticker, times, price, size, venue, conditions]
        columns = {
            "print_id": ids.of(own if correction is None else [*own, correction]),
            "ts": times,
            "seq": pa.array(block.rows),
            "option_symbol": ticker,
            "price": price,
            "size": size,
            "exchange": venue_column(fields, "exchange", venue),
            "condition": _conditions(conditions, times),
        }
        if correction is not None:
            columns |= _cancel_states(fields, correction)
        yield fields.chunk(columns, day)


def venue_column(fields: Fields, column: str, ids: pa.Array, vendor: Vendor = Vendor.MASSIVE) -> pa.Array:
    """OPRA letters of the vendor's venue ids; an id without a row is empty (venue unknown), one that is no number a fault."""

    def letter(word: str) -> str:
        found = opra_venue(vendor, word)
        return "" if found == UNKNOWN_VENUE else found

    add_odd_words(fields.faults.at(column), ids, _no_numbers, QuarantineReason.UNKNOWN_VENUE)
    return looked_up(ids, letter)


def _no_numbers(words: pa.Array) -> np.ndarray:
    return pc.invert(pc.match_substring_regex(words, r"^ *[0-9]* *$")).to_numpy(zero_copy_only=False)


def _conditions(ids: pa.Array, times: pa.Array) -> pa.Array:
    """OPRA letters; before 2019-11-04 the vendor leaves the field empty whatever OPRA sent, so empty says nothing there."""
    letters = looked_up(ids, lambda word: opra_condition(Vendor.MASSIVE, word) if word else BLANK)
    old = eastern_days(times) < NEW_CODES
    if not old.any():
        return letters
    codes, words = coded(letters)
    unknown = len(words)
    empty = pc.equal(words, BLANK).to_numpy(zero_copy_only=False)[codes] & old
    indices = pa.array(np.where(empty, unknown, codes).astype(np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.concat_arrays([words, pa.array([UNKNOWN])]))


def _cancel_states(fields: Fields, correction: pa.Array) -> dict[str, pa.Array]:
    states = row_words(correction, lambda words: np.array([_STATES.get(word.strip(), _BAD_STATE) for word in words.to_pylist()], np.int64))
    fields.faults.at("correction").add(states == _BAD_STATE, QuarantineReason.UNKNOWN_CODE, correction)
    return {CANCEL_STATE: pa.array(states)} if (states > 0).any() else {}


def _quotes(path: Path, day: int | None) -> Iterator[FeedChunk]:
    names = {"option_symbol": "ticker", "ts": "sip_timestamp", "bid": "bid_price", "ask": "ask_price", "seq": "sequence_number"}
    for block in csv_blocks(path, QUOTES):
        fields = Fields.of("option_quotes", block, names)
        columns = _sides(fields) | {"option_symbol": fields.text("ticker")}
        for side in ("bid_exchange", "ask_exchange"):
            columns[side] = venue_column(fields, side, fields.text(side, nullable=True))
        yield fields.chunk(columns, day)


def _sides(fields: Fields) -> dict[str, pa.Array]:
    """Times, sequence and both sides of a quote; an empty price or size is no quote on that side."""
    return {
        "ts": fields.nanoseconds("sip_timestamp"),
        "seq": fields.whole("sequence_number"),
        "bid": filled(fields.number("bid_price", nullable=True), 0.0),
        "ask": filled(fields.number("ask_price", nullable=True), 0.0),
        "bid_size": filled(fields.whole("bid_size", nullable=True), 0),
        "ask_size": filled(fields.whole("ask_size", nullable=True), 0),
    }


def _stock_quotes(path: Path, day: int | None) -> Iterator[FeedChunk]:
    ticker = "Ticker" if "Ticker" in csv_names(path) else "ticker"
    wanted = {ticker: WORD_TYPE} | {name: kind for name, kind in STOCK_QUOTES.items() if name != "Ticker"}
    for block in csv_blocks(path, wanted):
        fields = Fields.of(
            "underlying_quotes", block, {"underlying": ticker, "ts": "sip_timestamp", "bid": "bid_price", "ask": "ask_price"}
        )
        yield fields.chunk(_sides(fields) | {"underlying": spelled(fields.text(ticker))}, day)


def spelled(words: pa.Array) -> pa.Array:
    """Tickers in the one spelling of the tape, as a dictionary; `I:SPX` is SPX."""
    codes, distinct = coded(words)
    entries = pc.fill_null(tickers(pc.replace_substring_regex(distinct, "^I:", "")), "").dictionary_encode()
    return pa.DictionaryArray.from_arrays(pa.array(entries.indices.to_numpy()[codes], pa.int32()), entries.dictionary)


def _values(path: Path, day: int | None) -> Iterator[FeedChunk]:
    """Index values: the value is bid and ask."""
    for block in csv_blocks(path, VALUES):
        fields = Fields.of("underlying_quotes", block, {"underlying": "ticker", "ts": "timestamp", "bid": "value", "ask": "value"})
        value, none = fields.number("value"), pa.array(np.zeros(len(block.rows), np.int64))
        columns = {
            "ts": fields.nanoseconds("timestamp"),
            "seq": pa.array(block.rows),
            "underlying": spelled(fields.text("ticker")),
            "bid": value,
            "ask": value,
            "bid_size": none,
            "ask_size": none,
        }
        yield fields.chunk(columns, day)
