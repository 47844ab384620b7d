"""Which packets of a set make packages. Belongs here: explaining a set by the catalogue; what makes a set does not.

A set is explained by the catalogue, then by equal sizes, then by small ratios; what nothing explains is an unmatched leg. The fills of
one contract count as one leg. Where that leaves contracts outside the catalogue, fills at other prices are taken apart, and the parting
stands if it explains more contracts: two verticals that share a strike are two packages.
"""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I64
from smartmoney_pipeline.parent_events.chain_kernel import PENDING
from smartmoney_pipeline.parent_events.patterns_kernel import (
    FACTS,
    NAMED_LEGS,
    NO_SHAPE,
    RANK,
    SIZE,
    UNNAMED,
    is_grid,
    merge_legs,
    shape,
)

MAX_PARTED = 32
"""Fills of a set that are taken apart at most: the search grows with their square."""


@njit(cache=True, nogil=True)
def select(members: I64, m: int, group: I64, wanted: int, chosen: I64) -> int:
    """Members whose group is `wanted`, into `chosen`; their number."""
    n = 0
    for a in range(m):
        if group[members[a]] == wanted:
            chosen[n] = members[a]
            n += 1
    return n


@njit(cache=True, nogil=True)
def mark(chosen: I64, n: int, group: I64, g: int) -> None:
    """Give the first `n` rows of `chosen` the group `g`."""
    for a in range(n):
        group[chosen[a]] = g


@njit(cache=True, nogil=True)
def _is_one_order(facts: I64, members: I64, m: int, legs: I64, ratio: I64, q: I64) -> bool:
    """Whether the members are one structure: a name, or the same legs in two expiries, which two strangers hardly choose alike."""
    return bool(shape(facts, members, m, legs, ratio, q) >= 0 or is_grid(legs, merge_legs(facts, members, m, legs)))


@njit(cache=True, nogil=True)
def _pair_up(facts: I64, chosen: I64, n: int, group: I64, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Part free members into pairs that the catalogue knows, in tape order; the next group number."""
    pair = np.empty(2, np.int64)
    for a in range(n):
        for b in range(a + 1, n):
            if group[chosen[a]] != PENDING:
                break
            pair[0], pair[1] = chosen[a], chosen[b]
            if group[chosen[b]] == PENDING and shape(facts, pair, 2, legs, ratio, q) >= 0:
                mark(pair, 2, group, g)
                g += 1
    return g


@njit(cache=True, nogil=True)
def _equal_sizes(facts: I64, members: I64, m: int, group: I64, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Groups of equal size: one structure, or pairs if pairs explain them all; the next group number."""
    chosen = np.empty(m, np.int64)
    for a in range(m):
        if group[members[a]] != PENDING:
            continue
        n = 0
        for b in range(a, m):
            if group[members[b]] == PENDING and facts[members[b], SIZE] == facts[members[a], SIZE]:
                chosen[n] = members[b]
                n += 1
        if n >= 2 and _is_one_order(facts, chosen, n, legs, ratio, q):
            mark(chosen, n, group, g)
            g += 1
        elif n >= 4 and n % 2 == 0:
            after = _pair_up(facts, chosen, n, group, g, legs, ratio, q)
            if after - g == n // 2:
                g = after
            else:
                mark(chosen, n, group, PENDING)
    return g


@njit(cache=True, nogil=True)
def _attach(facts: I64, members: I64, m: int, group: I64, first: int, g: int, legs: I64, ratio: I64, q: I64) -> None:
    """Put a free member to a package that stays in the catalogue with it: the wing pair of a butterfly finds its body."""
    chosen = np.empty(m + 1, np.int64)
    for a in range(m):
        for h in range(first, g):
            if group[members[a]] != PENDING:
                break
            n = select(members, m, group, h, chosen)
            chosen[n] = members[a]
            if shape(facts, chosen, n + 1, legs, ratio, q) >= 0:
                group[members[a]] = h


@njit(cache=True, nogil=True)
def _one_size(facts: I64, members: I64, m: int) -> bool:
    """Whether all members have one size: more legs than the catalogue names are then one order, which chance makes with 0.155 a leg."""
    alike = 0
    for a in range(m):
        alike += facts[members[a], SIZE] == facts[members[0], SIZE]
    return bool(alike == m)


@njit(cache=True, nogil=True)
def _form_set(facts: I64, members: I64, m: int, group: I64, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Packages of the free members of a set; whatever stays free is left over. The next group number."""
    whole = shape(facts, members, m, legs, ratio, q)
    if whole >= 0:
        mark(members, m, group, g)
        return g + 1
    first, chosen = g, np.empty(m, np.int64)
    g = _equal_sizes(facts, members, m, group, g, legs, ratio, q)
    _attach(facts, members, m, group, first, g, legs, ratio, q)
    g = _pair_up(facts, members, m, group, g, legs, ratio, q)
    left = select(members, m, group, PENDING, chosen)
    if left == 0:
        return g
    if whole == UNNAMED and (merge_legs(facts, members, m, legs) <= NAMED_LEGS or _one_size(facts, members, m)):
        mark(members, m, group, first)
        return first + 1
    if shape(facts, chosen, left, legs, ratio, q) > NO_SHAPE:
        mark(chosen, left, group, g)
        g += 1
    return g


@njit(cache=True, nogil=True)
def _units(facts: I64, members: I64, m: int, unit_of: I64, units: I64) -> int:
    """One row of facts for each contract of the members, in order of appearance, sizes added up; their number."""
    count = 0
    for a in range(m):
        u = 0
        while u < count and units[u, RANK] != facts[members[a], RANK]:
            u += 1
        if u < count:
            units[u, SIZE] += facts[members[a], SIZE]
        else:
            units[u] = facts[members[a]]
            count += 1
        unit_of[a] = u
    return count


@njit(cache=True, nogil=True)
def _explained(facts: I64, members: I64, m: int, group: I64, first: int, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Contracts in packages that are one structure, among the groups from `first` to `g`."""
    chosen, total = np.empty(m, np.int64), 0
    for h in range(first, g):
        n = select(members, m, group, h, chosen)
        if _is_one_order(facts, chosen, n, legs, ratio, q):
            for a in range(n):
                total += facts[chosen[a], SIZE]
    return total


@njit(cache=True, nogil=True)
def form_packages(facts: I64, members: I64, m: int, group: I64, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Packages of the free members of a set, by the parting that explains most contracts, the fills of one contract together where both
    explain as many. The next group number."""
    unit_of, units, whole = np.empty(m, np.int64), np.empty((m, FACTS), np.int64), 0
    count = _units(facts, members, m, unit_of, units)
    own, by_unit = np.arange(count), np.full(count, PENDING, np.int64)
    after = _form_set(units, own, count, by_unit, g, legs, ratio, q)
    for u in range(count):
        whole += units[u, SIZE]
    if count < m <= MAX_PARTED:
        known = _explained(units, own, count, by_unit, g, after, legs, ratio, q)
        if known < whole:
            apart = _form_set(facts, members, m, group, g, legs, ratio, q)
            if _explained(facts, members, m, group, g, apart, legs, ratio, q) > known:
                return apart
    for a in range(m):
        group[members[a]] = by_unit[unit_of[a]]
    return after
