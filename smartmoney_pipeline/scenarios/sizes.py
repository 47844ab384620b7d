"""Trade sizes: a rounded lognormal with mass at the lot sizes that people type."""

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints

_LOTS = np.array([1, 2, 5, 10, 20, 50, 100])
_LOT_WEIGHTS = np.array([0.36, 0.14, 0.15, 0.18, 0.08, 0.05, 0.04])
_TYPED_SHARE = 0.55
_LOG_MEDIAN = np.log(3.6)
_LOG_SPREAD = 1.68


def trade_sizes(rng: np.random.Generator, count: int, scale: float = 1.0) -> Ints:
    """Return order sizes in contracts.

    Median about 3, 95th percentile about 40 at scale 1 (BILZ-THESIS: median 3, p75 10, p95 38, p99 131), round lots over-weighted
    (SEED); `scale` moves the level.
    """
    typed = rng.choice(_LOTS, count, p=_LOT_WEIGHTS)
    free = np.exp(_LOG_MEDIAN + _LOG_SPREAD * rng.standard_normal(count))
    raw = np.where(rng.random(count) < _TYPED_SHARE, typed, free) * scale
    return np.clip(np.rint(raw), 1, 3_000).astype(np.int64)


def block_sizes(rng: np.random.Generator, count: int, median: float, spread: float) -> Ints:
    """Return large sizes (lognormal, USD-free), rounded to tens above 50 contracts."""
    raw = median * np.exp(spread * rng.standard_normal(count))
    rounded = np.where(raw >= 50, np.rint(raw / 10) * 10, np.rint(raw))
    return np.clip(rounded, 1, 20_000).astype(np.int64)
