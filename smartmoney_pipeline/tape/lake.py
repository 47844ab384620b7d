"""Turns clean tables of one day into the lake layout: sorted, integer ticks, dense ids, the encodings that decode fastest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.tape.contracts import CONTRACTS_SCHEMA, UNDERLYINGS_SCHEMA, Settle, build_contracts, build_underlyings
from smartmoney_pipeline.tape.ordering import tape_order, text_rank

PRINT_COLUMNS = ("ts", "seq", "contract_id", "price", "size", "venue", "condition")
CARRIED_COLUMNS = (
    "nbbo_bid",
    "nbbo_ask",
    "nbbo_bid_size",
    "nbbo_ask_size",
    "underlying_bid",
    "underlying_ask",
    "venue_bid",
    "venue_ask",
    "venue_bid_size",
    "venue_ask_size",
)
QUOTE_COLUMNS = ("ts", "contract_id", "bid", "ask", "bid_size", "ask_size")
QUOTE_VENUES = ("bid_exchange", "ask_exchange")
UNDERLYING_QUOTE_COLUMNS = ("ts", "underlying_id", "bid", "ask")
PASSED_THROUGH = ("event_calendar", "history", "open_interest", "rates", "underlying_prints", "venue_quotes")
"""Tables that keep their canonical form; `venue_quotes` gains `contract_id`."""

_WITH_SYMBOLS = ("option_prints", "removed_prints", "option_quotes", "venue_quotes")
_WITH_TICKERS = ("underlying_quotes", "underlying_prints")


@dataclass(frozen=True, slots=True)
class _Ids:
    """Contracts and underlyings of the day, and the columns of ids that follow from them."""

    contracts: pd.DataFrame
    underlyings: pd.DataFrame

    def contract_ids(self, symbols: pa.ChunkedArray) -> pa.Array:
        """Dense contract ids (int32[n]) of a symbol dictionary column."""
        return _ids_of(symbols, pa.array(self.contracts["option_symbol"], pa.string()))

    def underlying_ids(self, names: pa.ChunkedArray) -> pa.Array:
        """Dense underlying ids (int32[n]) of a ticker dictionary column."""
        return _ids_of(names, pa.array(self.underlyings["underlying"], pa.string()))


def _ids_of(values: pa.ChunkedArray, sorted_words: pa.Array) -> pa.Array:
    column = values.combine_chunks()
    ids = pc.fill_null(pc.index_in(column.dictionary, value_set=sorted_words), -1).cast(pa.int32())
    return pa.array(ids.to_numpy()[column.indices.to_numpy()])


def _used_words(tables: Mapping[str, pa.Table], names: Iterable[str], column: str) -> list[pa.Array]:
    used = []
    for name in names:
        if name in tables:
            values = tables[name][column].combine_chunks()
            counts = np.bincount(values.indices.to_numpy(), minlength=len(values.dictionary))
            used.append(values.dictionary.take(pa.array(np.flatnonzero(counts))))
    return used


def _ids(tables: Mapping[str, pa.Table], settle: Settle) -> _Ids:
    symbols = pc.unique(pa.chunked_array(_used_words(tables, _WITH_SYMBOLS, "option_symbol"), pa.string()))
    contracts = build_contracts(symbols, tables.get("contracts"), settle)
    tickers = _used_words(tables, _WITH_TICKERS, "underlying")
    names = pa.chunked_array([pa.array(contracts["underlying"], pa.string()), *tickers], pa.string())
    underlyings = build_underlyings(pc.unique(names))
    ids = np.searchsorted(underlyings["underlying"].to_numpy(object), contracts["underlying"].to_numpy(object))
    return _Ids(contracts.assign(underlying_id=ids.astype(np.int32)), underlyings)


def lake_tables(tables: Mapping[str, pa.Table], settle: Settle) -> dict[str, pa.Table]:
    """Every table of the lake layout from clean tables (see `ingest.RawTape`), sorted in tape order.

    `settle` gives the settlement instant of (expiry, settlement, root). The prints come in tape order already.
    """
    ids = _ids(tables, settle)
    lake = {
        "contracts": pa.Table.from_pandas(ids.contracts, CONTRACTS_SCHEMA, preserve_index=False, safe=False),
        "underlyings": pa.Table.from_pandas(ids.underlyings, UNDERLYINGS_SCHEMA, preserve_index=False),
        "option_prints": _prints(tables["option_prints"], ids),
        "removed_prints": _prints(tables["removed_prints"], ids),
    }
    if "option_quotes" in tables:
        lake["option_quotes"] = _option_quotes(tables["option_quotes"], ids)
    if "underlying_quotes" in tables:
        lake["underlying_quotes"] = _underlying_quotes(tables["underlying_quotes"], ids)
    lake.update({name: _passed_through(tables[name], name, ids) for name in PASSED_THROUGH if name in tables})
    return {name: table.replace_schema_metadata(None) for name, table in lake.items()}


def _prints(prints: pa.Table, ids: _Ids) -> pa.Table:
    columns = {"contract_id": ids.contract_ids(prints["option_symbol"])}
    names = (*PRINT_COLUMNS, "print_id", *CARRIED_COLUMNS, "ts_recv")
    kept = {name: prints[name] for name in names if name in prints.column_names}
    return pa.table({name: columns.get(name, kept.get(name)) for name in names if name in kept or name in columns})


def _option_quotes(quotes: pa.Table, ids: _Ids) -> pa.Table:
    venues = tuple(name for name in QUOTE_VENUES if name in quotes.column_names)
    data = quotes.drop_columns(["option_symbol"]).append_column("contract_id", ids.contract_ids(quotes["option_symbol"]))
    return in_tape_order(data).select([*QUOTE_COLUMNS, *venues])


def _underlying_quotes(quotes: pa.Table, ids: _Ids) -> pa.Table:
    data = quotes.drop_columns(["underlying"]).append_column("underlying_id", ids.underlying_ids(quotes["underlying"]))
    return in_tape_order(data).select(UNDERLYING_QUOTE_COLUMNS)


def _passed_through(table: pa.Table, name: str, ids: _Ids) -> pa.Table:
    if name == "venue_quotes":
        table = table.append_column("contract_id", ids.contract_ids(table["option_symbol"]))
    return passed_through(table)


def passed_through(table: pa.Table) -> pa.Table:
    """A clean table that keeps its canonical form: plain text, rows in a fixed order."""
    coded = [column.name for column in table.schema if pa.types.is_dictionary(column.type)]
    for column in coded:
        place = table.column_names.index(column)
        table = table.set_column(place, column, table[column].cast(pa.string()))
    if "seq" in table.column_names:
        return in_tape_order(table)
    return table.sort_by([(column, "ascending") for column in table.column_names])


def in_tape_order(data: pa.Table) -> pa.Table:
    """Rows by (ts, seq), ties by the other columns in their order."""
    ts, seq = data["ts"].cast(pa.int64()).to_numpy(), data["seq"].to_numpy()
    rest = [name for name in data.column_names if name not in {"ts", "seq"}]
    order = tape_order(ts, seq, lambda rows: [_tie_key(data[name], rows) for name in rest])
    if order is None:
        return data
    places = pa.array(order)
    # One column at a time: a gather of the whole table would hold it three times.
    return pa.table({name: data[name].combine_chunks().take(places) for name in data.column_names})


def _tie_key(values: pa.ChunkedArray, rows: np.ndarray) -> np.ndarray:
    if pa.types.is_string(values.type):
        return text_rank(values, rows)
    return pc.fill_null(values.take(pa.array(rows)), 0).to_numpy()
