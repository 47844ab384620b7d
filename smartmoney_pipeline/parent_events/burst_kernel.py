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
from smartmoney_pipeline.parent_events.ladder_kernel import Ladder, are_neighbours

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


class ClipSizes(NamedTuple):
    """Sizes of clips: contracts from which an order may ladder over strikes, most in a small ticket, share by which sizes of one order
    differ; chance that a stranger has one size, and that it is within that share."""

    least_ladder: int
    small: int
    slack: float
    equal: float
    similar: float


BUCKET_NATS = math.log(2.5)
"""Width of a bucket of sizes, ln contracts. With two rulers half a bucket apart, sizes within a quarter lie in one bucket of one."""


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
    i: int, reach: int, slack: float, follower: I64, start: I64, contract: I32, ladder: Ladder, size: I64,
    group: I64, window: int, room: I64,
) -> int:  # fmt: skip
    """Free packets of the key within the window, from `i` on: its contract, with `reach` neighbours too, sizes within `slack` of its own.
    Their number."""
    n, j, most = 0, i, slack * size[i]
    while j >= 0 and start[j] <= start[i] + window:
        near = contract[j] == contract[i] or (reach > 0 and are_neighbours(contract[i], contract[j], start[j], ladder))
        if group[j] == PENDING and near and abs(size[j] - size[i]) <= most:
            room[n] = j
            n += 1
        j = follower[j]
    return n


@njit(cache=True, nogil=True)
def _others(
    i: int, reach: int, slack: float, until: int, follower: I64, start: I64, contract: I32, ladder: Ladder, size: I64, group: I64
) -> int:  # fmt: skip
    """Free packets beside the clips from `i` on that have another size than theirs: same side, same strikes, up to `until`."""
    n, j, most = 0, i, slack * size[i]
    while j >= 0 and start[j] <= until:
        near = contract[j] == contract[i] or (reach > 0 and are_neighbours(contract[i], contract[j], start[j], ladder))
        if group[j] == PENDING and near and abs(size[j] - size[i]) > most:
            n += 1
        j = follower[j]
    return n


@njit(cache=True, nogil=True)
def _clip_odds(start: I64, hz: F8, room: I64, n: int, kinds: float, others: float, clock: float, o: BurstOdds) -> float:
    """Log-odds that `n` clips are one order, of which chance brings `kinds` times the share, and no fewer than `others`; -inf where their
    spacing speaks for one clock by less than `clock` nats.

    One contract has the rate before its first clip. Neighbours may be busier than it, so over several the highest rate counts.
    """
    rate = hz[room[0]]
    for k in range(1, n if kinds > 1.0 else 1):
        rate = max(rate, hz[room[k]])
    spacing = spacing_evidence(start, room, n, o.resolution)
    return -np.inf if spacing < clock else count_evidence(n - 1, max(_expected(rate, kinds, o), others)) + spacing


@njit(cache=True, nogil=True)
def worked_orders(
    follower: I64, beside: I64, start: I64, contract: I32, ladder: Ladder, size: I64, hz: F8,
    sizes: ClipSizes, clock: float, o: BurstOdds, complete_until: int,
) -> tuple[I64, F8]:  # fmt: skip
    """Group of each packet (`RELEASED`, `PENDING`) and log-odds of its group. Keys hold one side; `follower` is int64[2, n], by place of
    the first clip's size in its bucket; `beside` is int64[2, n], the next packet of the contract and of the chain, whatever its size.

    Four readings stand against each other, and the best odds win: clips of one size or of sizes within the slack, in the first one's
    contract or, from the ladder size on, its neighbouring strikes too, which chance feeds from three contracts. `o.share` is for sizes
    within the slack; one size alone is rarer. Packets of other sizes among the clips tell what chance brings just now: in a rush every
    size has its strangers. Clips of one size above small tickets are an order at any pace; all others need `clock` nats for one clock,
    for uneven tickets at uneven times are a crowd.
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
            if reach > 0 and size[i] < sizes.least_ladder:
                continue
            slack, chance = sizes.slack * loose, sizes.similar if loose else sizes.equal
            n = _clips(i, reach, slack, after, start, contract, ladder, size, group, o.window, room)
            if n < o.least_members:
                continue
            strangers = _others(i, reach, slack, start[room[n - 1]], beside[reach, :], start, contract, ladder, size, group)
            least = clock if loose == 1 or size[i] <= sizes.small else -np.inf
            kinds = (1 + 2 * reach) * chance / sizes.similar
            odds = _clip_odds(start, hz, room, n, kinds, strangers * chance / (1.0 - chance), least, o)
            if odds > best:
                best, chosen = odds, reading
        if best < o.threshold:
            group[i] = RELEASED
            continue
        n = _clips(i, chosen >> 1, sizes.slack * (chosen & 1), after, start, contract, ladder, size, group, o.window, room)
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
def _opposite(i: int, until: int, beside: I64, start: I64, side: I64, group: I64, room: I64) -> int:
    """Free packets of the other side beside the herd that starts at `i`, up to `until`. Their number."""
    n, j = 0, i
    while j >= 0 and start[j] <= until:
        if group[j] == PENDING and side[j] != side[i]:
            room[n] = j
            n += 1
        j = beside[j]
    return n


@njit(cache=True, nogil=True)
def herds(
    follower: I64, beside: I64, start: I64, side: I64, size: I64, hz: F8, o: BurstOdds, complete_until: int
) -> tuple[I64, F8]:  # fmt: skip
    """Group of each packet (`RELEASED`, `PENDING`) and log-odds of its group. Keys hold one underlying, right, tenor and side; `beside` is
    the next packet of the key whatever its side.

    The odds are those of the number alone. Chance brings tickets to both sides alike, so it brings at least as many as came on the other
    side meanwhile; those stay out of herds of their own. One size at a regular clock is one worker, and no herd.
    """
    group, support, g = np.full(len(start), PENDING, np.int64), np.zeros(len(start)), 0
    room, against = np.empty(len(start), np.int64), np.empty(len(start), np.int64)
    for i in range(len(start)):
        if start[i] + o.window >= complete_until:
            break
        if group[i] != PENDING:
            continue
        n, kinds = _tickets(i, follower, start, size, group, o, room)
        odds, other = -np.inf, 0
        if n >= o.least_members:
            other = _opposite(i, start[room[n - 1]], beside, start, side, group, against)
            odds = count_evidence(n - 1, max(_expected(hz[i], 1, o), float(other)))
        one_worker = kinds == 1 and spacing_evidence(start, room, n, o.resolution) > 0.0
        if odds < o.threshold or one_worker:
            group[i] = RELEASED
            continue
        for k in range(n):
            group[room[k]], support[room[k]] = g, odds
        for k in range(other):
            group[against[k]] = RELEASED
        g += 1
    return group, support
