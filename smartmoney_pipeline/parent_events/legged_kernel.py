"""Packages that no code announces: legs of matching size at almost one instant, where the odds beat chance.

Log-odds of a partner: minus ln of the chance that a stranger of the underlying prints that near, plus the evidence of matching size, of
the same venue, of opposite touches of a spread, and of a net price that lies on the quotes' grid though a leg does not. Of the sets that
fit, the one with most contracts wins, then the one with fewest legs, then the best odds. Two legs of one size at one instant and venue
and at opposite touches are twins: one order, whatever the rate, for neither of them is a direction.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.chain_kernel import PENDING, RELEASED
from smartmoney_pipeline.parent_events.legged_sets_kernel import START, TOUCH, VENUE, contracts_of, fits, on_grid, small_ratio
from smartmoney_pipeline.parent_events.patterns_kernel import CALL, FACTS, NAMED_LEGS, RANK, SIZE

MAX_PARTNERS = 6
"""Packets within reach of a first leg that are looked at; the nearest in time come first."""


class LeggedOdds(NamedTuple):
    """Evidence in nats and limits in ns; see `parent_params`."""

    chance: float
    window: int
    resolution: int
    equal_size: float
    one_lot: float
    other_ratio: float
    same_venue: float
    opposite_touch: float
    on_grid: float
    threshold: float
    least_size: int
    grid_ticks: int
    tick: int
    clock_grids: tuple[int, int]


@njit(cache=True, nogil=True)
def chance_in(rate: float, elapsed: int, resolution: int) -> float:
    """Chance that a stranger prints within `elapsed` ns, taken no shorter than the resolution of the clock; at least 1e-6."""
    if not rate > 0.0:
        return 1e-6
    return max(-math.expm1(-rate * max(elapsed, resolution) * 1e-9), 1e-6)


@njit(cache=True, nogil=True)
def clock_step(first: int, second: int, grids: tuple[int, int], least: int) -> int:
    """Step of the clock that two times may have been read from: the longest of `grids` on which both lie, else `least`, ns."""
    for grid in grids:
        if first % grid == 0 and second % grid == 0:
            return grid
    return least


@njit(cache=True, nogil=True)
def partner_window(rate: float, o: LeggedOdds) -> int:
    """Longest time between two legs: where a stranger of the underlying has the stated chance, and never above the limit."""
    return o.window if not rate > 0.0 else int(min(float(o.window), o.chance / rate * 1e9))


@njit(cache=True, nogil=True)
def _size_evidence(a: int, b: int, o: LeggedOdds) -> float:
    """Nats for two sizes in the ratio of a package; a ratio other than one is as rare by chance, and rarer among packages."""
    if a == b:
        return o.equal_size - (o.one_lot if a == 1 else 0.0)
    return o.equal_size + o.other_ratio


@njit(cache=True, nogil=True)
def _pair_odds(a: I64, b: I64, size_a: int, size_b: int, same_right: bool, rate: float, o: LeggedOdds) -> float:
    """Log-odds of two legs; -inf where their sizes do not match, or are too small to say anything across times or venues."""
    times_a, times_b = small_ratio(size_a, size_b)
    same_venue = a[VENUE] == b[VENUE]
    at_once = same_venue and a[START] == b[START]
    if times_a == 0 or (min(size_a, size_b) < o.least_size and not at_once):
        return -np.inf
    grid = on_grid(a, b, times_a, -times_b, o.grid_ticks) or (not same_right and on_grid(a, b, times_a, times_b, o.grid_ticks))
    step = clock_step(a[START], b[START], o.clock_grids, o.resolution)
    odds = _size_evidence(size_a, size_b, o) - math.log(chance_in(rate, b[START] - a[START], step))
    odds += o.same_venue if same_venue else 0.0
    odds += o.on_grid if grid else 0.0
    return odds + (o.opposite_touch if same_right and a[TOUCH] * b[TOUCH] < 0 else 0.0)


@njit(cache=True, nogil=True)
def _are_twins(i: int, j: int, t: I64, facts: I64) -> bool:
    """Whether two packets of other contracts share instant, venue and size and printed at opposite touches."""
    one_place = t[i, START] == t[j, START] and t[i, VENUE] == t[j, VENUE]
    return bool(one_place and facts[i, SIZE] == facts[j, SIZE] and t[i, TOUCH] * t[j, TOUCH] < 0 and facts[i, RANK] != facts[j, RANK])


@njit(cache=True, nogil=True)
def find_twins(follower: I64, t: I64, facts: I64) -> I64:
    """Twin of each packet among those of its key, -1 where it has none; each packet is the twin of one at most."""
    twin = np.full(len(t), -1, np.int64)
    for i in range(len(t)):
        j = follower[i]
        while twin[i] < 0 and j >= 0 and t[j, START] == t[i, START]:
            if twin[j] < 0 and _are_twins(i, j, t, facts):
                twin[i], twin[j] = j, i
            j = follower[j]
    return twin


@njit(cache=True, nogil=True)
def _odds_of(i: int, j: int, t: I64, facts: I64, hz: F8, o: LeggedOdds) -> float:
    return _pair_odds(t[i], t[j], facts[i, SIZE], facts[j, SIZE], facts[i, CALL] == facts[j, CALL], hz[i], o)


@njit(cache=True, nogil=True)
def _partners(
    i: int, follower: I64, t: I64, facts: I64, hz: F8, group: I64, twin: I64, o: LeggedOdds, room: I64, odds: F8
) -> int:  # fmt: skip
    """The twin of packet `i`, then free packets within reach whose odds pass, in time order, from place 1 of `room`; how many, `i`
    included."""
    n, j, limit = 1, follower[i], t[i, START] + partner_window(hz[i], o)
    room[0] = i
    if twin[i] >= 0:
        room[1], odds[1] = twin[i], _odds_of(i, twin[i], t, facts, hz, o)
        n = 2
    while j >= 0 and t[j, START] <= limit and n <= MAX_PARTNERS:
        if group[j] == PENDING and j != twin[i] and facts[j, RANK] != facts[i, RANK]:
            found = _odds_of(i, j, t, facts, hz, o)
            if found >= o.threshold:
                room[n], odds[n] = j, found
                n += 1
        j = follower[j]
    return n


@njit(cache=True, nogil=True)
def _leaves_no_twin(members: I64, m: int, twin: I64) -> bool:
    """Whether every member that has a twin has it among the members."""
    for a in range(m):
        together = twin[members[a]] < 0
        for b in range(m):
            together = together or members[b] == twin[members[a]]
        if not together:
            return False
    return True


@njit(cache=True, nogil=True)
def _supported(t: I64, facts: I64, members: I64, m: int, quoted: bool, o: LeggedOdds) -> bool:
    """Whether something besides size speaks for the set: quotes that it lies inside, one venue, or (two legs) a net price on the grid."""
    one_venue = True
    for a in range(1, m):
        one_venue = one_venue and t[members[a], VENUE] == t[members[0], VENUE]
    if quoted or one_venue or m > 2:
        return quoted or one_venue
    a, b = members[0], members[1]
    x, y = small_ratio(facts[a, SIZE], facts[b, SIZE])
    same_right = facts[a, CALL] == facts[b, CALL]
    return on_grid(t[a], t[b], x, -y, o.grid_ticks) or (not same_right and on_grid(t[a], t[b], x, y, o.grid_ticks))


@njit(cache=True, nogil=True)
def _best_set(
    t: I64, facts: I64, twin: I64, room: I64, odds: F8, n: int, o: LeggedOdds, chosen: I64, legs: I64, ratio: I64, q: I64
) -> tuple[int, float]:  # fmt: skip
    """Fill `chosen` with the best set of packet `room[0]` and partners that parts no twins; its length (0 where none fits) and log-odds.
    Two twins need no name."""
    members, best, most, gain = np.empty(NAMED_LEGS, np.int64), 0, 0, -np.inf
    for mask in range(1, 1 << (n - 1)):
        m, total = 1, 0.0
        members[0] = room[0]
        for k in range(1, n):
            if (mask >> (k - 1)) & 1:
                if m < NAMED_LEGS:
                    members[m] = room[k]
                total += odds[k]
                m += 1
        contracts = contracts_of(facts, members, m) if m <= NAMED_LEGS else 0
        better = contracts > most or (contracts == most and (m < best or (m == best and total > gain)))
        if contracts == 0 or not better or not _leaves_no_twin(members, m, twin):
            continue
        fit, quoted = (True, True) if m == 2 and twin[members[0]] == members[1] else fits(facts, t, members, m, o.tick, legs, ratio, q)
        if fit and _supported(t, facts, members, m, quoted, o):
            best, most, gain = m, contracts, total
            chosen[:m] = members[:m]
    return best, gain


@njit(cache=True, nogil=True)
def legged_packages(follower: I64, t: I64, facts: I64, hz: F8, o: LeggedOdds, complete_until: int) -> tuple[I64, F8]:
    """Group number of each packet (`RELEASED` alone, `PENDING` undecided) and log-odds by packet (of its group, else 0).

    Rows in time order, `t` int64[n, LEGGED_COLUMNS], `facts` int64[n, FACTS], `hz` the underlying's print rate before the packet.
    Packets are decided in time order, so a decision never depends on a later one.
    """
    group, support, g = np.full(len(t), PENDING, np.int64), np.zeros(len(t)), 0
    room, odds, chosen = np.empty(MAX_PARTNERS + 1, np.int64), np.zeros(MAX_PARTNERS + 1), np.empty(NAMED_LEGS, np.int64)
    legs, ratio, q = np.empty((NAMED_LEGS, FACTS), np.int64), np.empty(NAMED_LEGS, np.int64), np.empty(NAMED_LEGS, np.int64)
    twin = find_twins(follower, t, facts)
    for i in range(len(t)):
        if t[i, START] + o.window >= complete_until:
            break
        if group[i] != PENDING:
            continue
        n = _partners(i, follower, t, facts, hz, group, twin, o, room, odds)
        m, total = _best_set(t, facts, twin, room, odds, n, o, chosen, legs, ratio, q) if n > 1 else (0, 0.0)
        if m == 0:
            group[i] = RELEASED
            continue
        for k in range(m):
            group[chosen[k]], support[chosen[k]] = g, total
        g += 1
    return group, support
