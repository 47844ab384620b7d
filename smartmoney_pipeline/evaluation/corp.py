"""CORP reliability diagrams: isotonic recalibration by pooling adjacent violators, and the split of the Brier score that goes with it.

Source: Dimitriadis, Gneiting, Jordan, Stable reliability diagrams for probabilistic classifiers, PNAS 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GROUPS = 1_000
"""Most groups of neighbouring probabilities that a consistency band is drawn for."""


@dataclass(frozen=True)
class Reliability:
    """Steps of one diagram: [blocks] lowest and highest stated probability, recalibrated frequency and cases of each.

    Brier score of one class = miscalibration - discrimination + uncertainty.
    """

    low: Floats
    high: Floats
    frequency: Floats
    cases: Floats
    miscalibration: float
    discrimination: float
    uncertainty: float


def pool_adjacent(values: Floats, weights: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return the rising step function closest to `values` in weighted least squares: level of each block, and its first row."""
    level: list[float] = []
    mass: list[float] = []
    first: list[int] = []
    for row, (value, weight) in enumerate(zip(values.tolist(), weights.tolist(), strict=True)):
        level.append(value)
        mass.append(weight)
        first.append(row)
        while len(level) > 1 and level[-2] >= level[-1]:
            total = mass[-2] + mass[-1]
            level[-2:] = [(level[-2] * mass[-2] + level[-1] * mass[-1]) / total]
            mass[-2:] = [total]
            first.pop()
    return np.array(level), np.array(first, dtype=np.int64)


def reliability(stated: Floats, happened: Floats) -> Reliability | None:
    """Return the diagram of probabilities [n] against outcomes [n] of 0 and 1; None without cases."""
    if not len(stated):
        return None
    unique, where = np.unique(stated, return_inverse=True)
    cases = np.bincount(where).astype(np.float64)
    share = np.bincount(where, weights=happened) / cases
    level, first = pool_adjacent(share, cases)
    last = np.append(first[1:], len(unique)) - 1
    recalibrated = np.repeat(level, np.diff([*first, len(unique)]))[where]
    base = float(happened.mean())
    score = float(((stated - happened) ** 2).mean())
    sharpest = float(((recalibrated - happened) ** 2).mean())
    uncertainty = base * (1.0 - base)
    sizes = np.add.reduceat(cases, first)
    return Reliability(unique[first], unique[last], level, sizes, score - sharpest, uncertainty - sharpest, uncertainty)


def consistency_band(stated: Floats, grid: Floats, seed: int = 0, draws: int = 100, level: float = 0.90) -> tuple[Floats, Floats]:
    """Return the band, [grid] each, in which the diagram of a calibrated forecast with these probabilities lies at each point of `grid`.

    Probabilities next to each other are drawn as one group, `GROUPS` groups at most.
    """
    groups = np.array_split(np.sort(stated), min(GROUPS, len(stated)))
    means, sizes = np.array([group.mean() for group in groups]), np.array([len(group) for group in groups])
    generator = np.random.Generator(np.random.Philox(seed))
    curves = np.empty((draws, len(grid)))
    for draw in range(draws):
        level_of, first = pool_adjacent(generator.binomial(sizes, means) / sizes, sizes.astype(np.float64))
        last = np.append(first[1:], len(means)) - 1
        curves[draw] = np.interp(grid, np.column_stack([means[first], means[last]]).ravel(), np.repeat(level_of, 2))
    tail = (1.0 - level) / 2.0
    return np.quantile(curves, tail, axis=0), np.quantile(curves, 1.0 - tail, axis=0)


def at(diagram: Reliability, grid: Floats) -> Floats:
    """Return the recalibrated frequency at each point, straight between blocks."""
    x = np.column_stack([diagram.low, diagram.high]).ravel()
    y = np.repeat(diagram.frequency, 2)
    return np.interp(grid, x, y)
