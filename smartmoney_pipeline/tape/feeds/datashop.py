"""Cboe DataShop "Option Trades" files for an import: the reader of `tape.cboe`, one file at a time."""

from collections.abc import Iterator
from pathlib import Path

from smartmoney_pipeline.tape.cboe import read_cboe
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk


def read_datashop(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one file. Raises `TapeError` for a file that cannot be read, a missing column, or more than one date."""
    for chunk in read_cboe(path):
        yield FeedChunk("option_prints", chunk.columns, chunk.faults, chunk.damaged)
