"""Packages that no code announces: legs of equal size at almost one instant, where the odds beat chance.

Log-odds of a partner: minus ln of the chance that a stranger of the underlying prints that near, plus the evidence of equal size, of the
same venue, of opposite touches of a spread, and of a net price that lies on the quotes' grid though a leg does not.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.chain_kernel import PENDING, RELEASED
from smartmoney_pipeline.parent_events.patterns_kernel import CALL, FACTS, MAX_LEGS, NAMED_LEGS, RANK, SIZE, shape

START, VENUE, TOUCH, PRICE, BID, ASK = range(6)
LEGGED_COLUMNS = 6


class LeggedOdds(NamedTuple):
    """Evidence in nats and limits in ns; see `parent_params`."""

    chance: float
    window: int
    resolution: int
    equal_size: float
    same_venue: float
    opposite_touch: float
    on_grid: float
    threshold: float
    grid_ticks: int
    tick: int


@njit(cache=True, nogil=True)
def chance_in(rate: float, elapsed: int, resolution: int) -> float:
    """Chance that a stranger prints within `elapsed` ns, taken no shorter than the resolution of the clock; at least 1e-6."""
    if not rate > 0.0:
        return 1e-6
    return max(-math.expm1(-rate * max(elapsed, resolution) * 1e-9), 1e-6)


@njit(cache=True, nogil=True)
def partner_window(rate: float, o: LeggedOdds) -> int:
    """Longest time between two legs: where a stranger of the underlying has the stated chance, and never above the limit."""
    return o.window if not rate > 0.0 else int(min(float(o.window), o.chance / rate * 1e9))


@njit(cache=True, nogil=True)
def _on_grid(a: I64, b: I64, side: int, grid: int) -> bool:
    """A leg off the grid on which its own quotes lie, and a net price on it."""
    off_a = a[PRICE] % grid != 0 and a[BID] % grid == 0 and a[ASK] % grid == 0
    off_b = b[PRICE] % grid != 0 and b[BID] % grid == 0 and b[ASK] % grid == 0
    return (off_a or off_b) and (a[PRICE] + side * b[PRICE]) % grid == 0


@njit(cache=True, nogil=True)
def _inside_package(a: I64, b: I64, tick: int) -> bool:
    """Each leg near its own quote (within one spread) and the net price within the package's quote widened by a tick."""
    if not (0 <= a[BID] < a[ASK] and 0 <= b[BID] < b[ASK]):
        return False
    wide_a, wide_b = a[ASK] - a[BID], b[ASK] - b[BID]
    near = a[BID] - wide_a <= a[PRICE] <= a[ASK] + wide_a and b[BID] - wide_b <= b[PRICE] <= b[ASK] + wide_b
    off_a, off_b = 2 * a[PRICE] - a[BID] - a[ASK], 2 * b[PRICE] - b[BID] - b[ASK]
    return near and min(abs(off_a - off_b), abs(off_a + off_b)) <= wide_a + wide_b + 2 * tick


@njit(cache=True, nogil=True)
def _pair_odds(a: I64, b: I64, same_right: bool, rate: float, o: LeggedOdds) -> float:
    """Log-odds of two legs of equal size that the catalogue knows as a pair; -inf where a condition fails."""
    opposite = a[TOUCH] * b[TOUCH]
    if same_right and opposite > 0:
        return -np.inf
    side = -1 if same_right else 1
    on_grid = _on_grid(a, b, side, o.grid_ticks) or (not same_right and _on_grid(a, b, -1, o.grid_ticks))
    same_venue = a[VENUE] == b[VENUE]
    if not (same_venue or on_grid or _inside_package(a, b, o.tick)):
        return -np.inf
    odds = o.equal_size - math.log(chance_in(rate, b[START] - a[START], o.resolution))
    odds += o.same_venue if same_venue else 0.0
    odds += o.on_grid if on_grid else 0.0
    return odds + (o.opposite_touch if same_right and opposite < 0 else 0.0)


@njit(cache=True, nogil=True)
def _partners(i: int, follower: I64, t: I64, facts: I64, hz: F8, group: I64, o: LeggedOdds, room: I64, odds: F8, scratch: I64) -> int:
    """Free packets within reach of packet `i` whose odds pass, in time order from place 1 of `room`; how many, `i` included."""
    legs, ratio, q = np.empty((MAX_LEGS + 1, FACTS), np.int64), np.empty(MAX_LEGS + 1, np.int64), np.empty(MAX_LEGS + 1, np.int64)
    n, j, limit = 1, follower[i], t[i, START] + partner_window(hz[i], o)
    room[0], scratch[0] = i, i
    while j >= 0 and t[j, START] <= limit and n < NAMED_LEGS:
        scratch[1] = j
        if group[j] == PENDING and facts[j, SIZE] == facts[i, SIZE] and facts[j, RANK] != facts[i, RANK]:
            fits = _pair_odds(t[i], t[j], facts[i, CALL] == facts[j, CALL], hz[i], o)
            if fits >= o.threshold and shape(facts, scratch, 2, legs, ratio, q) >= 0:
                room[n], odds[n] = j, fits
                n += 1
        j = follower[j]
    return n


@njit(cache=True, nogil=True)
def _keep_best(room: I64, odds: F8, n: int) -> None:
    """Move the partner with the best odds, the earliest of equals, to place 1."""
    best = 1
    for k in range(2, n):
        if odds[k] > odds[best]:
            best = k
    room[1], odds[1] = room[best], odds[best]


@njit(cache=True, nogil=True)
def legged_packages(follower: I64, t: I64, facts: I64, hz: F8, o: LeggedOdds, complete_until: int) -> tuple[I64, F8]:
    """Group number of each packet (`RELEASED` alone, `PENDING` undecided) and log-odds by packet (of its group, else 0).

    Rows in time order, `t` int64[n, LEGGED_COLUMNS], `facts` int64[n, FACTS], `hz` the underlying's print rate before the packet.
    Four legs join only as a structure of four; else the best pair joins. Packets are decided in time order, so a decision never
    depends on a later one.
    """
    group, support, g = np.full(len(t), PENDING, np.int64), np.zeros(len(t)), 0
    legs, ratio, q = np.empty((MAX_LEGS + 1, FACTS), np.int64), np.empty(MAX_LEGS + 1, np.int64), np.empty(MAX_LEGS + 1, np.int64)
    room, odds, scratch = np.empty(NAMED_LEGS, np.int64), np.zeros(NAMED_LEGS), np.empty(2, np.int64)
    for i in range(len(t)):
        if t[i, START] + o.window >= complete_until:
            break
        if group[i] != PENDING:
            continue
        n = _partners(i, follower, t, facts, hz, group, o, room, odds, scratch)
        if n == 1:
            group[i] = RELEASED
            continue
        if n < NAMED_LEGS or shape(facts, room, n, legs, ratio, q) < 0:
            _keep_best(room, odds, n)
            n = 2
        total = 0.0
        for k in range(1, n):
            total += odds[k]
        for k in range(n):
            group[room[k]], support[room[k]] = g, total
        g += 1
    return group, support
