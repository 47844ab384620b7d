"""Intervals by resampling whole blocks (a session of one seed): cases of one block share their market and are not independent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 500
LEVEL = 0.90
MIN_BLOCKS = 2


def block_counts(blocks: int, seed: int = 0, draws: int = DRAWS) -> Ints:
    """Return how often each block is in each draw, [draws, blocks]; each draw has as many blocks as there are."""
    generator = np.random.Generator(np.random.Philox(seed))
    picked = generator.integers(blocks, size=(draws, blocks))
    return np.stack([np.bincount(row, minlength=blocks) for row in picked])


def ratio_interval(top: Floats, bottom: Floats, block: Ints, blocks: int, seed: int = 0) -> tuple[float | None, float | None]:
    """Return the 90 % interval of sum(top) / sum(bottom) over cases [n] in blocks; nulls with fewer than two blocks that hold cases."""
    sums = [np.bincount(block, weights=values, minlength=blocks) for values in (top, bottom)]
    if np.count_nonzero(sums[1]) < MIN_BLOCKS:
        return None, None
    counts = block_counts(blocks, seed)
    above, below = counts @ sums[0], counts @ sums[1]
    return _ends(above[below > 0] / below[below > 0])


def statistic_interval(
    statistic: Callable[[Ints], float | None], block: Ints, seed: int = 0, draws: int = DRAWS
) -> tuple[float | None, float | None]:
    """Return the 90 % interval of a figure that takes row numbers, repeated as their block is drawn."""

    def alone(rows: Ints) -> Floats:
        value = statistic(rows)
        return np.array([np.nan if value is None else value])

    return statistic_intervals(alone, 1, block, seed, draws)[0]


def statistic_intervals(
    statistic: Callable[[Ints], Floats], size: int, block: Ints, seed: int = 0, draws: int = DRAWS
) -> list[tuple[float | None, float | None]]:
    """Return the 90 % intervals of `size` figures, [size] with NaN unknown, that take row numbers, repeated as their block is drawn."""
    present = np.unique(block)
    if len(present) < MIN_BLOCKS:
        return [(None, None)] * size
    rows = [np.flatnonzero(block == name) for name in present]
    values = np.full((draws, size), np.nan)
    for draw, count in enumerate(block_counts(len(present), seed, draws)):
        taken = np.concatenate([np.tile(part, times) for part, times in zip(rows, count, strict=True) if times])
        values[draw] = statistic(taken)
    return [_ends(column[np.isfinite(column)]) for column in values.T]


def _ends(values: Floats) -> tuple[float | None, float | None]:
    if not len(values):
        return None, None
    tail = (1.0 - LEVEL) / 2.0
    return float(np.quantile(values, tail)), float(np.quantile(values, 1.0 - tail))
