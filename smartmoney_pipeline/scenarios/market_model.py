"""Fair values of one underlying's contracts: European values on the simulated forward, plus an early-exercise premium."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np

from smartmoney_pipeline.scenarios.chain import Chain
from smartmoney_pipeline.scenarios.clock import NS_PER_YEAR, Floats, Ints, SessionClock, variance_years
from smartmoney_pipeline.scenarios.mechanism import Mechanism
from smartmoney_pipeline.scenarios.paths import Path
from smartmoney_pipeline.scenarios.prices.american import STEPS, premium_grid, premium_rows
from smartmoney_pipeline.scenarios.prices.european import black_rows
from smartmoney_pipeline.scenarios.surface import level_variance, spot_response, ssvi_variance
from smartmoney_pipeline.scenarios.underlyings import Underlying
from smartmoney_pipeline.scenarios.venues import listed_on_one

_SPOT_NODES = np.linspace(-0.10, 0.10, 11)
_VOL_NODES = np.array([0.7, 1.0, 1.4])


@dataclass(frozen=True)
class Dividends:
    """Cash dividends to come: ex-dates and USD per share."""

    days: tuple[date, ...]
    amounts: tuple[float, ...]


@dataclass(frozen=True)
class EventVariance:
    """Known events that move the price at once: date from which the new price trades, and variance of the log move."""

    days: tuple[date, ...]
    variances: tuple[float, ...]


@dataclass(frozen=True)
class Values:
    """Fair values per row: USD price, spot delta, vega per 1.00 of at-the-money volatility, implied volatility, time in years."""

    price: Floats
    delta: Floats
    vega: Floats
    volatility: Floats


@dataclass(frozen=True)
class MarketModel:
    """Everything that prices one underlying's chain on one session; `rate` is continuous per year."""

    terms: Underlying
    clock: SessionClock
    chain: Chain
    path: Path
    rate: float
    dividends: Dividends
    events: EventVariance
    mechanism: Mechanism = field(default_factory=Mechanism)

    @property
    def skew(self) -> float:
        """SSVI's rho after the mechanism's multiplier, kept where the smile is free of butterflies."""
        return float(np.clip(self.terms.surface.skew * self.mechanism.skew_scale, -0.95, 0.95))

    def carry_yield(self) -> float:
        """Return dividend yield plus borrow, continuous per year."""
        return self.terms.dividend_yield + self.terms.borrow

    def dividend_value(self, expiry: date) -> float:
        """Return the value today of the cash dividends before `expiry` settles, USD."""
        pairs = zip(self.dividends.days, self.dividends.amounts, strict=True)
        session = self.clock.session
        return sum(a * float(np.exp(-self.rate * (d - session).days / 365)) for d, a in pairs if session < d <= expiry)

    def event_variance(self, expiry: date) -> float:
        """Return the variance of known events that fall before `expiry` settles."""
        pairs = zip(self.events.days, self.events.variances, strict=True)
        return sum(v for day, v in pairs if self.clock.session < day <= expiry)

    @cached_property
    def dividend_values(self) -> Floats:
        """`dividend_value` per listed expiry."""
        return np.array([self.dividend_value(expiry.day) for expiry in self.chain.expiries], dtype=np.float64)

    @cached_property
    def event_variances(self) -> Floats:
        """`event_variance` per listed expiry."""
        return np.array([self.event_variance(expiry.day) for expiry in self.chain.expiries], dtype=np.float64)

    def european(self, contract: Ints, ts: Ints, log_vol: Floats | float = 0.0) -> Values:
        """Return European values of contracts (row numbers of the chain) at times `ts`, with `log_vol` added to ln volatility."""
        chain, spot = self.chain, self.path.spot(ts)
        expiry = chain.column("expiry_index")[contract]
        strike = chain.column("strike")[contract]
        years = np.maximum(chain.column("settle_ns")[contract] - ts, 0) / NS_PER_YEAR
        base = spot - self.dividend_values[expiry]
        forward = base * np.exp((self.rate - self.carry_yield()) * years)
        level = self._level(contract, ts, log_vol, expiry)
        total = ssvi_variance(np.log(strike / forward), level, self.skew, self.terms.surface.curvature)
        deviation = np.sqrt(total)
        is_call = chain.column("is_call")[contract]
        price, delta, vega = black_rows(forward, strike, is_call, deviation, np.exp(-self.rate * years))
        tau = self._variance_years(contract, ts)
        volatility = deviation / np.sqrt(tau)
        return Values(price, delta * forward / base, vega * np.sqrt(tau), volatility)

    def _variance_years(self, contract: Ints, ts: Ints) -> Floats:
        after, am = self.chain.column("sessions_after")[contract], self.chain.column("am_settled")[contract]
        return variance_years(self.clock, ts, after, am)

    def _level(self, contract: Ints, ts: Ints, log_vol: Floats | float, expiry: Ints) -> Floats:
        tau = self._variance_years(contract, ts)
        # Long expiries feel a shock to short volatility less (root-time rule).
        damping = 1.0 / np.sqrt(1.0 + 6.0 * tau)
        spot_driven = spot_response(self.terms.surface, self.skew, tau) * self.path.moved(ts)
        shift = self.path.vol_shift(ts) * damping + spot_driven + log_vol
        return level_variance(self.terms.surface, tau, shift, self.event_variances[expiry])

    def fair(self, contract: Ints, ts: Ints, starts: Ints, log_vol: Floats) -> Values:
        """Return values with early exercise where it is American; rows of one contract lie between `starts[i]` and `starts[i + 1]`."""
        values = self.european(contract, ts, log_vol)
        if self.terms.is_index:
            return values
        spot = self.path.spot(ts)
        parts = [self._premium(int(contract[a]), spot[a:b], values.volatility[a:b]) for a, b in pairwise(starts)]
        sign = np.where(self.chain.column("is_call")[contract], 1.0, -1.0)
        intrinsic = sign * (spot - self.chain.column("strike")[contract])
        price = np.maximum(values.price + np.concatenate(parts), intrinsic)
        return Values(price, values.delta, values.vega, values.volatility)

    def _premium(self, contract: int, spot: Floats, volatility: Floats) -> Floats:
        row = {name: self.chain.column(name)[contract] for name in ("strike", "is_call", "years", "expiry")}
        years = float(row["years"])
        at_open = np.array([self.clock.open_ns])
        tau = float(self._variance_years(np.array([contract]), at_open)[0])
        # The tree keeps calendar time; its volatility carries the same total variance.
        volatility = volatility * np.sqrt(tau / years)
        nodes = float(np.median(volatility)) * _VOL_NODES
        spots = self.terms.spot * np.exp(_SPOT_NODES)
        times, amounts = self._dividends_before(row["expiry"])
        grid = premium_grid(
            spots, nodes, float(row["strike"]), bool(row["is_call"]), self.rate, self.carry_yield(), years, times, amounts, STEPS
        )
        return premium_rows(grid, spots, nodes, spot, volatility)

    def _dividends_before(self, expiry: date) -> tuple[Floats, Floats]:
        pairs = zip(self.dividends.days, self.dividends.amounts, strict=True)
        due = [((day - self.clock.session).days / 365, amount) for day, amount in pairs if self.clock.session < day <= expiry]
        return np.array([time for time, _ in due]), np.array([amount for _, amount in due])

    def last_trade_ns(self, contract: Ints) -> Ints:
        """Return when contracts stop trading today, UTC ns: one that expires today stops with the stock market."""
        return np.where(self.chain.column("days")[contract] == 0, self.clock.close_ns, self.clock.last_ns)

    def venues(self, letters: Ints) -> Ints:
        """Return venue letters, all of them the home exchange for a proprietary product."""
        return listed_on_one(letters) if self.terms.is_index else letters
