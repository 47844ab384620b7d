"""Packages from coded legs: clusters in time, and the sets of legs inside a cluster that may belong together.

A cluster is anchored at its first leg and grows while the next leg of the key starts within the window; it has a longest span. Inside a
cluster: the whole, where the catalogue knows it; else what shares an instant; else what is left over.
"""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I64
from smartmoney_pipeline.parent_events.chain_kernel import PENDING
from smartmoney_pipeline.parent_events.package_sets_kernel import form_packages, mark, select
from smartmoney_pipeline.parent_events.patterns_kernel import FACTS, MAX_LEGS, shape

MAX_CLUSTER = 64
"""Packets a cluster holds at most; the next one starts another cluster."""


@njit(cache=True, nogil=True)
def _form_cluster(facts: I64, start: I64, members: I64, m: int, group: I64, g: int, legs: I64, ratio: I64, q: I64) -> int:
    """Packages of one cluster in tape order: every member gets a group. The next group number."""
    if m > 1 and shape(facts, members, m, legs, ratio, q) >= 0:
        mark(members, m, group, g)
        return g + 1
    a = 0
    while a < m:
        b = a + 1
        while b < m and start[members[b]] == start[members[a]]:
            b += 1
        if b - a > 1:
            g = form_packages(facts, members[a:b], b - a, group, g, legs, ratio, q)
        a = b
    chosen = np.empty(m, np.int64)
    left = select(members, m, group, PENDING, chosen)
    if left > 1:
        g = form_packages(facts, chosen, left, group, g, legs, ratio, q)
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
