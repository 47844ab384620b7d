"""State of one contract's NBBO: last quote, ring of price changes, reference states. Belongs here: reading and writing one row.

A row is 32 int64 (four cache lines), so that a quote touches one line, or two when it changes a price. Bid and ask are packed
into one value: equal values mean equal quotes. Of the ring's eight entries the newest seven are readable; one is being written.
"""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I64

QUOTE_ROW = 32
TIME, PRICES, SIZES, STEP_END, BEFORE, AT, CHANGES, VENUES = range(8)
BEFORE_TIME, AT_TIME, BEFORE_SPOT, AT_SPOT, SPOT = range(8, 13)
RING, RING_LENGTH = 16, 8
READABLE = RING_LENGTH - 1

NOTHING = -1
"""Packed bid -1 and ask -1: no quote."""

TOO_FAR_BACK = -2
"""Mark of `lagged_prices`: the ring no longer reaches back to the wanted time."""


@njit(cache=True, nogil=True)
def pack(high: int, low: int) -> int:
    """Two int32 in one int64."""
    return (np.int64(high) << 32) | (np.int64(low) & 0xFFFFFFFF)  # type: ignore[return-value]


@njit(cache=True, nogil=True)
def high_half(packed: int) -> int:
    """First of two packed int32."""
    return np.int32(packed >> 32)  # type: ignore[return-value]


@njit(cache=True, nogil=True)
def low_half(packed: int) -> int:
    """Second of two packed int32."""
    return np.int32(packed & 0xFFFFFFFF)  # type: ignore[return-value]


@njit(cache=True, nogil=True)
def pack_prices(bid: int, ask: int) -> int:
    """Packed quote; a missing side is 0 (no bid, no ask), and two missing sides are no quote."""
    bid, ask = max(bid, 0), max(ask, 0)
    return NOTHING if bid == 0 and ask == 0 else pack(bid, ask)


def empty_quote_rows(rows: int) -> I64:
    """Rows of contracts that have not been quoted yet, each beginning on a cache line."""
    flat = np.empty(rows * QUOTE_ROW + 8, np.int64)
    offset = (-flat.ctypes.data % 64) // 8
    table = flat[offset : offset + rows * QUOTE_ROW].reshape(rows, QUOTE_ROW)
    table.fill(NOTHING)
    table[:, [STEP_END, CHANGES, VENUES, BEFORE_SPOT, AT_SPOT, SPOT]] = 0
    return table


@njit(cache=True, nogil=True)
def _roll_reference(rows: I64, slot: int, ts: int, step: int) -> None:
    """Keep the quotes that stood when this and the previous step of time began."""
    start = ts - ts % step
    next_step = rows[slot, STEP_END] == start
    rows[slot, BEFORE] = rows[slot, AT] if next_step else rows[slot, PRICES]
    rows[slot, BEFORE_TIME] = rows[slot, AT_TIME] if next_step else rows[slot, TIME]
    rows[slot, BEFORE_SPOT] = rows[slot, AT_SPOT] if next_step else rows[slot, SPOT]
    rows[slot, AT] = rows[slot, PRICES]
    rows[slot, AT_TIME] = rows[slot, TIME]
    rows[slot, AT_SPOT] = rows[slot, SPOT]
    rows[slot, STEP_END] = start + step


@njit(cache=True, nogil=True)
def apply_quote(rows: I64, slot: int, ts: int, prices: int, sizes: int, step: int) -> None:
    """Take one quote (packed prices and sizes) as the contract's last."""
    if ts >= rows[slot, STEP_END]:
        _roll_reference(rows, slot, ts, step)
    # Written always and kept only if the price changed: a branch here is mispredicted half the time.
    entry = RING + 2 * (rows[slot, CHANGES] & (RING_LENGTH - 1))
    rows[slot, entry] = ts
    rows[slot, entry + 1] = prices
    rows[slot, CHANGES] += prices != rows[slot, PRICES]
    rows[slot, PRICES] = prices
    rows[slot, TIME] = ts
    rows[slot, SIZES] = sizes


@njit(cache=True, nogil=True)
def lagged_prices(rows: I64, slot: int, before: int, back: int) -> tuple[int, int]:
    """Packed quote of the newest change with time < `before`, looking from `back` entries ago; and how far it had to look."""
    changes = rows[slot, CHANGES]
    while back <= min(changes, READABLE):
        entry = RING + 2 * ((changes - back) & (RING_LENGTH - 1))
        if rows[slot, entry] < before:
            return rows[slot, entry + 1], back
        back += 1
    return (TOO_FAR_BACK if changes > READABLE else NOTHING), back


@njit(cache=True, nogil=True)
def reference_quote(rows: I64, slot: int, ts: int, step: int) -> tuple[int, int, int]:
    """Packed quote as of one step before the current step began, its time, and the underlying noted with it."""
    start = ts - ts % step
    if rows[slot, STEP_END] == start + step:
        return rows[slot, BEFORE], rows[slot, BEFORE_TIME], rows[slot, BEFORE_SPOT]
    if rows[slot, STEP_END] == start:
        return rows[slot, AT], rows[slot, AT_TIME], rows[slot, AT_SPOT]
    return rows[slot, PRICES], rows[slot, TIME], rows[slot, SPOT]
