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


BUCKET_NATS = math.log(2.5)
"""Width of a bucket of sizes, ln contracts. With two rulers half a bucket apart, sizes within a quarter lie in one bucket of one."""


@njit(cache=True, nogil=True)
def size_bucket(size: int, ruler: int) -> int:
    """Bucket of a size on the first or the second ruler."""
    return int(math.log(size) / BUCKET_NATS + 0.5 * ruler)


@njit(cache=True, nogil=True)
def central_bucket(size: int) -> int:
    """Ruler on which the size lies nearer to the middle of its bucket."""
    place = math.log(size) / BUCKET_NATS
    return 0 if abs(place - math.floor(place) - 0.5) <= 0.25 else 1


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
def _expected(hz: float, kinds: float, o: BurstOdds) -> float:
    """Members that chance brings into the window at the trailing rate, `kinds` times the share."""
    return o.burst * max(hz, o.rate_floor) * o.window * 1e-9 * o.share * kinds


@njit(cache=True, nogil=True)
def _clips(
    i: int, reach: int, slack: float, follower: I64, start: I64, contract: I32, place: I32, size: I64, group: I64, window: int, room: I64
) -> int:
    """Free packets of the key within the window, from `i` on: strikes at most `reach` places off, sizes within `slack` of its own. Their
    number."""
    n, j, most = 0, i, slack * size[i]
    while j >= 0 and start[j] <= start[i] + window:
        near = contract[j] == contract[i] or (reach > 0 and abs(place[j] - place[i]) <= reach)
        if group[j] == PENDING and near and abs(size[j] - size[i]) <= most:
            room[n] = j
            n += 1
        j = follower[j]
    return n


@njit(cache=True, nogil=True)
def _clip_odds(start: I64, hz: F8, room: I64, n: int, kinds: float, clock: float, o: BurstOdds) -> float:
    """Log-odds that `n` clips are one order, of which chance brings `kinds` times the share; -inf where they are too few, or their
    spacing speaks for one clock by less than `clock` nats.

    One contract has the rate before its first clip. Neighbours may be busier than it, so over several the highest rate counts.
    """
    if n < o.least_members:
        return -np.inf
    rate = hz[room[0]]
    for k in range(1, n if kinds > 1.0 else 1):
        rate = max(rate, hz[room[k]])
    spacing = spacing_evidence(start, room, n, o.resolution)
    return -np.inf if spacing < clock else count_evidence(n - 1, _expected(rate, kinds, o)) + spacing


@njit(cache=True, nogil=True)
def worked_orders(
    follower: I64, start: I64, contract: I32, place: I32, size: I64, hz: F8,
    least_ladder: int, small: int, slack: float, equal: float, clock: float, o: BurstOdds, complete_until: int,
) -> tuple[I64, F8]:  # fmt: skip
    """Group of each packet (`RELEASED`, `PENDING`) and log-odds of its group. Keys hold one side; `follower` is int64[2, n], by place of
    the first clip's size in its bucket.

    Four readings stand against each other, and the best odds win: clips of one size or of sizes within `slack`, in the first one's
    contract or, from `least_ladder` contracts on, its neighbouring strikes too, which chance feeds from three contracts. `o.share` is
    for sizes within `slack`; one size alone is rarer by the factor `equal`. Clips of one size above `small` contracts are an order at any
    pace; all others need `clock` nats for one clock, for uneven tickets at uneven times are a crowd.
    """
    group, support, room, g = np.full(len(start), PENDING, np.int64), np.zeros(len(start)), np.empty(len(start), np.int64), 0
    for i in range(len(start)):
        if start[i] + o.window >= complete_until:
            break
        if group[i] != PENDING:
            continue
        after, best, chosen = follower[central_bucket(size[i]), :], -np.inf, -1
        for reading in range(4):
            reach, loose = reading >> 1, reading & 1
            if reach > 0 and size[i] < least_ladder:
                continue
            n = _clips(i, reach, slack * loose, after, start, contract, place, size, group, o.window, room)
            factor = 1.0 if loose else equal
            odds = _clip_odds(start, hz, room, n, (1 + 2 * reach) * factor, clock if loose == 1 or size[i] <= small else -np.inf, o)
            if odds > best:
                best, chosen = odds, reading
        if best < o.threshold:
            group[i] = RELEASED
            continue
        n = _clips(i, chosen >> 1, slack * (chosen & 1), after, start, contract, place, size, group, o.window, room)
        for k in range(n):
            group[room[k]], support[room[k]] = g, best
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
