"""The random numbers of executions, drawn per order before anything is known of the market, so that no order's depend on another's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.scenarios.clock import Floats

MAX_FILLS = 9


@dataclass(frozen=True)
class Draws:
    """Uniforms per order, (n, 12); per fill, (n, MAX_FILLS, 7); normals per fill, (n, MAX_FILLS)."""

    order: Floats
    fill: Floats
    normal: Floats

    def of(self, rows: np.ndarray) -> Draws:
        """Return the draws of some orders (numbers or a mask)."""
        return Draws(self.order[rows], self.fill[rows], self.normal[rows])


def draw(rng: np.random.Generator, count: int) -> Draws:
    """Return the draws of `count` orders."""
    return Draws(rng.random((count, 12)), rng.random((count, MAX_FILLS, 7)), rng.standard_normal((count, MAX_FILLS)))


def exponential(uniform: Floats) -> Floats:
    """Return standard exponentials from uniforms."""
    return np.asarray(-np.log1p(-uniform), dtype=np.float64)
