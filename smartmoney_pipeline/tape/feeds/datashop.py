"""Cboe DataShop "Option Trades" files for an import: the reader of `tape.cboe`, one file at a time, with the vendor's columns named."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.cboe import read_cboe
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk
from smartmoney_pipeline.tape.feeds.faults import ColumnFaults, damaged_rows

_NAMES = {
    "option_symbol": "root, expiration, strike, option_type",
    "underlying": "underlying_symbol",
    "ts": "quote_datetime",
    "price": "trade_price",
    "size": "trade_size",
    "exchange": "exchange_id",
    "condition": "trade_condition_id",
    "nbbo_bid": "best_bid",
    "nbbo_ask": "best_ask",
}


def read_datashop(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one file. Raises `TapeError` for a file that cannot be read, a missing column, or more than one date."""
    for chunk in read_cboe(path, partial(ColumnFaults, names=_NAMES)):
        assert isinstance(chunk.faults, ColumnFaults)
        damaged = None
        if chunk.damaged is not None:
            pairs = zip(chunk.damaged["row"].to_pylist(), chunk.damaged["value"].to_pylist(), strict=True)
            damaged = damaged_rows("option_prints", pairs, path.name, QuarantineReason.RAGGED_ROW)
        yield FeedChunk("option_prints", chunk.columns, chunk.faults, damaged)
