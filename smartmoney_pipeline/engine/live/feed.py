"""Tables with ids as the plain arrays that the stages read, as a stored day would hand them over."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.streams import venue_batch
from smartmoney_pipeline.schemas.units import NO_PRICE
from smartmoney_pipeline.tape.lake import CARRIED_COLUMNS, PRINT_COLUMNS, QUOTE_COLUMNS, QUOTE_VENUES, UNDERLYING_QUOTE_COLUMNS
from smartmoney_pipeline.tape.layout import Batch, plain_array


def print_batch(prints: pa.Table) -> Batch:
    """Prints for the stages; a carried column that is not there is -1 throughout."""
    absent = np.full(len(prints), NO_PRICE, dtype=np.int32)
    names = set(prints.column_names)
    return {name: _array(prints, name) if name in names else absent for name in (*PRINT_COLUMNS, *CARRIED_COLUMNS)}


def quote_batch(name: str, quotes: pa.Table) -> Batch:
    """Rows of one of the quote tables for the stages."""
    if name == "venue_quotes":
        return venue_batch(quotes)
    if name == "underlying_quotes":
        return {column: _array(quotes, column) for column in UNDERLYING_QUOTE_COLUMNS}
    venues = [column for column in QUOTE_VENUES if column in quotes.column_names]
    return {column: _array(quotes, column) for column in (*QUOTE_COLUMNS, *venues)}


def _array(table: pa.Table, name: str) -> np.ndarray:
    return plain_array(table[name].combine_chunks())
