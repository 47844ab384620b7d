"""Clustered arrivals: a Hawkes process drawn as a branching tree, generation by generation."""

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints, SessionClock
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

BRANCHING = 0.6
"""Mean children per order (HBB2013: near-critical; 0.6 to 0.8 SEED)."""

_KERNEL_SECONDS = np.array([0.002, 0.2, 30.0])
_KERNEL_WEIGHTS = np.array([0.06, 0.22, 0.72])
_GENERATIONS = 12


def clustered(rng: np.random.Generator, clock: SessionClock, target: int, branching: float = BRANCHING) -> tuple[Ints, Ints]:
    """Return (ts, parent) of about `target` arrivals: UTC ns inside the session, row of the parent or -1; parents come first."""
    ts = clock.busy_times(rng.random(max(int(rng.poisson(target * (1.0 - branching))), 1)))
    times, parents = [ts], [np.full(len(ts), -1, dtype=np.int64)]
    first = 0
    for _ in range(_GENERATIONS):
        children = rng.poisson(branching, len(times[-1]))
        rows = first + np.repeat(np.arange(len(times[-1])), children)
        delay = rng.exponential(_KERNEL_SECONDS[rng.choice(3, len(rows), p=_KERNEL_WEIGHTS)])
        born = np.repeat(times[-1], children) + (delay * NS_PER_SECOND).astype(np.int64) + 1_000
        first += len(times[-1])
        keep = born < clock.last_ns - 1_000
        times.append(born[keep])
        parents.append(rows[keep])
    return np.concatenate(times), np.concatenate(parents)


def inherit(rng: np.random.Generator, own: np.ndarray, parent: Ints, share: float) -> np.ndarray:
    """Return `own` with a `share` of children replaced by their parent's value, generation after generation."""
    values = own.copy()
    taken = (parent >= 0) & (rng.random(len(own)) < share)
    for _ in range(_GENERATIONS):
        values[taken] = values[parent[taken]]
    return values
