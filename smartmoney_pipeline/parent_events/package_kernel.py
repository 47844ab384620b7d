"""Packages from coded legs: clusters in time, and which legs of a cluster belong together.

A cluster is anchored at its first leg and grows while the next leg of the key starts within the window; it has a longest span. Inside a
cluster: the whole, where the catalogue knows it; else what shares an instant; else what is left over. A set is explained by the
catalogue, then by equal sizes, then by small ratios; what nothing explains is an unmatched leg.
"""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I64
from smartmoney_pipeline.parent_events.chain_kernel import PENDING
from smartmoney_pipeline.parent_events.patterns_kernel import FACTS, MAX_LEGS, NAMED_LEGS, NO_SHAPE, SIZE, UNNAMED, merge_legs, shape

MAX_CLUSTER = 64
"""Packets a cluster holds at most; the next one starts another cluster."""


@njit(cache=True, nogil=True)
def _select(members: I64, m: int, group: I64, wanted: int, chosen: I64) -> int:
    """Members whose group is `wanted`, into `chosen`; their number."""
    n = 0
    for a in range(m):
        if group[members[a]] == wanted:
            chosen[n] = members[a]
            n += 1
    return n


@njit(cache=True, nogil=True)
def _mark(chosen: I64, n: int, group: I64, g: int) -> None:
    for a in range(n):
        group[chosen[a]] = g


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
                _mark(pair, 2, group, g)
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
        if n >= 2 and shape(facts, chosen, n, legs, ratio, q) >= 0:
            _mark(chosen, n, group, g)
            g += 1
        elif n >= 4 and n % 2 == 0:
            after = _pair_up(facts, chosen, n, group, g, legs, ratio, q)
            if after - g == n // 2:
                g = after
            else:
                _mark(chosen, n, group, PENDING)
    return g


@njit(cache=True, nogil=True)
def _attach(facts: I64, members: I64, m: int, group: I64, first: int, g: int, legs: I64, ratio: I64, q: I64) -> None:
    """Put a free member to a package that stays in the catalogue with it: the wing pair of a butterfly finds its body."""
    chosen = np.empty(m + 1, np.int64)
    for a in range(m):
        for h in range(first, g):
            if group[members[a]] != PENDING:
                break
            n = _select(members, m, group, h, chosen)
            chosen[n] = members[a]
            if shape(facts, chosen, n + 1, legs, ratio, q) >= 0:
                group[members[a]] = h


@njit(cache=True, nogil=True)
def _form_set(facts: I64, members: I64, m: int, group: I64, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Packages of the free members of a set; whatever stays free is left over. The next group number."""
    whole = shape(facts, members, m, legs, ratio, q)
    if whole >= 0:
        _mark(members, m, group, g)
        return g + 1
    first, chosen = g, np.empty(m, np.int64)
    g = _equal_sizes(facts, members, m, group, g, legs, ratio, q)
    _attach(facts, members, m, group, first, g, legs, ratio, q)
    g = _pair_up(facts, members, m, group, g, legs, ratio, q)
    left = _select(members, m, group, PENDING, chosen)
    if left == 0:
        return g
    if whole == UNNAMED and merge_legs(facts, members, m, legs) <= NAMED_LEGS:
        _mark(members, m, group, first)
        return first + 1
    if shape(facts, chosen, left, legs, ratio, q) > NO_SHAPE:
        _mark(chosen, left, group, g)
        g += 1
    return g


@njit(cache=True, nogil=True)
def _form_cluster(facts: I64, start: I64, members: I64, m: int, group: I64, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Packages of one cluster in tape order: every member gets a group. The next group number."""
    if m > 1 and shape(facts, members, m, legs, ratio, q) >= 0:
        _mark(members, m, group, g)
        return g + 1
    a = 0
    while a < m:
        b = a + 1
        while b < m and start[members[b]] == start[members[a]]:
            b += 1
        if b - a > 1:
            g = _form_set(facts, members[a:b], b - a, group, g, legs, ratio, q)
        a = b
    chosen = np.empty(m, np.int64)
    left = _select(members, m, group, PENDING, chosen)
    if left > 1:
        g = _form_set(facts, chosen, left, group, g, legs, ratio, q)
    for a in range(m):
        if group[members[a]] == PENDING:
            group[members[a]] = g
            g += 1
    return g


@njit(cache=True, nogil=True)
def coded_packages(follower: I64, start: I64, window: I64, span: I64, facts: I64, complete_until: int) -> tuple[I64, I64]:
    """Group number of each packet, `PENDING` where its cluster may still grow; and the time at which its cluster could grow no more.

    Rows in time order; `follower` chains the keys; `window` and `span` in ns by row; `facts` int64[n, FACTS]. All packets that start
    before `complete_until` are there.
    """
    group, members, g = np.full(len(start), PENDING, np.int64), np.empty(MAX_CLUSTER, np.int64), 0
    seen, settled_at = np.zeros(len(start), np.bool_), np.zeros(len(start), np.int64)
    legs, ratio, q = np.empty((MAX_LEGS + 1, FACTS), np.int64), np.empty(MAX_LEGS + 1, np.int64), np.empty(MAX_LEGS + 1, np.int64)
    for i in range(len(start)):
        if seen[i]:
            continue
        m, j = 0, i
        limit = start[i] + span[i]
        while j >= 0 and m < MAX_CLUSTER and (m == 0 or (start[j] - start[members[m - 1]] <= window[i] and start[j] <= limit)):
            members[m] = j
            seen[j] = True
            m += 1
            j = follower[j]
        last = start[members[m - 1]]
        settled = last if m == MAX_CLUSTER else min(last + window[i], limit)
        if settled < complete_until:
            g = _form_cluster(facts, start, members, m, group, g, legs, ratio, q)
            for a in range(m):
                settled_at[members[a]] = settled
        else:
            while j >= 0:
                seen[j] = True
                j = follower[j]
    return group, settled_at
