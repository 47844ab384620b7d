"""What executed volume does to the market: square-root impact on volatility and spot, decaying as a propagator.

Customers' purchases leave dealers short, and dealers raise what they are short of (MURAVYEV2016). One order moves by c x sigma x
sqrt(volume / daily volume) and the move decays as (1 + t / tau)^-1/2, so that the pieces of a split order add up to the square root of
its whole (TOTH2016). Orders of templates and background are treated alike: only contract, size, side and style
count.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit

from smartmoney_pipeline.scenarios.clock import SESSIONS_PER_YEAR, Floats, Ints
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import Style
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

COEFFICIENT = 1.0
"""c of the square-root law for volatility: 0.5 to 1 (TOTH2016; level from memory)."""
SPOT_SHARE = 0.15
"""Part of it that reaches the spot, of whose own volume option hedges are a small part (SEED)."""

_TAU_SECONDS = 5.0
_RATES = np.geomspace(1e-4, 4.0, 9)
_WEIGHTS = np.sqrt(_RATES) * np.exp(-_RATES)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
# (1 + x)^-1/2 is an average of exp(-s x) over s with density s^-1/2 exp(-s): a sum over s on a logarithmic grid.
_STYLES = {Style.TAKE: 1.0, Style.REST: 0.7, Style.INSIDE: 0.8, Style.MIDDLE: 0.6, Style.AUCTION: 0.8, Style.CROSS: 0.0, Style.FLOOR: 0.4}
_STYLE_WEIGHT = np.array([_STYLES[style] for style in Style])
_PACKAGE_WEIGHT = 0.5


@dataclass(frozen=True)
class Pressure:
    """Orders that move the market, in time order: UTC ns, contract number, rise of ln volatility and of ln spot at once."""

    ts: Ints
    contract: Ints
    log_vol: Floats
    log_spot: Floats


@dataclass(frozen=True)
class Places:
    """Where contracts lie, one entry per contract of the chain: log strike in standard deviations from the spot, log of sessions left."""

    strike: Floats
    tenor: Floats

    def closeness(self, contract: Ints, other: Ints) -> Floats:
        """Return how much contracts (n) feel orders in others (m), 0 to 1: shape (n, m)."""
        apart = self.strike[contract][:, None] - self.strike[other][None, :]
        between = np.abs(self.tenor[contract][:, None] - self.tenor[other][None, :])
        return np.asarray(np.exp(-0.5 * apart * apart - between), dtype=np.float64)


def places(model: MarketModel) -> Places:
    """Return the places of a chain at the open."""
    chain = model.chain
    now = np.full(len(chain), model.clock.open_ns, dtype=np.int64)
    values = model.european(np.arange(len(chain), dtype=np.int64), now)
    after = chain.column("sessions_after")
    deviation = values.volatility * np.sqrt((after + 0.75) / SESSIONS_PER_YEAR)
    return Places((np.log(chain.column("strike")) - model.path.log_spot[0]) / deviation, np.log(after + 1.0))


@dataclass(frozen=True)
class Volumes:
    """The day's background volume: per contract of the chain contracts x vega (USD per 1.00) around it, and contracts x |delta| in all."""

    vega: Floats
    delta: float


def decay(seconds: Floats) -> Floats:
    """Return the share of an order's impact that is left after `seconds`: 1 at once, then about (1 + t / tau)^-1/2."""
    return np.asarray(np.exp(-np.outer(np.asarray(seconds) / _TAU_SECONDS, _RATES)) @ _WEIGHTS, dtype=np.float64)


def daily_volumes(model: MarketModel, where: Places, singles: pd.DataFrame, legs: pd.DataFrame) -> Volumes:
    """Return the volumes of background orders, against which every order's own is measured: vega volume of the neighbourhood."""
    contract = np.concatenate([singles["contract"], legs["contract"]]).astype(np.int64)
    size = np.concatenate([singles["size"], legs["size"]]).astype(np.float64)
    chain = np.arange(len(model.chain), dtype=np.int64)
    values = model.european(chain, np.full(len(chain), model.clock.open_ns, dtype=np.int64))
    traded = np.bincount(contract, size, len(chain))
    some = np.flatnonzero(traded)
    around = where.closeness(chain, some) @ (traded * values.vega)[some]
    return Volumes(around + 0.01 * (traded * values.vega).sum() + 1.0, float((traded * np.abs(values.delta)).sum()) + 1.0)


