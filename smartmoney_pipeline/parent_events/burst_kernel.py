"""Worked orders and herds: many packets on one side within a minute, where their number and spacing beat chance.

Two pieces of evidence, in nats. Number: with `mu` expected by the trailing rate, k more packets have a chance of at most
exp(-(k ln(k / mu) - k + mu)) (Chernoff's bound for a Poisson count). Spacing: the likelihood ratio of the gaps under a gamma law of
shape 4 against the exponential law, both with the mean of the gaps; above 0 the clock of one worker, below 0 independent arrivals.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I32, I64
from smartmoney_pipeline.parent_events.chain_kernel import PENDING, RELEASED

SHAPE = 4
REGULAR_GAIN = SHAPE * math.log(SHAPE) - math.lgamma(SHAPE) - (SHAPE - 1)


class BurstOdds(NamedTuple):
    """Limits of a burst; `share` is the expected share of the trailing rate that looks like the members, `burst` what it may swell."""

    window: int
    least_members: int
    rate_floor: float
    share: float
    burst: float
    resolution: int
    threshold: float


@njit(cache=True, nogil=True)
def count_evidence(more: int, expected: float) -> float:
    """Nats by which `more` packets after the first exceed the number expected by chance; 0 where they do not."""
    return more * math.log(more / expected) - more + expected if more > expected else 0.0


@njit(cache=True, nogil=True)
def spacing_evidence(start: I64, members: I64, n: int, resolution: int) -> float:
    """Nats for a regular clock behind the starts of `members[:n]` in time order; gaps no shorter than the clock's resolution."""
    if n < 3:
        return 0.0
    total, logs = 0.0, 0.0
    for k in range(1, n):
        gap = float(max(start[members[k]] - start[members[k - 1]], resolution))
        total += gap
        logs += math.log(gap)
    gaps = n - 1
    return gaps * REGULAR_GAIN + (SHAPE - 1) * (logs - gaps * math.log(total / gaps))


@njit(cache=True, nogil=True)
def _expected(hz: float, kinds: int, o: BurstOdds) -> float:
    """Members that chance brings into the window at the trailing rate, over `kinds` contracts."""
    return o.burst * max(hz, o.rate_floor) * o.window * 1e-9 * o.share * kinds


@njit(cache=True, nogil=True)
def _clips(i: int, reach: int, follower: I64, start: I64, contract: I32, place: I32, group: I64, o: BurstOdds, room: I64) -> int:
    """Free packets of the key within the window whose strike lies at most `reach` places off, from `i` on; their number."""
    n, j = 0, i
    while j >= 0 and start[j] <= start[i] + o.window:
        near = contract[j] == contract[i] or (reach > 0 and abs(place[j] - place[i]) <= reach)
        if group[j] == PENDING and near:
            room[n] = j
            n += 1
        j = follower[j]
    return n


@njit(cache=True, nogil=True)
def _clip_odds(start: I64, hz: F8, room: I64, n: int, kinds: int, o: BurstOdds) -> float:
    """Log-odds that `n` clips over `kinds` contracts are one order; -inf where they are too few.

    One contract has the rate before its first clip. Neighbours may be busier than it, so over several the highest rate counts.
    """
    if n < o.least_members:
        return -np.inf
    rate = hz[room[0]]
    for k in range(1, n if kinds > 1 else 1):
        rate = max(rate, hz[room[k]])
    return count_evidence(n - 1, _expected(rate, kinds, o)) + spacing_evidence(start, room, n, o.resolution)


@njit(cache=True, nogil=True)
def worked_orders(
    follower: I64, start: I64, contract: I32, place: I32, hz: F8, o: BurstOdds, complete_until: int
) -> tuple[I64, F8]:  # fmt: skip
    """Group of each packet (`RELEASED`, `PENDING`) and log-odds of its group. Keys hold one side and one size.

    The clips of the first one's contract stand against those of its neighbouring strikes too, which chance feeds from three contracts;
    the better odds win.
    """
    group, support, room, g = np.full(len(start), PENDING, np.int64), np.zeros(len(start)), np.empty(len(start), np.int64), 0
    for i in range(len(start)):
        if start[i] + o.window >= complete_until:
            break
        if group[i] != PENDING:
            continue
        group[i], j = RELEASED, follower[i]
        if j < 0 or start[j] > start[i] + o.window:
            continue
        group[i] = PENDING
        n = _clips(i, 1, follower, start, contract, place, group, o, room)
        odds = _clip_odds(start, hz, room, n, 3, o)
        own = _clips(i, 0, follower, start, contract, place, group, o, room)
        own_odds = _clip_odds(start, hz, room, own, 1, o)
        if own_odds >= odds:
            n, odds = own, own_odds
        elif odds >= o.threshold:
            n = _clips(i, 1, follower, start, contract, place, group, o, room)
        if odds < o.threshold:
            group[i] = RELEASED
            continue
        for k in range(n):
            group[room[k]], support[room[k]] = g, odds
        g += 1
    return group, support


@njit(cache=True, nogil=True)
def _tickets(i: int, follower: I64, start: I64, size: I64, group: I64, o: BurstOdds, room: I64) -> tuple[int, int]:
    """Free packets of the key within the window, from `i` on: their number, and how many different sizes they have."""
    n, j, sizes, kinds = 0, i, 0, 0
    while j >= 0 and start[j] <= start[i] + o.window:
        if group[j] == PENDING:
            room[n] = j
            n += 1
            sizes |= 1 << min(size[j], 62)
        j = follower[j]
    while sizes:
        sizes &= sizes - 1
        kinds += 1
    return n, kinds


@njit(cache=True, nogil=True)
def herds(follower: I64, start: I64, size: I64, hz: F8, o: BurstOdds, complete_until: int) -> tuple[I64, F8]:
    """Group of each packet (`RELEASED`, `PENDING`) and log-odds of its group. Keys hold one underlying, right, tenor and side.

    The odds are those of the number alone. One size at a regular clock is one worker, and no herd.
    """
    group, support, room, g = np.full(len(start), PENDING, np.int64), np.zeros(len(start)), np.empty(len(start), np.int64), 0
    for i in range(len(start)):
        if start[i] + o.window >= complete_until:
            break
        if group[i] != PENDING:
            continue
        n, kinds = _tickets(i, follower, start, size, group, o, room)
        odds = count_evidence(n - 1, _expected(hz[i], 1, o)) if n >= o.least_members else -np.inf
        one_worker = kinds == 1 and spacing_evidence(start, room, n, o.resolution) > 0.0
        if odds < o.threshold or one_worker:
            group[i] = RELEASED
            continue
        for k in range(n):
            group[room[k]], support[room[k]] = g, odds
        g += 1
    return group, support
