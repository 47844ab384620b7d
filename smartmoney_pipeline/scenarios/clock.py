"""The time of one session: fractions of the day, the U-shapes of activity and variance, and time left to an expiry."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.sessions import is_session, option_close_ns, session_bounds
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SESSIONS_PER_YEAR = 252.0
NS_PER_YEAR = 365.0 * 86_400 * NS_PER_SECOND
INTRADAY_SHARE = 0.75
"""Share of a day's variance that falls between open and close; 20 to 30 % falls overnight (AB1997)."""

_LATE_ACTIVITY = 0.013
"""Share of the activity of late-closing options that falls after the stock market's close (SEED)."""

_GRID = np.linspace(0.0, 1.0, 2_001)


def _shape(open_lift: float, close_lift: float, width: float) -> Floats:
    rate = 1.0 + open_lift * np.exp(-_GRID / width) + close_lift * np.exp(-(1.0 - _GRID) / width)
    cumulated = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]))])
    return cumulated / cumulated[-1]


# Variance of the first and last half hour about 2.5 and 1.5 times midday's (AB1997); activity likewise (SEED).
_VARIANCE = _shape(2.9, 1.0, 0.06)
_ACTIVITY = _shape(2.2, 1.6, 0.07)


@dataclass(frozen=True, slots=True)
class SessionClock:
    """Open and close of one session, UTC nanoseconds; `late_ns` is how much longer the options of one underlying trade."""

    session: date
    open_ns: int
    close_ns: int
    late_ns: int = 0

    @property
    def last_ns(self) -> int:
        """When the options of the underlying stop trading, UTC ns."""
        return self.close_ns + self.late_ns

    def of_underlying(self, ticker: str) -> "SessionClock":
        """Return the clock with the option close of one underlying."""
        return replace(self, late_ns=int(option_close_ns(session_bounds(self.session), ticker)) - self.close_ns)

    @property
    def seconds(self) -> float:
        """Length of the session in seconds."""
        return (self.close_ns - self.open_ns) / NS_PER_SECOND

    def fraction(self, ts: Any) -> Floats:
        """Return the share of the session that has passed at `ts` (UTC ns), clipped to 0..1."""
        elapsed = np.asarray(ts, dtype=np.int64) - self.open_ns
        return np.clip(elapsed / float(self.close_ns - self.open_ns), 0.0, 1.0)

    def at(self, fraction: Any) -> Ints:
        """Return UTC ns of a session fraction, kept at least a microsecond inside the session."""
        # Added as integers: near 2e18 doubles are 256 ns apart, and low digits must not tell who made a time.
        passed = np.asarray(fraction, dtype=np.float64) * (self.close_ns - self.open_ns)
        return np.clip(self.open_ns + passed.astype(np.int64), self.open_ns + 1_000, self.close_ns - 1_000)

    def busy_times(self, uniforms: Floats) -> Ints:
        """Map uniforms in 0..1 to UTC ns with the day's U-shaped activity, and a little of it after the close where options trade on."""
        late_share = _LATE_ACTIVITY if self.late_ns else 0.0
        inside = self.at(np.interp(uniforms / (1.0 - late_share), _ACTIVITY, _GRID))
        after = np.maximum(uniforms - (1.0 - late_share), 0.0) / max(late_share, 1e-9)
        late = self.close_ns + 1_000 + (after * (self.late_ns - 2_000)).astype(np.int64)
        return np.where(uniforms < 1.0 - late_share, inside, late)


def variance_passed(fraction: Any) -> Floats:
    """Return the share of the session's variance that lies before a session fraction, 0..1."""
    return np.interp(np.asarray(fraction, dtype=np.float64), _GRID, _VARIANCE)


def variance_years(clock: SessionClock, ts: Any, sessions_after: Any, am_settled: Any) -> Floats:
    """Return time to settlement in years of variance: what is left of today plus whole sessions, 252 a year.

    An AM-settled contract misses the trading hours of its last day. Never below half a minute of variance.
    """
    today = INTRADAY_SHARE * (1.0 - variance_passed(clock.fraction(ts)))
    later = np.asarray(sessions_after, dtype=np.float64) - INTRADAY_SHARE * np.asarray(am_settled, dtype=np.float64)
    floor = INTRADAY_SHARE * 30.0 / clock.seconds
    return np.maximum(today + later, floor) / SESSIONS_PER_YEAR


def open_clock(session: date) -> SessionClock:
    """Return the clock of `session`. Raises `ScenarioError` where the exchange is closed."""
    if not is_session(session):
        raise ScenarioError(f"{session.isoformat()} is not an exchange session")
    bounds = session_bounds(session)
    return SessionClock(session, int(bounds.open_ns), int(bounds.close_ns))