def pressure(model: MarketModel, volumes: Volumes, singles: pd.DataFrame, legs: pd.DataFrame) -> Pressure:
    """Return what single orders and package legs do; the legs of one package move the spot by their net delta."""
    weight = np.concatenate([_STYLE_WEIGHT[singles["style"].to_numpy()], np.full(len(legs), _PACKAGE_WEIGHT)])
    ts, contract, side, size = (np.concatenate([singles[name], legs[name]]).astype(np.int64) for name in ("ts", "contract", "side", "size"))
    values = model.european(contract, np.minimum(np.maximum(ts, model.clock.open_ns), model.clock.last_ns))
    signed = weight**2 * side * size
    flow = signed * values.delta
    group = np.concatenate([np.arange(len(singles)), len(singles) + legs["package"].to_numpy()]).astype(np.int64)
    net = np.zeros(int(group.max(initial=-1)) + 1)
    np.add.at(net, group, flow)
    first = np.concatenate([np.ones(len(singles), dtype=bool), ~legs["package"].duplicated().to_numpy()])
    strength = COEFFICIENT * model.mechanism.impact
    log_vol = strength * model.terms.surface.daily_vol_of_vol * _root(signed * values.vega / volumes.vega[contract])
    log_spot = SPOT_SHARE * strength * _daily_deviation(model) * np.where(first, _root(net[group] / volumes.delta), 0.0)
    order = np.argsort(ts, kind="stable")
    return Pressure(ts[order], contract[order], log_vol[order], log_spot[order])


def _root(signed: Floats) -> Floats:
    return np.asarray(np.sign(signed) * np.sqrt(np.abs(signed)), dtype=np.float64)


def _daily_deviation(model: MarketModel) -> float:
    surface = model.terms.surface
    return float(surface.short_vol * surface.realised_to_implied / np.sqrt(SESSIONS_PER_YEAR))


def spot_push(felt: Pressure, ts: Ints) -> Floats:
    """Return the log move of the spot at sorted times `ts` (UTC ns)."""
    return _respond(
        felt.ts, felt.log_spot, _decays(felt.ts), np.asarray(ts, dtype=np.int64), _RATES / (_TAU_SECONDS * NS_PER_SECOND), _WEIGHTS
    )


@dataclass(frozen=True)
class VolResponse:
    """The volatility response of one underlying: what `at` needs, computed once."""

    felt: Pressure
    decays: Floats
    where: Places

    def at(self, contract: int, ts: Ints) -> Floats:
        """Return the rise of ln volatility of one contract at sorted times: nearby strikes and tenors feel each other's orders."""
        felt = self.where.closeness(np.array([contract]), self.felt.contract)[0]
        return _respond(self.felt.ts, self.felt.log_vol * felt, self.decays, ts, _RATES / (_TAU_SECONDS * NS_PER_SECOND), _WEIGHTS)


def vol_response(where: Places, felt: Pressure) -> VolResponse:
    """Return the volatility response to `felt`."""
    return VolResponse(felt, _decays(felt.ts), where)


def _decays(ts: Ints) -> Floats:
    gaps = np.diff(ts, prepend=ts[:1]) / (_TAU_SECONDS * NS_PER_SECOND)
    return np.asarray(np.exp(-np.outer(gaps, _RATES)), dtype=np.float64)


@njit(cache=True, nogil=True)
def _respond(ts: Ints, amount: Floats, decays: Floats, at: Ints, rates: Floats, weights: Floats) -> Floats:
    """Return, at each sorted time of `at`, the sum over earlier events of amount times the decay since, by one running sum per rate."""
    state = np.zeros(rates.shape[0])
    out = np.zeros(at.shape[0])
    event = 0
    for i in range(at.shape[0]):
        while event < ts.shape[0] and ts[event] < at[i]:
            for k in range(rates.shape[0]):
                state[k] = state[k] * decays[event, k] + weights[k] * amount[event]
            event += 1
        if event > 0:
            since = at[i] - ts[event - 1]
            for k in range(rates.shape[0]):
                out[i] += state[k] * np.exp(-rates[k] * since)
    return out
