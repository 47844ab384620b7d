"""Signs of packages with more legs than the catalogue names, five to sixteen. Belongs here: the search; one package's reading does not.

Every choice of signs with the first leg bought is scored: the support of the legs' places in their own quotes, less a little for the
distance of the net price from the package mid, more for each right whose legs cancel out, as in every spread of the catalogue. A net
price outside the package's quote, widened by a tick, is no reading. The search is complete: two tables over half of the legs each are
added up, so a choice costs a few additions, 2^15 of them at sixteen legs.
"""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.package_price_kernel import ASK, BID, PREMIUM, leg_place
from smartmoney_pipeline.parent_events.patterns_kernel import CALL, SIZE

OFFSET, SUPPORT, CALLS, PUTS = range(4)
SUMS = 4


@njit(cache=True, nogil=True)
def _weights(legs: I64, ratio: I64, n: int) -> F8:
    """float64[n, SUMS]: what each leg adds if bought: ticks off the mid a unit, place in its quote, calls, puts."""
    weights = np.zeros((n, SUMS))
    for i in range(n):
        mid = 0.5 * (legs[i, BID] + legs[i, ASK])
        weights[i, OFFSET] = ratio[i] * (legs[i, PREMIUM] / legs[i, SIZE] - mid)
        weights[i, SUPPORT] = leg_place(legs, i)
        weights[i, CALLS if legs[i, CALL] == 1 else PUTS] = ratio[i]
    return weights


@njit(cache=True, nogil=True)
def _table(weights: F8, begin: int, end: int) -> F8:
    """Sums of the legs from `begin` to `end` for each choice of the sold ones, bit 0 the first of them."""
    table = np.zeros((1 << (end - begin), SUMS))
    for mask in range(len(table)):
        for i in range(begin, end):
            side = -1.0 if (mask >> (i - begin)) & 1 else 1.0
            for k in range(SUMS):
                table[mask, k] += side * weights[i, k]
    return table


@njit(cache=True, nogil=True)
def _cancelling(legs: I64, n: int) -> tuple[int, int]:
    """Whether the calls, and the puts, are at least two legs that could cancel out."""
    calls = 0
    for i in range(n):
        calls += legs[i, CALL]
    return int(calls >= 2), int(n - calls >= 2)


@njit(cache=True, nogil=True)
def search_signs(
    legs: I64, ratio: I64, n: int, half: float, tick: int, leg_evidence: float, tightness: float, cancels: float
) -> tuple[int, float, float]:  # fmt: skip
    """Best choice of signs of `n` quoted legs and its score and the next best one's, nats.

    The choice is a mask as `set_signs` reads it, -1 where no net price lies inside the package's quote, widened by `tick`.
    """
    weights = _weights(legs, ratio, n)
    cut = 1 + (n - 1) // 2
    low, high = _table(weights, 1, cut), _table(weights, cut, n)
    calls, puts = _cancelling(legs, n)
    found, best, second = -1, -np.inf, -np.inf
    for b in range(len(high)):
        offset_b, support_b = weights[0, OFFSET] + high[b, OFFSET], weights[0, SUPPORT] + high[b, SUPPORT]
        calls_b, puts_b = weights[0, CALLS] + high[b, CALLS], weights[0, PUTS] + high[b, PUTS]
        for a in range(len(low)):
            offset = offset_b + low[a, OFFSET]
            if abs(offset) > half + tick:
                continue
            support = support_b + low[a, SUPPORT]
            oriented = abs(support) if offset == 0.0 else math.copysign(support, support * offset)
            score = leg_evidence * oriented - tightness * abs(offset) / half
            score += cancels * (calls * (calls_b + low[a, CALLS] == 0.0) + puts * (puts_b + low[a, PUTS] == 0.0))
            if score > best:
                found, best, second = (b << (cut - 1)) | a, score, best
            elif score > second:
                second = score
    return found, best, second
