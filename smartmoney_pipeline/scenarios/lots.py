"""Round numbers: customers of every kind type some of their sizes, so that no low digit of a size tells who sent it."""

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints

_FROM = np.array([1, 3, 4, 8, 15, 46])
"""Smallest size of each range, contracts."""
_SHARE = np.array([0.0, 0.45, 0.15, 0.45, 0.32, 0.6])
"""Share of sizes of each range that are typed, as in background flow (SEED)."""
_LOT = np.array([1, 2, 5, 10, 0, 0])
"""What is typed instead; 0 stands for the nearest ten."""


def each_as_typed(rng: np.random.Generator, size: Ints) -> Ints:
    """Return sizes of which a share became the round number nearby, each by itself; none falls below 1."""
    range_ = np.searchsorted(_FROM, size, side="right") - 1
    ten = np.maximum(10 * np.rint(size / 10.0).astype(np.int64), 10)
    typed = rng.random(len(size)) < _SHARE[range_]
    return np.where(typed, np.where(_LOT[range_] > 0, _LOT[range_], ten), size)


def as_typed(rng: np.random.Generator, size: Ints) -> Ints:
    """Return sizes of which a share became the round number nearby; equal sizes stay equal."""
    values, place = np.unique(size, return_inverse=True)
    return each_as_typed(rng, values)[place]
