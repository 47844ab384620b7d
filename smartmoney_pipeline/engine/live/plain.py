"""The short way in for tables without a fault: canonical types, known symbols, every value within its limits.

Anything else goes the long way, through the row checks of a file, which alone decide what is wrong. A table without a fault comes out
of both ways alike.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.engine.live.plain_kernel import plain_letters, plain_sizes, plain_ticks, within
from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.engine.live.universe import Universe
from smartmoney_pipeline.engine.live.words import Words
from smartmoney_pipeline.schemas.arrow import TIMESTAMP
from smartmoney_pipeline.schemas.units import NO_PRICE
from smartmoney_pipeline.tape.conditions import known_table
from smartmoney_pipeline.tape.lake import CARRIED_COLUMNS, QUOTE_VENUES
from smartmoney_pipeline.tape.session import SessionDay
from smartmoney_pipeline.tape.tables import CARRIED_PAIRS
from smartmoney_pipeline.tape.validate import ROW
from smartmoney_pipeline.tape.venues import venue_table

Named = dict[str, pa.Array]
PRINT_TEXTS = ("print_id", "cancels_print_id")


class _OddError(Exception):
    """A column that the short way cannot judge."""


class PlainReader:
    """Reads tables of the streams the short way; results are those of the long way."""

    def __init__(self, session: SessionDay, universe: Universe) -> None:
        self._session, self._universe = session, universe
        symbols, tickers = universe.contract_ids, universe.underlying_ids
        # One memory for each column: every table has its own dictionary.
        self._printed, self._quoted, self._stated, self._underlyings = Words(symbols), Words(symbols), Words(tickers), Words(tickers)

    def rows(self, name: str, data: pa.Table, first: int) -> Rows | None:
        """Rows with ids, or None where the table must go the long way; `first` is the number of the first row."""
        columns = {column: _whole_column(values) for column, values in zip(data.column_names, data.columns, strict=True)}
        try:
            if name == "option_quotes":
                return self._option_quotes(columns)
            if name == "underlying_quotes":
                return self._underlying_quotes(columns)
            return self._prints(columns, first) if name == "option_prints" else None
        except (_OddError, KeyError):
            return None

    def _option_quotes(self, data: Named) -> Rows:
        numbers = self._timed(data) | {name: _ticks(data[name], True, False) for name in ("bid", "ask")}
        numbers |= {name: _sizes(data[name], 0) for name in ("bid_size", "ask_size")}
        numbers |= {name: _letters(data[name], venue_table()) for name in QUOTE_VENUES if name in data}
        return Rows(numbers | {"contract_id": _known(self._quoted.of(data["option_symbol"]))})

    def _underlying_quotes(self, data: Named) -> Rows:
        # The stages read no sizes of these, but a bad one takes its row with it.
        _sizes(data["bid_size"], 0), _sizes(data["ask_size"], 0)
        numbers = self._timed(data) | {name: _ticks(data[name], True, False) for name in ("bid", "ask")}
        return Rows(numbers | {"underlying_id": _known(self._underlyings.of(data["underlying"]))})

    def _prints(self, data: Named, first: int) -> Rows:
        contract = _known(self._printed.of(data["option_symbol"]))
        if (self._universe.underlying_of(contract) != self._stated.of(data["underlying"])).any():
            raise _OddError
        numbers = self._timed(data)
        numbers |= {"contract_id": contract, "price": _ticks(data["price"], False, False), "size": _sizes(data["size"], 1)}
        numbers |= {"venue": _letters(data["exchange"], venue_table()), "condition": _letters(data["condition"], known_table())}
        numbers |= _carried(data)
        numbers[ROW] = np.arange(first, first + len(contract))
        texts = {name: data[name] for name in PRINT_TEXTS if name in data}
        if any(text.type != pa.string() for text in texts.values()) or _missing(data, ("print_id", "exchange", "condition")):
            raise _OddError
        if "ts_recv" in data and data["ts_recv"].type != TIMESTAMP:
            raise _OddError
        return Rows(numbers, texts)

    def _timed(self, data: Named) -> dict[str, np.ndarray]:
        ts, seq = data["ts"], data["seq"]
        if ts.type != TIMESTAMP or seq.type != pa.int64() or _missing(data, ("ts", "seq")):
            raise _OddError
        times = ts.view(pa.int64()).to_numpy()
        if not within(times, self._session.start_ns, self._session.end_ns):
            raise _OddError
        return {"ts": times, "seq": seq.to_numpy()}


def _whole_column(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _missing(data: Named, names: tuple[str, ...]) -> bool:
    return any(data[name].null_count for name in names)


def _known(ids: NDArray[np.int64]) -> NDArray[np.int32]:
    if len(ids) and ids.min() < 0:
        raise _OddError
    return ids.astype(np.int32)


def _ticks(column: pa.Array, zero_is_answer: bool, nullable: bool) -> NDArray[np.int32]:
    if column.type != pa.float64():
        raise _OddError
    ticks = np.empty(len(column), np.int32)
    if not plain_ticks(column.to_numpy(zero_copy_only=False), zero_is_answer, nullable, ticks):
        raise _OddError
    return ticks


def _sizes(column: pa.Array, least: int) -> NDArray[np.int32]:
    if column.type != pa.int64() or column.null_count:
        raise _OddError
    sizes = np.empty(len(column), np.int32)
    if not plain_sizes(column.to_numpy(), least, sizes):
        raise _OddError
    return sizes


def _nullable_sizes(column: pa.Array) -> NDArray[np.int32]:
    if not column.null_count:
        return _sizes(column, 0)
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    return np.where(valid, _sizes(pc.fill_null(column, 0), 0), np.int32(NO_PRICE))


def _letters(column: pa.Array, known: NDArray[np.bool_]) -> NDArray[np.uint8]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.null_count == len(column):
        return np.zeros(len(column), np.uint8)
    if column.type != pa.string() or column.null_count:
        raise _OddError
    letters = np.empty(len(column), np.uint8)
    _, offsets, text = column.buffers()
    ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    if text is None or not plain_letters(ends, np.frombuffer(text, np.uint8), known, letters):
        raise _OddError
    return letters


def _carried(data: Named) -> dict[str, np.ndarray]:
    """Quotes that prints carry; one without bid and ask is no quote."""
    carried: dict[str, np.ndarray] = {}
    for name in CARRIED_COLUMNS:
        if name in data:
            carried[name] = _nullable_sizes(data[name]) if name.endswith("_size") else _ticks(data[name], True, True)
    for bid, ask in CARRIED_PAIRS:
        if bid in carried and ask in carried:
            none = (carried[bid] <= 0) & (carried[ask] <= 0)
            for name in (bid, ask, f"{bid}_size", f"{ask}_size"):
                if name in carried:
                    carried[name] = np.where(none, np.int32(NO_PRICE), carried[name])
    return carried
