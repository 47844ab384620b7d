"""Tape order: (ts, seq), and a fixed order among rows that share both, so that the order of the file never matters."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

TieKeys = Callable[[np.ndarray], Sequence[np.ndarray]]
"""Given row numbers, the keys (most important first) that order rows of equal ts and seq."""


def tape_order(ts: np.ndarray, seq: np.ndarray, tie_keys: TieKeys) -> np.ndarray | None:
    """Order of rows by (ts, seq, tie keys): i64[n], or None where the rows already stand so without a tie."""
    same_ts = ts[1:] == ts[:-1]
    if bool(np.all((ts[1:] > ts[:-1]) | (same_ts & (seq[1:] > seq[:-1])))):
        return None
    in_order = bool(np.all((ts[1:] > ts[:-1]) | (same_ts & (seq[1:] >= seq[:-1]))))
    order = np.arange(len(ts)) if in_order else np.lexsort((seq, ts))
    return _settle_ties(order, ts[order], seq[order], tie_keys)


def _settle_ties(order: np.ndarray, ts: np.ndarray, seq: np.ndarray, tie_keys: TieKeys) -> np.ndarray:
    tied = (ts[1:] == ts[:-1]) & (seq[1:] == seq[:-1])
    if not tied.any():
        return order
    member = np.zeros(len(order), dtype=bool)
    member[1:] |= tied
    member[:-1] |= tied
    places = np.flatnonzero(member)
    run = np.cumsum(np.concatenate(([True], ~tied)))[places]
    rows = order[places]
    keys = [*reversed(tie_keys(rows)), run]
    order[places] = rows[np.lexsort(keys)]
    return order


def text_rank(values: pa.Array | pa.ChunkedArray, rows: np.ndarray) -> np.ndarray:
    """Alphabetical rank of a text column at `rows`, the same for equal words: a sort key for `tape_order`."""
    words = values.take(pa.array(rows))
    if pa.types.is_dictionary(words.type):
        words = words.cast(pa.string())
    return pc.rank(pc.fill_null(words, ""), sort_keys="ascending", tiebreaker="dense").to_numpy()
