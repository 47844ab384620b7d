"""Option contracts and underlyings as legacy records name them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.calendar.sessions import LATE_CLOSING_UNDERLYINGS
from smartmoney_pipeline.schemas.arrow import CATEGORY
from smartmoney_pipeline.schemas.units import NS_PER_MS
from smartmoney_pipeline.tape.symbols import index_tickers, parse_symbols, root_rules

FUNDS = sorted(LATE_CLOSING_UNDERLYINGS - index_tickers())
"""Exchange-traded funds that are known as such: those whose options trade to the late close."""


@dataclass(frozen=True)
class LegacyContracts:
    """Columns of n option symbols, null where a symbol has no known form."""

    option_contract_id: pa.Array
    """Root, expiry, strike and right with dashes: `AAPL-2025-01-17-150-C`."""
    option_type: pa.Array
    """call or put."""
    right: pa.Array
    """C or P."""
    underlying_id: pa.Array
    strike: pa.Array


def legacy_contracts(symbols: pa.Array | pa.ChunkedArray) -> LegacyContracts:
    """Return the legacy names of compact OSI symbols, one a row; each distinct symbol is read once."""
    coded = pa.chunked_array([symbols] if isinstance(symbols, pa.Array) else symbols.chunks, symbols.type)
    codes = coded.cast(CATEGORY).combine_chunks() if not pa.types.is_dictionary(coded.type) else coded.unify_dictionaries().combine_chunks()
    words = codes.dictionary.cast(pa.string())
    parsed = parse_symbols(words)
    valid = pa.array(parsed["valid"].to_numpy(dtype=bool))
    days = pa.array(parsed["expiry"].to_numpy().astype("datetime64[D]").astype(str))
    strike = pa.array(parsed["strike"].to_numpy(dtype=float))
    right, root = pa.array(parsed["right"], pa.string(), from_pandas=True), pa.array(parsed["root"], pa.string(), from_pandas=True)
    dashed = pc.binary_join_element_wise(root, days, strike.cast(pa.string()), right, "-", null_handling="emit_null")
    kinds = pc.if_else(pc.equal(right, "C"), "call", "put")
    under = pa.array(root_rules(pc.fill_null(root, ""))["underlying"], pa.string(), from_pandas=True)
    columns = (pc.if_else(valid, column, pa.scalar(None, column.type)) for column in (dashed, kinds, right, under, strike))
    return LegacyContracts(*(column.take(codes.indices) for column in columns))


def is_fund(underlyings: pa.Array) -> pa.Array:
    """Return which tickers are known exchange-traded funds."""
    return pc.is_in(underlyings, value_set=pa.array(FUNDS, pa.string()))


def whole_ms(times: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Return UTC times as whole milliseconds, rounded down."""
    column = times.combine_chunks() if isinstance(times, pa.ChunkedArray) else times
    return column.cast(pa.int64()).to_numpy() // NS_PER_MS
