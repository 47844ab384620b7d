"""Streams of a day as the aligner asks for them: None where the day has no such table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR
from smartmoney_pipeline.tape.layout import Batch, TapeDay


def quote_stream(day: TapeDay, rows: int) -> Iterator[Batch] | None:
    """NBBO changes of the options, or None."""
    return day.quote_batches(rows) if day.has("option_quotes") else None


def underlying_stream(day: TapeDay, rows: int) -> Iterator[Batch] | None:
    """NBBO changes of the underlyings, or None."""
    return day.underlying_quote_batches(rows) if day.has("underlying_quotes") else None


def venue_stream(day: TapeDay) -> Iterator[Batch] | None:
    """Quotes by venue, or None; canonical dollars become ticks."""
    table = day.table("venue_quotes")
    return None if table is None else iter([venue_batch(table)])


def venue_batch(table: pa.Table) -> Batch:
    """Quotes by venue with their contract ids, as the aligner reads them."""
    letters = pc.binary_slice(table["exchange"].cast(pa.binary()), 0, 1).combine_chunks()
    return {
        "ts": table["ts"].cast(pa.int64()).to_numpy(),
        "contract_id": table["contract_id"].to_numpy(),
        "exchange": np.frombuffer(letters.buffers()[2], dtype=np.uint8, count=len(table)),
        **{name: _ticks(table[name]) for name in ("bid", "ask")},
        **{name: table[name].to_numpy().astype(np.int32) for name in ("bid_size", "ask_size")},
    }


def _ticks(column: pa.ChunkedArray) -> np.ndarray:
    """Prices of the passed-through table as int32 ticks, whether they are dollars or ticks already."""
    values = column.to_numpy()
    return values.astype(np.int32) if pa.types.is_integer(column.type) else np.rint(values * TICKS_PER_DOLLAR).astype(np.int32)
