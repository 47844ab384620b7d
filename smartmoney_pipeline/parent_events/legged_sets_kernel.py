"""Whether packets that no code announces fit together as legs of one package. Belongs here: a set's sizes, touches, prices; no odds."""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I64
from smartmoney_pipeline.parent_events.package_price_kernel import near_quote
from smartmoney_pipeline.parent_events.patterns_kernel import (
    CALL,
    CUSTOM,
    EXPIRY,
    MAX_RATIO,
    RANK,
    SIZE,
    merge_legs,
    pattern,
    reduce_ratio,
    set_signs,
)

START, VENUE, TOUCH, PRICE, BID, ASK = range(6)
LEGGED_COLUMNS = 6


@njit(cache=True, nogil=True)
def small_ratio(a: int, b: int) -> tuple[int, int]:
    """Two sizes over their greatest common divisor; (0, 0) where one of them is above `MAX_RATIO`."""
    x, y = a, b
    while y:
        x, y = y, x % y
    return (a // x, b // x) if max(a, b) <= MAX_RATIO * x else (0, 0)


@njit(cache=True, nogil=True)
def is_quoted(leg: I64) -> bool:
    """Whether the leg has a sound quote: a bid of 0 is one, a missing, locked or crossed one is none."""
    return bool(0 <= leg[BID] < leg[ASK])


@njit(cache=True, nogil=True)
def on_grid(a: I64, b: I64, times_a: int, times_b: int, grid: int) -> bool:
    """A leg off the grid on which its own quotes lie, and on it the net price of `times_a` of one leg and `times_b` of the other."""
    off_a = a[PRICE] % grid != 0 and a[BID] % grid == 0 and a[ASK] % grid == 0
    off_b = b[PRICE] % grid != 0 and b[BID] % grid == 0 and b[ASK] % grid == 0
    return (off_a or off_b) and (times_a * a[PRICE] + times_b * b[PRICE]) % grid == 0


@njit(cache=True, nogil=True)
def _touches_agree(t: I64, rows: I64, n: int, q: I64) -> bool:
    """Whether every leg that printed at a touch was bought at the ask and sold at the bid, or all the other way round."""
    seen = 0
    for i in range(n):
        side = int(np.sign(q[i])) * t[rows[i], TOUCH]
        if side * seen < 0:
            return False
        seen = side if side != 0 else seen
    return True


@njit(cache=True, nogil=True)
def _inside_package(t: I64, rows: I64, n: int, q: I64, tick: int) -> bool:
    """Whether the net price lies inside the package's quote, widened by a tick, and each leg near its own. Twice the ticks throughout."""
    net, width = 0, 2 * tick
    for i in range(n):
        leg = t[rows[i]]
        if not near_quote(leg[PRICE], leg[BID], leg[ASK]):
            return False
        net += q[i] * (2 * leg[PRICE] - leg[BID] - leg[ASK])
        width += abs(q[i]) * (leg[ASK] - leg[BID])
    return bool(abs(net) <= width)


@njit(cache=True, nogil=True)
def _in_leg_order(facts: I64, members: I64, legs: I64, n: int, rows: I64) -> None:
    for i in range(n):
        for a in range(n):
            if facts[members[a], RANK] == legs[i, RANK]:
                rows[i] = members[a]


@njit(cache=True, nogil=True)
def _is_call_against_put(legs: I64, q: I64, m: int) -> bool:
    """A call and a put of one expiry, one bought and one sold: one position of both rights, also where it is in the money and unnamed."""
    if m != 2 or legs[0, EXPIRY] != legs[1, EXPIRY]:
        return False
    return bool(legs[0, CALL] != legs[1, CALL] and q[0] == -q[1])


@njit(cache=True, nogil=True)
def fits(facts: I64, t: I64, members: I64, m: int, tick: int, legs: I64, ratio: I64, q: I64) -> tuple[bool, bool]:
    """Whether the catalogue knows the packets `members[:m]`, a contract each, with signs that their touches allow; and whether they are
    all quoted, their net price lying inside the package's quote. Where they are quoted it must."""
    if merge_legs(facts, members, m, legs) != m or not reduce_ratio(legs, m, ratio):
        return False, False
    rows, quoted = np.empty(m, np.int64), True
    _in_leg_order(facts, members, legs, m, rows)
    for i in range(m):
        quoted = quoted and is_quoted(t[rows[i]])
    for mask in range(1 << (m - 1)):
        set_signs(ratio, m, mask, q)
        known = pattern(legs, q, m) != CUSTOM or _is_call_against_put(legs, q, m)
        if known and _touches_agree(t, rows, m, q) and (not quoted or _inside_package(t, rows, m, q, tick)):
            return True, quoted
    return False, False


@njit(cache=True, nogil=True)
def contracts_of(facts: I64, members: I64, m: int) -> int:
    """Contracts of the packets together."""
    total = 0
    for a in range(m):
        total += facts[members[a], SIZE]
    return total
