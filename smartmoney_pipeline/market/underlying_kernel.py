"""State of one underlying: last quote, a ring of one mid a second, variance of one-second returns. Belongs here: one row of it.

Mids are kept as bid + ask in ticks ("mid2"), so that they are whole numbers. A quote without bid, or crossed, moves no mid; an
index has bid equal to ask, which is a value and no lock.
"""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.market.align_params import AlignParams
from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.market.quote_kernel import pack_prices
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

U_TIME, U_PRICES, MID2, SECOND, HEAD, U_STEP_END, MID2_BEFORE, MID2_AT = range(8)
FIRST_MID2, FIRST_SECOND, FOLDED_SECOND, FOLDED_MID2 = range(8, 12)
SOUGHT_SECOND, SOUGHT_MID2, SIGMA_SECOND = range(12, 15)
SECONDS, SECOND_RING = 16, 64
UNDERLYING_ROW = SECONDS + 2 * SECOND_RING
SQUARES, SIGMA = range(2)


def empty_underlying_rows(rows: int) -> tuple[I64, F8]:
    """Rows of underlyings that have not been quoted yet, and their floats (sum of squares, last sigma)."""
    table = np.full((rows, UNDERLYING_ROW), -1, np.int64)
    table[:, [MID2, HEAD, U_STEP_END, MID2_BEFORE, MID2_AT, FIRST_MID2]] = 0
    return table, np.zeros((rows, 2), np.float64)


@njit(cache=True, nogil=True)
def _fold_second(rows: I64, floats: F8, u: int, decay: float) -> None:
    """Add the return of the last quoted second to the decayed sum of squares; silent seconds returned nothing."""
    if rows[u, FOLDED_SECOND] < 0:
        floats[u, SQUARES] = 0.0
    else:
        floats[u, SQUARES] = _squares_with_last(rows, floats, u, decay)
    rows[u, FOLDED_SECOND] = rows[u, SECOND]
    rows[u, FOLDED_MID2] = rows[u, MID2]


@njit(cache=True, nogil=True)
def _squares_with_last(rows: I64, floats: F8, u: int, decay: float) -> float:
    squares = floats[u, SQUARES] * decay ** (rows[u, SECOND] - rows[u, FOLDED_SECOND])
    if rows[u, MID2] == rows[u, FOLDED_MID2]:
        return squares
    return squares + math.log(rows[u, MID2] / rows[u, FOLDED_MID2]) ** 2


@njit(cache=True, nogil=True)
def _begin_second(rows: I64, floats: F8, u: int, second: int, p: AlignParams) -> None:
    """Close the last quoted second and open the next entry of the ring."""
    if rows[u, FIRST_SECOND] >= 0:
        _fold_second(rows, floats, u, p.sigma_decay)
    rows[u, HEAD] = (rows[u, HEAD] + 1) & (SECOND_RING - 1)
    rows[u, SECONDS + 2 * rows[u, HEAD]] = second
    rows[u, SECOND] = second


@njit(cache=True, nogil=True)
def apply_underlying(rows: I64, floats: F8, u: int, ts: int, bid: int, ask: int, p: AlignParams) -> None:
    """Take one quote as the underlying's last."""
    rows[u, U_TIME] = ts
    rows[u, U_PRICES] = pack_prices(bid, ask)
    if bid <= 0 or ask < bid:
        return
    if ts >= rows[u, U_STEP_END]:
        start = ts - ts % p.reference_step
        rows[u, MID2_BEFORE] = rows[u, MID2_AT] if rows[u, U_STEP_END] == start else rows[u, MID2]
        rows[u, MID2_AT] = rows[u, MID2]
        rows[u, U_STEP_END] = start + p.reference_step
    second = ts // NS_PER_SECOND
    if second > rows[u, SECOND]:
        _begin_second(rows, floats, u, second, p)
    rows[u, MID2] = np.int64(bid) + np.int64(ask)
    rows[u, SECONDS + 2 * rows[u, HEAD] + 1] = rows[u, MID2]
    if rows[u, FIRST_SECOND] < 0 and ts >= p.session_open:
        rows[u, FIRST_SECOND] = second
        rows[u, FIRST_MID2] = rows[u, MID2]


@njit(cache=True, nogil=True)
def reference_mid2(rows: I64, u: int, ts: int, step: int) -> int:
    """Mid2 as of one step before the current step began (0 = none)."""
    start = ts - ts % step
    if rows[u, U_STEP_END] == start + step:
        return rows[u, MID2_BEFORE]
    return rows[u, MID2_AT] if rows[u, U_STEP_END] == start else rows[u, MID2]


@njit(cache=True, nogil=True)
def mid2_at_second(rows: I64, u: int, second: int, oldest: int) -> int:
    """Mid2 when `second` began, from an entry not before second `oldest` (0 = none). Kept until another second is asked for."""
    if rows[u, SOUGHT_SECOND] == second:
        return rows[u, SOUGHT_MID2]
    found = 0
    for back in range(SECOND_RING):
        entry = SECONDS + 2 * ((rows[u, HEAD] - back) & (SECOND_RING - 1))
        if rows[u, entry] < second:
            found = rows[u, entry + 1] if rows[u, entry] >= oldest else 0
            break
    rows[u, SOUGHT_SECOND] = second
    rows[u, SOUGHT_MID2] = max(found, 0)
    return rows[u, SOUGHT_MID2]


@njit(cache=True, nogil=True)
def one_second_sigma(rows: I64, floats: F8, u: int, now: int, p: AlignParams) -> float:
    """Standard deviation of one-second log returns over the seconds completed before second `now`; nan if too few."""
    if rows[u, SIGMA_SECOND] == now:
        return floats[u, SIGMA]
    seconds = now - 1 - rows[u, FIRST_SECOND]
    floats[u, SIGMA] = math.nan
    if rows[u, FIRST_SECOND] >= 0 and seconds >= p.sigma_least_seconds:
        floats[u, SIGMA] = _sigma(rows, floats, u, now, seconds, p.sigma_decay)
    rows[u, SIGMA_SECOND] = now
    return floats[u, SIGMA]


@njit(cache=True, nogil=True)
def _sigma(rows: I64, floats: F8, u: int, now: int, seconds: int, decay: float) -> float:
    if rows[u, SECOND] >= now:
        squares = floats[u, SQUARES] * decay ** (now - 1 - rows[u, FOLDED_SECOND])
    else:
        last = 0.0 if rows[u, FOLDED_SECOND] < 0 else _squares_with_last(rows, floats, u, decay)
        squares = last * decay ** (now - 1 - rows[u, SECOND])
    return math.sqrt(squares * (1.0 - decay) / (1.0 - decay**seconds))
