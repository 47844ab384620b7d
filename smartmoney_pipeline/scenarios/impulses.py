"""How the market answers flow: rises of volatility and spreads around an event, that grow with it and fade after it."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

_STRIKE_WIDTH = 0.06


@dataclass(frozen=True, slots=True)
class Impulse:
    """One answer of the market.

    `log_vol` is the rise in ln volatility at the end of the event and `spread` the factor on quoted spreads; both grow linearly over
    the event and then fade with `half_life_s` to `kept` of the rise. `expiry_index` -1 and `log_strike` nan mean all contracts.
    """

    start: int
    end: int
    log_vol: float
    spread: float
    half_life_s: float
    kept: float
    expiry_index: int = -1
    log_strike: float = float("nan")

    def shape(self, ts: Ints) -> Floats:
        """Return the time profile: 0 before, rising to 1 at the end, then fading to `kept`."""
        rise = np.clip((ts - self.start) / max(self.end - self.start, 1), 0.0, 1.0)
        fade = np.exp2(-np.maximum(ts - self.end, 0) / (self.half_life_s * NS_PER_SECOND))
        return rise * (self.kept + (1.0 - self.kept) * fade)

    def weight(self, expiry_index: int, log_strike: float) -> float:
        """Return how much of it one contract feels, 0 to 1."""
        if self.expiry_index < 0:
            return 1.0
        if self.expiry_index != expiry_index:
            return 0.0
        distance = 0.0 if np.isnan(self.log_strike) else (log_strike - self.log_strike) / _STRIKE_WIDTH
        return float(np.exp(-0.5 * distance * distance))


def jump_impulses(jump_ts: Ints) -> list[Impulse]:
    """Return the widening of spreads that follows each jump of the underlying."""
    return [Impulse(int(ts), int(ts) + NS_PER_SECOND, 0.004, 1.25, 12.0, 0.0) for ts in jump_ts]


def effect(impulses: list[Impulse], expiry_index: int, log_strike: float, ts: Ints) -> tuple[Floats, Floats]:
    """Return (rise of ln volatility, factor on the spread) of one contract at `ts`."""
    log_vol, log_spread = np.zeros(len(ts)), np.zeros(len(ts))
    for impulse in impulses:
        weight = impulse.weight(expiry_index, log_strike)
        if weight > 0.01:
            shape = weight * impulse.shape(ts)
            log_vol += impulse.log_vol * shape
            log_spread += np.log(impulse.spread) * shape
    return log_vol, np.exp(log_spread)
