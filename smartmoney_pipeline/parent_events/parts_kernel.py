"""A package of four legs as two packages of two that met by chance. Belongs here: that rival; its odds against the whole do not."""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.patterns_kernel import CUSTOM, pattern


@njit(cache=True, nogil=True)
def best_parts(legs: I64, q: I64, prior: F8) -> tuple[int, float]:
    """Likeliest parting of four sorted legs with signed ratios `q` into two named pairs: the likelier name of the two, and the log prior
    of both; -1 and -inf where there is none."""
    part, best = -1, -np.inf
    pair, rest = np.empty(2, np.int64), np.empty(2, np.int64)
    for partner in range(1, 4):
        pair[0], pair[1] = 0, partner
        n = 0
        for i in range(1, 4):
            if i != partner:
                rest[n] = i
                n += 1
        one, other = pattern(legs[pair], q[pair], 2), pattern(legs[rest], q[rest], 2)
        if CUSTOM in (one, other) or prior[one] + prior[other] <= best:
            continue
        part, best = one if prior[one] >= prior[other] else other, prior[one] + prior[other]
    return part, best
