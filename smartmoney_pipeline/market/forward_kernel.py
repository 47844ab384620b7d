"""The forward at a print: from parity while it is fresh, else from spot. Belongs here: one slice's state."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.align_params import AlignParams
from smartmoney_pipeline.market.arrays import F8, I32, I64
from smartmoney_pipeline.market.parity_kernel import NEAREST, nearest_pairs, weighted_median
from smartmoney_pipeline.market.quote_kernel import TIME
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

REFRESHED, SCANNED, FOUND, BEST_STRIKE, IS_BASIS = range(5)
LEVEL, FORWARD = range(2)

FORWARD_NONE, FORWARD_PARITY, FORWARD_SPOT = range(3)
"""Values of `forward_source`: no forward, from put-call parity, from spot with rate and dividends."""


class SliceState(NamedTuple):
    """Per slice: times of the last refresh, full scan and success, best strike, and the parity level with its forward.

    `start` (slices + 1) cuts the per-strike arrays; `call` and `put` are contract slots, -1 none.
    """

    rows: I64
    floats: F8
    start: I64
    strike: I64
    call: I32
    put: I32
    dividends: F8
    scratch: F8


def empty_slices(start: I64, strike: I64, call: I32, put: I32, dividends: F8) -> SliceState:
    """Slices before the first print; `dividends` = present value in USD of known dividends before expiry, per slice."""
    slices = len(start) - 1
    rows = np.full((slices, 5), -1, np.int64)
    return SliceState(rows, np.full((slices, 2), np.nan), start, strike, call, put, dividends, np.zeros((NEAREST, 3)))


@njit(cache=True, nogil=True)
def _reach(quotes: I64, s: SliceState, start: int, stop: int, step: int, strikes: int) -> int:
    """Index `strikes` strikes from `start` towards `stop`. Only strikes that were quoted count: those still to come are not known yet."""
    at, passed = start, 0
    while at != stop and passed < strikes:
        at += step
        call, put = s.call[at], s.put[at]
        passed += (call >= 0 and quotes[call, TIME] >= 0) or (put >= 0 and quotes[put, TIME] >= 0)
    return at


@njit(cache=True, nogil=True)
def _scan(quotes: I64, s: SliceState, sl: int, ts: int, growth: float, carried: bool, spot_mid2: int, p: AlignParams) -> int:
    """Number of usable pairs: near the last best strike, and over all strikes at first and once every while."""
    low, high, centre = s.start[sl], s.start[sl + 1], s.rows[sl, BEST_STRIKE]
    if centre >= 0 and ts - s.rows[sl, SCANNED] <= p.forward_rescan:
        low = _reach(quotes, s, centre, low, -1, p.forward_window)
        high = _reach(quotes, s, centre, high - 1, 1, p.forward_window) + 1
    else:
        s.rows[sl, SCANNED] = ts
    filled, nearest = nearest_pairs(quotes, s.strike, s.call, s.put, low, high, ts, growth, carried, spot_mid2, s.scratch, p)
    if filled > 0:
        s.rows[sl, BEST_STRIKE] = nearest
    return filled


@njit(cache=True, nogil=True)
def refresh_forward(quotes: I64, s: SliceState, sl: int, ts: int, growth: float, carried: bool, spot_mid2: int, p: AlignParams) -> None:
    """Work out the parity level of slice `sl`; `growth` = exp(rate years)."""
    s.rows[sl, REFRESHED] = ts
    filled = _scan(quotes, s, sl, ts, growth, carried, spot_mid2, p)
    if filled == 0:
        return
    level = weighted_median(s.scratch, filled)
    s.rows[sl, FOUND] = ts
    s.rows[sl, IS_BASIS] = spot_mid2 > 0
    s.floats[sl, LEVEL] = level
    s.floats[sl, FORWARD] = level * (0.5 * spot_mid2 / TICKS_PER_DOLLAR if spot_mid2 > 0 else 1.0)


@njit(cache=True, nogil=True)
def needs_refresh(rows: I64, sl: int, ts: int, p: AlignParams) -> bool:
    """Whether the slice's parity level is to be worked out again."""
    return rows[sl, REFRESHED] < 0 or ts - rows[sl, REFRESHED] > p.forward_refresh


@njit(cache=True, nogil=True)
def read_forward(
    rows: I64, floats: F8, dividends: F8, sl: int, ts: int, growth: float, spot_mid2: int, p: AlignParams
) -> tuple[float, int]:
    """Forward of the slice in USD (nan none) and its source; `spot_mid2` 0 where spot is unknown or gives no forward."""
    spot = 0.5 * spot_mid2 / TICKS_PER_DOLLAR
    age = ts - rows[sl, FOUND]
    scaled = rows[sl, IS_BASIS] == 1
    if rows[sl, FOUND] >= 0 and age <= (p.forward_rescan if scaled and spot_mid2 == 0 else p.leg_max_age):
        level = floats[sl, LEVEL]
        return (spot * level if scaled and spot_mid2 > 0 else floats[sl, FORWARD]), FORWARD_PARITY
    if spot_mid2 > 0 and spot > dividends[sl]:
        return (spot - dividends[sl]) * growth, FORWARD_SPOT
    return math.nan, FORWARD_NONE
