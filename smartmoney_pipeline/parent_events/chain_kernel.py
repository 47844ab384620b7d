"""Chains of rows with the same key in time order, and small sums that the grouping stages share. Belongs here: no grouping."""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I64

PENDING, RELEASED = -1, -2


@njit(cache=True, nogil=True)
def _slot_of(key: int, keys: I64, rows: I64) -> int:
    """Place of `key` in an open-addressing table: where it stands, or where it would go."""
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    at = np.int64((mixed ^ (mixed >> np.uint64(29))) & np.uint64(len(keys) - 1))
    while rows[at] >= 0 and keys[at] != key:
        at = (at + 1) & (len(keys) - 1)
    return int(at)


@njit(cache=True, nogil=True)
def chain(key: I64) -> I64:
    """For each row the next row with the same key, -1 where none follows. Rows in time order, keys compared in full."""
    room = 16
    while room < 2 * len(key):
        room *= 2
    keys, rows, follower = np.empty(room, np.int64), np.full(room, -1, np.int64), np.empty(len(key), np.int64)
    for i in range(len(key) - 1, -1, -1):
        at = _slot_of(key[i], keys, rows)
        follower[i] = rows[at]
        keys[at], rows[at] = key[i], i
    return follower
