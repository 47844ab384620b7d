"""Order splitting: customers who work a large order in many small ones, of lengths with a power law, so that signs remember."""

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints

LENGTH_TAIL = 1.5
"""P(length > n) falls as n^-1.5, which makes the autocorrelation of signs fall as lag^-0.5 (LMF2005)."""

_LONGEST = 3_000


def metaorder_numbers(rng: np.random.Generator, count: int, at_once: int, share: float, tail: float = LENGTH_TAIL) -> Ints:
    """Return per order, in time order, the number of the metaorder that it is a piece of, or -1.

    `at_once` metaorders are worked at a time; each of their pieces falls to one of them by chance, and a finished one gives way to a
    new one. `share` of the orders are pieces. Numbers count from 0 without gaps.
    """
    worker = np.where(rng.random(count) < share, rng.integers(0, max(at_once, 1), count), -1)
    lengths = np.minimum(np.ceil(rng.random(count) ** (-1.0 / tail)), _LONGEST).astype(np.int64)
    number = np.full(count, -1, dtype=np.int64)
    first = 0
    for one in range(max(at_once, 1)):
        mine = np.flatnonzero(worker == one)
        if len(mine):
            ends = np.cumsum(lengths[first : first + len(mine)])
            number[mine] = first + np.searchsorted(ends, np.arange(len(mine)), side="right")
            first += len(mine)
    used = number >= 0
    number[used] = np.unique(number[used], return_inverse=True)[1]
    return number
