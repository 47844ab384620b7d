"""Spot and volatility paths of one session on a grid of a quarter of a second."""

from dataclasses import dataclass, replace

import numpy as np

from smartmoney_pipeline.calendar.sessions import LATE_CLOSE_NS
from smartmoney_pipeline.scenarios.clock import INTRADAY_SHARE, SESSIONS_PER_YEAR, Floats, Ints, SessionClock, variance_passed
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.underlyings import Underlying
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

STEP_NS = NS_PER_SECOND // 4
MARKET = "MARKET"
MARKET_DAILY_VOL = 0.0085
"""Daily standard deviation of the common factor (SEED)."""

_JUMP_STEPS = 6
_LATE_VARIANCE = 0.012
"""Variance of the quarter of an hour after the close, as a share of the session's (SEED)."""

_VOL_HALF_LIFE_DAYS = 8.0


@dataclass(frozen=True)
class Jumps:
    """Abrupt moves: start (UTC ns) and log size of each, spread over a second and a half."""

    ts: Ints
    size: Floats


@dataclass(frozen=True)
class Path:
    """One underlying's session: grid times (UTC ns), log spot, log shift of volatility that is not the spot's doing; its jumps."""

    ts: Ints
    log_spot: Floats
    log_vol: Floats
    jumps: Jumps

    def spot(self, ts: Ints) -> Floats:
        """Return spot in USD at any times of the session."""
        return np.exp(np.interp(ts, self.ts, self.log_spot))

    def vol_shift(self, ts: Ints) -> Floats:
        """Return the part of ln(at-the-money volatility / its base level) that does not come from the spot."""
        return np.interp(ts, self.ts, self.log_vol)

    def moved(self, ts: Ints) -> Floats:
        """Return the log move of the spot since the open."""
        return np.interp(ts, self.ts, self.log_spot - self.log_spot[0])

    def pushed(self, log_moves: Floats) -> "Path":
        """Return the path with a log move added at every grid time."""
        return replace(self, log_spot=self.log_spot + log_moves)


@dataclass(frozen=True)
class MarketPath:
    """The common factor: standard normal steps, its overnight move in standard deviations, and jumps that every underlying takes."""

    steps: Floats
    gap: float
    jumps: Jumps


def grid(clock: SessionClock) -> Ints:
    """Return the grid times of a session, from the open to the last close of any option."""
    return np.arange(clock.open_ns, clock.close_ns + LATE_CLOSE_NS + STEP_NS, STEP_NS, dtype=np.int64)


def step_deviations(clock: SessionClock, ts: Ints) -> Floats:
    """Return the standard deviation of each step between grid times, in units of a full day's: U-shaped, and quiet after the close."""
    late = np.clip((ts - clock.close_ns) / LATE_CLOSE_NS, 0.0, 1.0)
    return np.sqrt(np.diff(variance_passed(clock.fraction(ts)) + _LATE_VARIANCE * late) * INTRADAY_SHARE)


def market_path(key: StreamKey, clock: SessionClock, jumps: tuple[int, int]) -> MarketPath:
    """Return the common factor of the session with between jumps[0] and jumps[1] abrupt moves."""
    steps = key.stream(MARKET, "path").standard_normal(len(grid(clock)) - 1)
    gap = float(key.stream(MARKET, "overnight").standard_normal())
    return MarketPath(steps, gap, _draw_jumps(key.stream(MARKET, "jumps"), clock, jumps, MARKET_DAILY_VOL))


def _draw_jumps(rng: np.random.Generator, clock: SessionClock, count: tuple[int, int], daily_vol: float) -> Jumps:
    n = int(rng.integers(count[0], count[1] + 1))
    places = (np.arange(n) + rng.uniform(0.25, 0.75, n)) / max(n, 1)
    size = rng.choice([-1.0, 1.0], n) * rng.uniform(0.18, 0.55, n) * daily_vol
    return Jumps(clock.at(0.06 + 0.88 * places), size)


def simulate(key: StreamKey, ticker: str, terms: Underlying, clock: SessionClock, market: MarketPath, own_jumps: tuple[int, int]) -> Path:
    """Return the path of one underlying: an overnight gap from the last close (the file's spot), common factor, own noise, jumps."""
    ts = grid(clock)
    scale = step_deviations(clock, ts)
    common, own_daily = terms.beta * MARKET_DAILY_VOL, _own_daily_vol(terms)
    own_steps = key.stream(ticker, "path").standard_normal(len(ts) - 1)
    returns = scale * (common * market.steps + own_daily * own_steps)
    own = _draw_jumps(key.stream(ticker, "jumps"), clock, own_jumps, own_daily)
    jumps = _merge(Jumps(market.jumps.ts, terms.beta * market.jumps.size), own)
    _add_jumps(returns, jumps, clock)
    gap = common * market.gap + own_daily * key.stream(ticker, "overnight").standard_normal()
    start = np.log(terms.spot) + np.sqrt(1.0 - INTRADAY_SHARE) * gap
    return Path(ts, start + np.concatenate([[0.0], np.cumsum(returns)]), _vol_path(key, ticker, terms, scale), jumps)


def _own_daily_vol(terms: Underlying) -> float:
    realised = terms.surface.short_vol * terms.surface.realised_to_implied / np.sqrt(SESSIONS_PER_YEAR)
    return float(realised * terms.own_vol_share)


def _merge(first: Jumps, second: Jumps) -> Jumps:
    ts, size = np.concatenate([first.ts, second.ts]), np.concatenate([first.size, second.size])
    order = np.argsort(ts, kind="stable")
    return Jumps(ts[order], size[order])


def _add_jumps(returns: Floats, jumps: Jumps, clock: SessionClock) -> None:
    first = (jumps.ts - clock.open_ns) // STEP_NS
    weights = np.exp(-np.arange(_JUMP_STEPS) / 1.5)
    for offset, weight in enumerate(weights / weights.sum()):
        np.add.at(returns, np.minimum(first + offset, len(returns) - 1), weight * jumps.size)


def _vol_path(key: StreamKey, ticker: str, terms: Underlying, scale: Floats) -> Floats:
    # Ornstein-Uhlenbeck in ln volatility: exp(-k t) times the integral of exp(k s) dW, exact while k is small over a day.
    vol, rng = terms.surface.daily_vol_of_vol, key.stream(ticker, "volatility")
    days = np.concatenate([[0.0], np.cumsum(scale**2)])
    pull = np.exp(np.log(2.0) / _VOL_HALF_LIFE_DAYS * days)
    shocks = np.concatenate([[0.0], np.cumsum(pull[1:] * vol * scale * rng.standard_normal(len(scale)))])
    start = 0.5 * vol * rng.standard_normal()
    return (start + shocks) / pull
