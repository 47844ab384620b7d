"""Tables as they are pushed: the same row checks as of a file, ids for symbols and tickers. Bad rows go to the quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.engine.live.universe import REFERENCE_TABLES, Universe
from smartmoney_pipeline.tape.canonical import typed_chunk
from smartmoney_pipeline.tape.lake import passed_through
from smartmoney_pipeline.tape.session import SessionDay
from smartmoney_pipeline.tape.source import Chunk
from smartmoney_pipeline.tape.validate import clean_chunk

Pushed: TypeAlias = "Mapping[str, pa.Table | pd.DataFrame]"
"""Tables of the canonical tape by name."""

ORIGIN = "<live>"
PRINTS = "option_prints"
STREAMS = (PRINTS, "option_quotes", "underlying_quotes", "venue_quotes")
IGNORED = ("underlying_prints",)
"""Tables that are checked and counted; no stage reads them."""


class Intake:
    """Checks rows and counts them by table, so that a quarantined row has its number in the order of receipt."""

    def __init__(self, session: SessionDay) -> None:
        self._session = session
        self.rows: dict[str, int] = {}
        self.quarantined: list[pa.Table] = []

    def clean(self, table: str, frame: pa.Table | pd.DataFrame) -> pa.Table:
        """Good rows of one table. Raises `TapeError` for a table that is no part of the tape, or a column that cannot serve."""
        data = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
        data = _without_spare_words(data)
        first = self.rows.get(table, 0)
        chunk = typed_chunk(table, Chunk(data, np.arange(first, first + len(data)), ORIGIN, False), ORIGIN)
        good = clean_chunk(table, chunk, self._session)
        self.rows[table] = first + len(data)
        if not chunk.faults.good.all():
            self.quarantined.append(chunk.faults.quarantined())
        return passed_through(good) if table in REFERENCE_TABLES else good

    def take_quarantined(self) -> list[pa.Table]:
        """Quarantined rows since the last call."""
        taken, self.quarantined = self.quarantined, []
        return taken


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


def with_ids(name: str, table: pa.Table, universe: Universe) -> pa.Table:
    """A clean table with the ids of its rows in place of the words; prints keep the symbol, which orders ties."""
    if name == "underlying_quotes":
        ids = universe.underlying_ids(used_words(table["underlying"])[0])
        return table.drop_columns(["underlying"]).append_column("underlying_id", pa.array(ids))
    values = used_words(table["option_symbol"])[0]
    ids = pa.array(universe.contract_ids(values))
    place = table.column_names.index("option_symbol")
    if name == PRINTS:
        table = table.set_column(place, "option_symbol", values.dictionary_decode())
    else:
        table = table.remove_column(place)
        coded = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
        for column in coded:
            table = table.set_column(table.column_names.index(column), column, table[column].cast(pa.string()))
    return table.append_column("contract_id", ids)
