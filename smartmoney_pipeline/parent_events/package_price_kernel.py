"""Prices of a package against the quotes of its legs, in ticks. Belongs here: arithmetic on legs; which reading is right does not."""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.patterns_kernel import CALL, SIZE, STRIKE

PREMIUM, BID, ASK, DTE, VOLUME = range(5, 10)
LEG_COLUMNS = 10
FORWARD, RATE, YEARS, DELTA, OPEN_INTEREST = range(5)
LEG_FLOATS = 5
TICKS = 10_000.0
STRIKE_UNIT = 1_000.0


@njit(cache=True, nogil=True)
def package_quote(legs: I64, ratio: I64, n: int) -> tuple[bool, float]:
    """Whether every leg has a sound quote (a bid of 0 is one), and the package's half-spread in ticks a unit."""
    half = 0.0
    for i in range(n):
        if legs[i, BID] < 0 or legs[i, ASK] <= legs[i, BID]:
            return False, np.nan
        half += 0.5 * ratio[i] * (legs[i, ASK] - legs[i, BID])
    return True, half


@njit(cache=True, nogil=True)
def package_offset(legs: I64, q: I64, n: int) -> float:
    """Net price less package mid, ticks a unit, for signed ratios `q`."""
    total = 0.0
    for i in range(n):
        total += q[i] * (legs[i, PREMIUM] / legs[i, SIZE] - 0.5 * (legs[i, BID] + legs[i, ASK]))
    return total


@njit(cache=True, nogil=True)
def leg_support(legs: I64, q: I64, n: int, offset: float) -> float:
    """Sum over legs of sign x place in the own quote (-1 at the bid, +1 at the ask), for the signs turned so that the package pays up."""
    total = 0.0
    for i in range(n):
        width = legs[i, ASK] - legs[i, BID]
        place = (2.0 * legs[i, PREMIUM] / legs[i, SIZE] - legs[i, BID] - legs[i, ASK]) / width
        total += math.copysign(min(max(place, -1.0), 1.0), place * q[i])
    return abs(total) if offset == 0.0 else math.copysign(total, total * offset)


@njit(cache=True, nogil=True)
def parity_residual(legs: I64, floats: F8, q: I64, n: int, half: float) -> float:
    """|net price less carry value| in half-spreads of a structure whose calls and puts pair up; nan where an input is missing."""
    net, carry = 0.0, 0.0
    for i in range(n):
        net += q[i] * legs[i, PREMIUM] / legs[i, SIZE]
        if legs[i, CALL] == 1:
            discount = math.exp(-floats[i, RATE] * floats[i, YEARS])
            carry += q[i] * (floats[i, FORWARD] - legs[i, STRIKE] / STRIKE_UNIT) * discount
    return abs(net - carry * TICKS) / half if half > 0.0 else np.nan
