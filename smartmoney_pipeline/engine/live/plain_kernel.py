"""Checks of whole columns in one pass, for tables without a fault. Belongs here: the same limits as in the row checks of a file."""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I32, I64, U8, Bool
from smartmoney_pipeline.schemas.units import MAX_PRICE_USD, NO_PRICE, TICKS_PER_DOLLAR
from smartmoney_pipeline.tape.rules import GRID_TOLERANCE, MAX_SIZE


@njit(cache=True, nogil=True)
def plain_ticks(usd: F8, zero_is_answer: bool, nullable: bool, ticks: I32) -> bool:
    """Fill in prices in ticks, -1 for NaN; whether no price is at fault."""
    for i in range(len(usd)):
        value = usd[i]
        if np.isnan(value):
            if not nullable:
                return False
            ticks[i] = NO_PRICE
            continue
        if value > MAX_PRICE_USD or value < 0.0 or (value == 0.0 and not zero_is_answer):
            return False
        exact = value * TICKS_PER_DOLLAR
        grid = np.rint(exact)
        if abs(exact - grid) > GRID_TOLERANCE:
            return False
        ticks[i] = np.int32(grid)
    return True


@njit(cache=True, nogil=True)
def plain_sizes(size: I64, least: int, out: I32) -> bool:
    """Fill in sizes as int32; whether all lie between `least` and the largest size."""
    for i in range(len(size)):
        if size[i] < least or size[i] > MAX_SIZE:
            return False
        out[i] = np.int32(size[i])
    return True


@njit(cache=True, nogil=True)
def plain_letters(ends: I32, text: U8, known: Bool, out: U8) -> bool:
    """Fill in the letters of words of one letter each, which begin at `ends[i]`; whether all are known."""
    for i in range(len(out)):
        if ends[i + 1] - ends[i] != 1 or not known[text[ends[i]]]:
            return False
        out[i] = text[ends[i]]
    return True


@njit(cache=True, nogil=True)
def within(ts: I64, start: int, end: int) -> bool:
    """Whether every time is at or after `start` and before `end`."""
    outside = 0
    for i in range(len(ts)):
        outside += ts[i] < start or ts[i] >= end
    return outside == 0
