"""Readings of many packages at once. Belongs here: the walk over events and their packets; one package is read elsewhere."""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64, Bool
from smartmoney_pipeline.parent_events.naming_kernel import ReadingOdds
from smartmoney_pipeline.parent_events.package_price_kernel import LEG_COLUMNS, LEG_FLOATS, PREMIUM
from smartmoney_pipeline.parent_events.patterns_kernel import MAX_LEGS, RANK, SIZE
from smartmoney_pipeline.parent_events.reading_kernel import read_package


@njit(cache=True, nogil=True)
def _find_leg(legs: I64, n: int, rank: int) -> int:
    for i in range(n):
        if legs[i, RANK] == rank:
            return i
    return -1


@njit(cache=True, nogil=True)
def _collect(ints: I64, floats: F8, begin: int, end: int, legs: I64, leg_floats: F8) -> int:
    """Sorted legs of the packets from `begin` to `end`; sizes and premium of one contract add up, its market is the first packet's."""
    n = 0
    for a in range(begin, end):
        at = _find_leg(legs, n, ints[a, RANK])
        if at >= 0:
            legs[at, SIZE] += ints[a, SIZE]
            legs[at, PREMIUM] += ints[a, PREMIUM]
            continue
        if n == MAX_LEGS:
            return n
        at = n
        while at > 0 and legs[at - 1, RANK] > ints[a, RANK]:
            legs[at], leg_floats[at] = legs[at - 1], leg_floats[at - 1]
            at -= 1
        legs[at], leg_floats[at] = ints[a], floats[a]
        n += 1
    return n


@njit(cache=True, nogil=True)
def read_events(
    offsets: I64, ints: I64, floats: F8, stock: Bool, ex_dividend: Bool, prior: F8, odds: ReadingOdds
) -> tuple[I64, F8, I64]:  # fmt: skip
    """Best reading of every package: codes int64[n, 2] (structure, runner-up), figures float64[n, 4] (see `read_package`), and by
    packet int64[m, 3]: leg, sign, ratio. Packets of event e are rows `offsets[e]:offsets[e + 1]` of `ints` and `floats`."""
    count = len(offsets) - 1
    codes, figures, by_packet = np.empty((count, 2), np.int64), np.empty((count, 4)), np.empty((len(ints), 3), np.int64)
    legs, leg_floats = np.empty((MAX_LEGS, LEG_COLUMNS), np.int64), np.empty((MAX_LEGS, LEG_FLOATS))
    ratio, q = np.empty(MAX_LEGS, np.int64), np.empty(MAX_LEGS, np.int64)
    for e in range(count):
        n = _collect(ints, floats, offsets[e], offsets[e + 1], legs, leg_floats)
        read_package(legs, leg_floats, n, stock[e], ex_dividend[e], prior, odds, codes[e], figures[e], ratio, q)
        for a in range(offsets[e], offsets[e + 1]):
            i = _find_leg(legs, n, ints[a, RANK])
            by_packet[a, 0], by_packet[a, 1], by_packet[a, 2] = i, np.sign(q[i]), ratio[i]
    return codes, figures, by_packet
