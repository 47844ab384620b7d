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
def near_quote(price: float, bid: float, ask: float) -> bool:
    """Whether a leg's price lies within one spread of its quote. A bid of 0 is a quote; a missing, locked or crossed one is none."""
    return 0 <= bid < ask and 2 * bid - ask <= price <= 2 * ask - bid


@njit(cache=True, nogil=True)
def package_quote(legs: I64, ratio: I64, n: int) -> tuple[bool, float]:
    """Whether every leg has a sound quote near its price, and the package's half-spread in ticks a unit.

    A price further off was not made against that quote, so the package's quote says nothing either.
    """
    half = 0.0
    for i in range(n):
        if not near_quote(legs[i, PREMIUM] / legs[i, SIZE], legs[i, BID], legs[i, ASK]):
            return False, np.nan
        half += 0.5 * ratio[i] * (legs[i, ASK] - legs[i, BID])
    return True, half


@njit(cache=True, nogil=True)
def leg_place(legs: I64, i: int) -> float:
    """Place of a leg's price in its own quote: -1 at the bid or below, 0 at the mid, +1 at the ask or above."""
    place = (2.0 * legs[i, PREMIUM] / legs[i, SIZE] - legs[i, BID] - legs[i, ASK]) / (legs[i, ASK] - legs[i, BID])
    return min(max(place, -1.0), 1.0)


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
        total += math.copysign(1.0, q[i]) * leg_place(legs, i)
    return abs(total) if offset == 0.0 else math.copysign(total, total * offset)


@njit(cache=True, nogil=True)
def side_probability(position: float, near: float, far: float) -> float:
    """Probability that what stands beyond the mid by `position` half-spreads was bought there; one half at the mid itself."""
    if not position > 0.0:
        return 0.5
    low, high = math.log(near / (1.0 - near)), math.log(far / (1.0 - far))
    return 1.0 / (1.0 + math.exp(-(low + (high - low) * min(position, 1.0))))


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
