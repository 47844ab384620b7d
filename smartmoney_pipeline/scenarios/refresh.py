"""When quotes change: times that all contracts of one expiry share, driven by the spot, times of a contract's own, and answers to flow."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.scenarios.clock import Floats, Ints, SessionClock
from smartmoney_pipeline.scenarios.impulses import Impulse
from smartmoney_pipeline.scenarios.paths import STEP_NS, Path
from smartmoney_pipeline.scenarios.venues import venues_at
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND

_OPENING_NS = 3 * NS_PER_SECOND
_SIZE_CHANGE_SHARE = 0.3
_MOVED_SHARE = 0.5
_LARGEST_STEP = 30.0
"""Share of shared times that come with moves of the spot, and the most that one step counts, in mean squared moves (SEED)."""


@dataclass(frozen=True)
class QuoteTimes:
    """Times of one contract's rows, UTC ns: `ts` when a row comes, `as_of` when spot and volatility were last looked at."""

    ts: Ints
    as_of: Ints


@dataclass(frozen=True)
class QuoteNoise:
    """Draws per row: standard normals for spread and level, (2, n) normals for sizes and venue letters, a uniform (1 = none)."""

    spread: Floats
    lean: Floats
    sizes: Floats
    venues: Ints
    odd: Floats


def shared_times(rng: np.random.Generator, clock: SessionClock, path: Path, count: int, last_ns: int) -> Ints:
    """Return about `count` sorted times at which every contract of an expiry is quoted anew: half by the clock, half as the spot moves.

    They come from the undisturbed path, so that no one's orders move them; the first is within 20 ms of the open.
    """
    squared = np.diff(path.log_spot) ** 2
    squared = np.minimum(squared, _LARGEST_STEP * squared.mean()) * (path.ts[1:] <= last_ns)
    by_move = np.concatenate([[0.0], np.cumsum(squared)])
    many = int(rng.poisson(count))
    steps = np.searchsorted(by_move, rng.random(many) * by_move[-1], side="right") - 1
    moved = path.ts[steps] + STEP_NS + (rng.random(many) * 0.3 * STEP_NS).astype(np.int64)
    timed = clock.busy_times(rng.random(many))
    first = clock.open_ns + rng.integers(1 * NS_PER_MS, 20 * NS_PER_MS, 1)
    opening = clock.open_ns + rng.integers(20 * NS_PER_MS, _OPENING_NS, 3)
    ts = np.unique(np.concatenate([first, opening, np.where(rng.random(many) < _MOVED_SHARE, moved, timed)]))
    return ts[(ts >= first[0]) & (ts < last_ns)]


def base_times(rng: np.random.Generator, clock: SessionClock, shared: Ints, own: int) -> QuoteTimes:
    """Return the rows of one contract: the shared times and about `own` more, at which sizes and views change but not the spot."""
    extra = clock.busy_times(rng.random(int(rng.poisson(own))))
    ts = np.union1d(shared, extra[(extra > shared[0]) & (extra <= shared[-1])])
    return QuoteTimes(ts, last_shared(shared, ts))


def last_shared(shared: Ints, ts: Ints) -> Ints:
    """Return the last shared time at or before each time; the first where there is none."""
    return shared[np.maximum(np.searchsorted(shared, ts, side="right") - 1, 0)]


def draw_noise(rng: np.random.Generator, count: int) -> QuoteNoise:
    """Return the draws of `count` rows of one contract."""
    held = np.stack([_held(rng, count), _held(rng, count)])
    sizes = np.take_along_axis(rng.standard_normal((2, count)), held, axis=1)
    venues = np.take_along_axis(venues_at(rng.random((2, count))), held, axis=1)
    return QuoteNoise(_steps(rng, count, 25), _steps(rng, count, 8), sizes, venues, rng.random(count))


def with_answers(base: QuoteTimes, noise: QuoteNoise, shared: Ints, extra: Ints) -> tuple[QuoteTimes, QuoteNoise]:
    """Add rows at `extra` times with the spot of that moment and the draws of the row before: answers to flow change no draw."""
    extra = np.setdiff1d(extra[(extra > base.ts[0])], base.ts)
    ts = np.concatenate([base.ts, extra])
    order = np.argsort(ts, kind="stable")
    row = np.concatenate([np.arange(len(base.ts)), np.searchsorted(base.ts, extra) - 1])[order]
    odd = np.where(order < len(base.ts), noise.odd[row], 1.0)
    ts = ts[order]
    as_of = np.where(order < len(base.ts), last_shared(shared, ts), ts)
    mixed = QuoteNoise(noise.spread[row], noise.lean[row], noise.sizes[:, row], noise.venues[:, row], odd)
    return QuoteTimes(ts, as_of), mixed


def join_noise(parts: list[QuoteNoise]) -> QuoteNoise:
    """Return the draws of many contracts, one after the other."""
    return QuoteNoise(
        np.concatenate([p.spread for p in parts]),
        np.concatenate([p.lean for p in parts]),
        np.concatenate([p.sizes for p in parts], axis=1),
        np.concatenate([p.venues for p in parts], axis=1),
        np.concatenate([p.odd for p in parts]),
    )


def answer_times(impulse: Impulse) -> Ints:
    """Return when a contract that feels an impulse is quoted anew: during it, soon after it, and while it fades; no draws."""
    length = impulse.end - impulse.start
    during = (np.arange(10) + 0.5) / 10.0 * max(length, 1)
    after = length + 0.5 * impulse.half_life_s * NS_PER_SECOND * np.array([0.1, 0.3, 0.6, 1.0, 1.6, 2.6])
    soon = np.array([17.0, 83.0]) * NS_PER_MS
    # Low digits differ from one impulse to the next, as those of all times do.
    return impulse.start + np.concatenate([during, after, soon]).astype(np.int64) + impulse.start % 977


def echo_times(ts: Ints) -> Ints:
    """Return when a contract is quoted anew around orders at `ts`: just before them, some milliseconds and some seconds after.

    Who quotes looks again when someone comes to trade; how far apart follows from the time's own digits, without a draw.
    """
    jitter = (np.asarray(ts, dtype=np.int64) * 2_654_435_761) % 1_000_003 / 1_000_003.0
    before = ts - ((100.0 + 150.0 * jitter) * NS_PER_MS).astype(np.int64)
    soon = ts + ((5.0 + 140.0 * jitter) * NS_PER_MS).astype(np.int64)
    later = ts + ((1.2 + 3.4 * jitter) * NS_PER_SECOND).astype(np.int64)
    return np.concatenate([before, soon, later])


def _steps(rng: np.random.Generator, count: int, length: int) -> Floats:
    # Quoters keep a view for a while: noise in steps, not fresh at every update.
    return np.repeat(rng.standard_normal(count // length + 2), length)[int(rng.integers(0, length)) :][:count]


def _held(rng: np.random.Generator, count: int) -> Ints:
    fresh = rng.random(count) < _SIZE_CHANGE_SHARE
    fresh[:1] = True
    return np.maximum.accumulate(np.where(fresh, np.arange(count), 0))
