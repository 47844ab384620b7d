"""The random part of one contract's quotes: when they change, and the noise in spread, level, size and venue."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.scenarios.clock import Floats, Ints, SessionClock
from smartmoney_pipeline.scenarios.impulses import Impulse
from smartmoney_pipeline.scenarios.venues import draw_venues
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND

_OPENING_NS = 3 * NS_PER_SECOND
_SIZE_CHANGE_SHARE = 0.3


@dataclass(frozen=True)
class QuoteNoise:
    """Draws per update: UTC ns, standard normals for spread and level, (2, n) normals for sizes and venue letters, a uniform."""

    ts: Ints
    spread: Floats
    lean: Floats
    sizes: Floats
    venues: Ints
    odd: Floats


def draw_noise(rng: np.random.Generator, clock: SessionClock, updates: int, impulses: list[Impulse]) -> QuoteNoise:
    """Return the draws of one contract at about `updates` times, more of them around the impulses that it feels."""
    ts = _update_times(rng, clock, updates, impulses)
    count = len(ts)
    held = np.stack([_held(rng, count), _held(rng, count)])
    sizes = np.take_along_axis(rng.standard_normal((2, count)), held, axis=1)
    venues = np.take_along_axis(draw_venues(rng, 2 * count).reshape(2, count), held, axis=1)
    return QuoteNoise(ts, _steps(rng, count, 25), _steps(rng, count, 8), sizes, venues, rng.random(count))


def join_noise(parts: list[QuoteNoise]) -> QuoteNoise:
    """Return the draws of many contracts, one after the other."""
    return QuoteNoise(
        np.concatenate([p.ts for p in parts]),
        np.concatenate([p.spread for p in parts]),
        np.concatenate([p.lean for p in parts]),
        np.concatenate([p.sizes for p in parts], axis=1),
        np.concatenate([p.venues for p in parts], axis=1),
        np.concatenate([p.odd for p in parts]),
    )


def _update_times(rng: np.random.Generator, clock: SessionClock, updates: int, impulses: list[Impulse]) -> Ints:
    base = clock.busy_times(rng.random(int(rng.poisson(updates))))
    first = clock.open_ns + rng.integers(1 * NS_PER_MS, 20 * NS_PER_MS, 1)
    opening = clock.open_ns + rng.integers(20 * NS_PER_MS, _OPENING_NS, 3)
    reactions = [_reaction_times(rng, impulse) for impulse in impulses]
    ts = np.unique(np.concatenate([first, opening, base, *reactions]))
    return ts[(ts > clock.open_ns) & (ts < clock.close_ns)]


def _reaction_times(rng: np.random.Generator, impulse: Impulse) -> Ints:
    length = impulse.end - impulse.start
    during = rng.random(10) * max(length, 1)
    after = length + rng.exponential(0.5 * impulse.half_life_s * NS_PER_SECOND, 6)
    soon = rng.uniform(5.0, 150.0, 2) * NS_PER_MS
    return impulse.start + np.concatenate([during, after, soon]).astype(np.int64)


def _steps(rng: np.random.Generator, count: int, length: int) -> Floats:
    # Quoters keep a view for a while: noise in steps, not fresh at every update.
    return np.repeat(rng.standard_normal(count // length + 2), length)[int(rng.integers(0, length)) :][:count]


def _held(rng: np.random.Generator, count: int) -> Ints:
    fresh = rng.random(count) < _SIZE_CHANGE_SHARE
    fresh[:1] = True
    return np.maximum.accumulate(np.where(fresh, np.arange(count), 0))
