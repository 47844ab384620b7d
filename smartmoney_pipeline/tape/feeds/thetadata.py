"""Reader of ThetaData v3 CSV answers: trades, trades with their quote, quotes of options and of stocks. New York milliseconds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.tape.conditions import UNKNOWN, opra_condition
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk, Fields, filled, joined_symbols, looked_up, row_words, thousandths
from smartmoney_pipeline.tape.feeds.clocks import eastern_times
from smartmoney_pipeline.tape.feeds.files import Block, csv_blocks, csv_names
from smartmoney_pipeline.tape.feeds.identity import ContentIds
from smartmoney_pipeline.tape.feeds.massive import spelled, venue_column
from smartmoney_pipeline.tape.rules import coded
from smartmoney_pipeline.tape.vendors import Vendor

_TEXT, _NUMBER = pa.string(), pa.float64()
_CONTRACT = dict.fromkeys(("symbol", "expiration", "right"), _TEXT) | {"strike": _NUMBER}
_EXTENDED = tuple(f"ext_condition{number}" for number in range(1, 5))
_TRADE = dict.fromkeys(("condition", "exchange", *_EXTENDED), _TEXT) | {"sequence": pa.int64(), "size": _NUMBER, "price": _NUMBER}
_SIDES = {"bid_size": _NUMBER, "bid": _NUMBER, "ask_size": _NUMBER, "ask": _NUMBER}
_SIDE_VENUES = {"bid_exchange": _TEXT, "ask_exchange": _TEXT}

_OUT_OF_HOURS = "118"
"""Below the vendor's new numbers and no condition of its options list: seen for trades outside regular hours."""

_NAMES = {"option_symbol": "symbol, expiration, strike, right", "underlying": "symbol"}


def read_thetadata(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one file, told apart by its columns. Raises `TapeError` for a file that is none of them."""
    names = set(csv_names(path))
    if "price" in names and "expiration" in names:
        yield from _trades(path, names)
    elif {"bid", "ask"} <= names:
        yield from _quotes(path, is_option="expiration" in names)
    else:
        raise TapeError(path, f"is no answer with trades or quotes; its columns are {', '.join(sorted(names))}")


def _trades(path: Path, names: set[str]) -> Iterator[FeedChunk]:
    """Trades. Aggressor marks among the extended conditions rest on one report and are not read; 255 there is empty."""
    clock = "trade_timestamp" if "trade_timestamp" in names else "timestamp"
    quoted = {"bid", "ask"} <= names
    wanted = {clock: _TEXT} | _CONTRACT | _TRADE | (_SIDES if quoted else {})
    ids = ContentIds("th-")
    for block in csv_blocks(path, wanted, optional=_EXTENDED):
        fields = Fields.of("option_prints", block, _NAMES | {"ts": clock})
        symbol, time = option_symbols(fields), eastern_times(fields.text(clock), fields.faults, clock)
        price, size, sequence = fields.number("price"), fields.size("size"), fields.whole("sequence")
        venue, condition = fields.text("exchange"), fields.text("condition", nullable=True)
        columns = {
            "print_id": ids.of([symbol, time, sequence, price, size, venue, condition]),
            "ts": time,
            "seq": sequence,
            "option_symbol": symbol,
            "price": price,
            "size": size,
            "exchange": venue_column(fields, "exchange", venue, Vendor.THETADATA),
            "condition": _conditions(fields, condition),
        }
        if quoted:
            columns |= {f"nbbo_{name}": values for name, values in _sides(fields).items()}
        yield fields.chunk(columns)


def option_symbols(fields: Fields) -> pa.Array:
    """Compact symbols of the four contract columns, as a dictionary."""
    strike = thousandths(fields.number("strike"))
    joined = joined_symbols(fields.text("symbol"), fields.text("expiration"), fields.text("right"), strike)
    return filled(joined, "").dictionary_encode()


def _conditions(fields: Fields, ids: pa.Array) -> pa.Array:
    """OPRA letters; an empty id says nothing, and a trade marked as out of hours is one whatever its main condition says."""
    letters = looked_up(ids, _letter)
    marked = np.zeros(len(letters), dtype=bool)
    for name in _EXTENDED:
        if fields.has(name):
            extra = fields.text(name, nullable=True)
            marked |= row_words(extra, lambda words: pc.equal(words, _OUT_OF_HOURS).to_numpy(zero_copy_only=False))
    if not marked.any():
        return letters
    codes, words = coded(letters)
    longer = pa.concat_arrays([words, pa.array([_letter(_OUT_OF_HOURS)])])
    return pa.DictionaryArray.from_arrays(pa.array(np.where(marked, len(words), codes).astype(np.int32)), longer)


def _letter(word: str) -> str:
    if word == _OUT_OF_HOURS:
        return opra_condition(Vendor.OPRA, "v")
    return opra_condition(Vendor.THETADATA, word) if word else UNKNOWN


def _quotes(path: Path, *, is_option: bool) -> Iterator[FeedChunk]:
    own = _CONTRACT if is_option else {"symbol": _TEXT}
    wanted = {"timestamp": _TEXT} | own | _SIDES | (_SIDE_VENUES if is_option else {})
    for block in csv_blocks(path, wanted, optional=tuple(_SIDE_VENUES)):
        fields = Fields.of("option_quotes" if is_option else "underlying_quotes", block, _NAMES | {"ts": "timestamp"})
        columns = {"ts": eastern_times(fields.text("timestamp"), fields.faults, "timestamp"), "seq": _row_numbers(block)}
        columns |= {"option_symbol": option_symbols(fields)} if is_option else {"underlying": spelled(fields.text("symbol"))}
        columns |= _sides(fields)
        for side in _SIDE_VENUES:
            if is_option and fields.has(side):
                columns[side] = venue_column(fields, side, fields.text(side, nullable=True), Vendor.THETADATA)
        yield fields.chunk(columns)


def _row_numbers(block: Block) -> pa.Array:
    """The order of the file: quotes have no sequence number."""
    return pa.array(block.rows)


def _sides(fields: Fields) -> dict[str, pa.Array]:
    prices = {side: filled(fields.number(side, nullable=True), 0.0) for side in ("bid", "ask")}
    return prices | {side: filled(fields.whole(side, nullable=True), 0) for side in ("bid_size", "ask_size")}
