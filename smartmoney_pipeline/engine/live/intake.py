"""Tables as they are pushed: the same row checks as of a file, ids for symbols and tickers. Bad rows go to the quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.engine.live.plain import PRINT_TEXTS, PlainReader
from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.engine.live.universe import REFERENCE_TABLES, Universe
from smartmoney_pipeline.engine.live.words import Words
from smartmoney_pipeline.engine.streams import venue_batch
from smartmoney_pipeline.tape.canonical import typed_chunk
from smartmoney_pipeline.tape.lake import passed_through
from smartmoney_pipeline.tape.layout import plain_array
from smartmoney_pipeline.tape.session import SessionDay
from smartmoney_pipeline.tape.source import Chunk
from smartmoney_pipeline.tape.validate import clean_chunk

Pushed: TypeAlias = "Mapping[str, pa.Table | pd.DataFrame]"
"""Tables of the canonical tape by name."""

ORIGIN = "<live>"
PRINTS = "option_prints"
STREAMS = (PRINTS, "option_quotes", "underlying_quotes", "venue_quotes")
RECEIVED = "ts_recv"
IGNORED = ("underlying_prints",)
"""Tables that are checked and counted; no stage reads them."""


class Intake:
    """Checks rows and counts them by table, so that a quarantined row has its number in the order of receipt."""

    def __init__(self, session: SessionDay, universe: Universe) -> None:
        self._session = session
        self._plain = PlainReader(session, universe)
        self.rows: dict[str, int] = {}
        self.quarantined: list[pa.Table] = []

    def plain(self, table: str, frame: pa.Table | pd.DataFrame) -> Rows | None:
        """Rows of a stream that is without a fault as far as can be seen at once; None where `clean` must judge it."""
        data = _arrow(frame)
        rows = self._plain.rows(table, data, self.rows.get(table, 0))
        if rows is not None:
            self._count(table, data)
        return rows

    def clean(self, table: str, frame: pa.Table | pd.DataFrame) -> pa.Table:
        """Good rows of one table. Raises `TapeError` for a table that is no part of the tape, or a column that cannot serve."""
        data = _without_spare_words(_arrow(frame))
        first = self._count(table, data)
        chunk = typed_chunk(table, Chunk(data, np.arange(first, first + len(data)), ORIGIN, False), ORIGIN)
        good = clean_chunk(table, chunk, self._session)
        if not chunk.faults.good.all():
            self.quarantined.append(chunk.faults.quarantined())
        return passed_through(good) if table in REFERENCE_TABLES else good

    def take_quarantined(self) -> list[pa.Table]:
        """Quarantined rows since the last call."""
        taken, self.quarantined = self.quarantined, []
        return taken

    def _count(self, table: str, data: pa.Table) -> int:
        """Number of the first row."""
        first = self.rows.get(table, 0)
        self.rows[table] = first + len(data)
        return first


def _arrow(frame: pa.Table | pd.DataFrame) -> pa.Table:
    return frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)


def _without_spare_words(data: pa.Table) -> pa.Table:
    """Text columns whose dictionary has more words than the table rows as plain text: the words are checked one by one."""
    for place, field in enumerate(data.schema):
        if pa.types.is_dictionary(field.type):
            column = data.column(place).combine_chunks()
            if len(column.dictionary) > len(column):
                data = data.set_column(place, field.name, column.dictionary_decode())
    return data


def used_words(column: pa.ChunkedArray) -> tuple[pa.DictionaryArray, set[str]]:
    """A dictionary column in one piece, and the words of it that occur."""
    values = column.combine_chunks()
    counts = np.bincount(values.indices.to_numpy(), minlength=len(values.dictionary))
    return values, set(values.dictionary.take(pa.array(np.flatnonzero(counts))).to_pylist())


def register(tables: Mapping[str, pa.Table], universe: Universe) -> bool:
    """Register every symbol and ticker of clean tables; whether any was new."""
    symbols: set[str] = set()
    tickers: set[str] = set()
    for name, table in tables.items():
        if name in STREAMS and len(table):
            column = "underlying" if name == "underlying_quotes" else "option_symbol"
            (tickers if column == "underlying" else symbols).update(used_words(table[column])[1])
    return universe.register(symbols, tickers)


def rows_of(name: str, table: pa.Table, universe: Universe) -> Rows:
    """Rows with ids of a clean table of a stream whose words are registered."""
    if name == "underlying_quotes":
        ids = Words(universe.underlying_ids).of(table["underlying"].combine_chunks())
        return Rows(_numbers(table) | {"underlying_id": ids.astype(np.int32)})
    ids = Words(universe.contract_ids).of(table["option_symbol"].combine_chunks()).astype(np.int32)
    if name == "venue_quotes":
        plain = table.set_column(table.column_names.index("exchange"), "exchange", table["exchange"].cast(pa.string()))
        return Rows(_numbers(table) | venue_batch(plain.append_column("contract_id", pa.array(ids))))
    texts = {column: table[column].cast(pa.string()).combine_chunks() for column in PRINT_TEXTS if column in table.column_names}
    return Rows(_numbers(table) | {"contract_id": ids}, texts if name == PRINTS else {})


def _numbers(table: pa.Table) -> dict[str, np.ndarray]:
    """Times, whole numbers and letters of a table."""
    kinds = {field.name: field.type for field in table.schema if field.name != RECEIVED}
    named = [name for name, kind in kinds.items() if pa.types.is_integer(kind) or pa.types.is_timestamp(kind)]
    return {name: plain_array(table[name].combine_chunks()) for name in named}
