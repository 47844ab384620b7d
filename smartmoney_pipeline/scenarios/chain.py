"""The listed chain of one underlying on one session, as a table whose row number is the contract number inside the generator."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.calendar.sessions import trading_days_between
from smartmoney_pipeline.scenarios.clock import NS_PER_YEAR, Floats, Ints, SessionClock, variance_years
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.expiries import Expiry, listed_expiries
from smartmoney_pipeline.scenarios.surface import base_volatility
from smartmoney_pipeline.scenarios.underlyings import Underlying

MAX_STRIKES = 101
"""Strikes per expiry; the step doubles until the range fits."""

STANDARD_SHARES, ADJUSTED_SHARES = 100, 150
"""Shares that a contract delivers: as listed, and after a split of three for two, which also divides its strike by one and a half."""

_RANGE_DEVIATIONS = 3.5
_MAX_RANGE = 0.45


@dataclass(frozen=True)
class Chain:
    """The chain as columns, sorted by expiry (adjusted roots behind all others), strike, call before put.

    `table` has option_symbol, root, expiry (date), expiry_index, strike, strike_index, is_call, settlement, settle_ns, days
    (calendar), sessions_after (sessions after today up to the expiry), am_settled, adjusted, and multiplier (shares that a contract
    delivers, by which its price per share is multiplied). `starts[i]` is the first row of expiry i.
    """

    ticker: str
    clock: SessionClock
    expiries: list[Expiry]
    starts: Ints
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        return {name: self.table[name].to_numpy() for name in self.table.columns}

    def column(self, name: str) -> np.ndarray:
        """Return one column as an array."""
        return self._columns[name]

    @cached_property
    def regular_expiries(self) -> int:
        """How many expiries, from the first on, deliver 100 shares."""
        return sum(not expiry.adjusted for expiry in self.expiries)

    def strikes(self, expiry_index: int) -> Floats:
        """Return the sorted strikes of one expiry."""
        return self.column("strike")[self.starts[expiry_index] : self.starts[expiry_index + 1] : 2]

    def number(self, expiry_index: np.ndarray, strike_index: np.ndarray, is_call: np.ndarray) -> Ints:
        """Return contract numbers; a strike index outside the expiry's range is moved to its edge."""
        first = self.starts[expiry_index]
        count = (self.starts[np.asarray(expiry_index) + 1] - first) // 2
        return first + 2 * np.clip(strike_index, 0, count - 1) + np.where(is_call, 0, 1)

    def nearest(self, expiry_index: int, strike: Floats) -> Ints:
        """Return the strike index nearest to each strike in one expiry."""
        strikes = self.strikes(expiry_index)
        right = np.clip(np.searchsorted(strikes, strike), 1, len(strikes) - 1)
        return right - (np.abs(strikes[right - 1] - strike) <= np.abs(strikes[right] - strike))

    def partner(self, contract: np.ndarray) -> Ints:
        """Return the contract of the same expiry and strike on the other side."""
        return np.asarray(contract) ^ 1

    def check_expiry(self, expiry: date) -> None:
        """Raise `ScenarioError` for an expiry that lies before the session or is not listed."""
        if expiry < self.clock.session:
            raise ScenarioError(f"{self.ticker}: expiry {expiry} lies before the session {self.clock.session}")
        if expiry not in {listed.day for listed in self.expiries if not listed.adjusted}:
            raise ScenarioError(f"{self.ticker}: expiry {expiry} is not listed on {self.clock.session}")

    def find(self, expiry: date, strike: float, is_call: bool) -> int:
        """Return the number of one contract of 100 shares. Raises `ScenarioError` for an expiry or strike that is not listed."""
        self.check_expiry(expiry)
        same_day = self.table[(self.table["expiry"] == expiry) & ~self.table["adjusted"]]
        found = same_day[(same_day["strike"] == strike) & (same_day["is_call"] == is_call)]
        if found.empty:
            low, high = same_day["strike"].min(), same_day["strike"].max()
            raise ScenarioError(f"{self.ticker}: strike {strike:g} is outside the chain of {expiry} ({low:g} to {high:g})")
        return int(found.index[-1])


def build_chain(ticker: str, terms: Underlying, clock: SessionClock, spot: float) -> Chain:
    """Return the chain of `ticker` around `spot` (USD)."""
    expiries = listed_expiries(ticker, terms, clock.session)
    parts = [_one_expiry(terms, clock, spot, index, expiry) for index, expiry in enumerate(expiries)]
    table = pd.concat(parts, ignore_index=True)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Chain(ticker, clock, expiries, starts, table)


def _strikes(terms: Underlying, spot: float, deviation: float) -> Floats:
    reach = min(_RANGE_DEVIATIONS * deviation + 0.02, _MAX_RANGE)
    low, high = spot * np.exp(-reach), spot * np.exp(reach)
    step = terms.chain.strike_step
    while (high - low) / step > MAX_STRIKES:
        step *= 2.0
    strikes = np.arange(max(np.ceil(low / step), 1.0), np.floor(high / step) + 1.0) * step
    return strikes if len(strikes) > 2 else np.round(spot / step + np.array([-1.0, 0.0, 1.0])) * step


def _one_expiry(terms: Underlying, clock: SessionClock, spot: float, index: int, expiry: Expiry) -> pd.DataFrame:
    after = trading_days_between(clock.session, expiry.day)
    am = expiry.settlement == "am"
    years = variance_years(clock, clock.open_ns, after, am)
    split = ADJUSTED_SHARES / STANDARD_SHARES if expiry.adjusted else 1.0
    strikes = _strikes(terms, spot * split, float(base_volatility(terms.surface, years) * np.sqrt(years)))
    strikes = np.round(strikes / split, 2)
    settle = int(settlement_instant_ns(expiry.day, expiry.settlement, expiry.root))
    both = np.repeat(strikes, 2)
    is_call = np.tile([True, False], len(strikes))
    return pd.DataFrame(
        {
            "option_symbol": [_symbol(expiry, k, c) for k, c in zip(both, is_call, strict=True)],
            "root": expiry.root,
            "expiry": expiry.day,
            "expiry_index": index,
            "strike": both,
            "strike_index": np.repeat(np.arange(len(strikes)), 2),
            "is_call": is_call,
            "settlement": expiry.settlement,
            "settle_ns": settle,
            "years": max(settle - clock.open_ns, 1) / NS_PER_YEAR,
            "days": (expiry.day - clock.session).days,
            "sessions_after": after,
            "am_settled": am,
            "adjusted": expiry.adjusted,
            "multiplier": ADJUSTED_SHARES if expiry.adjusted else STANDARD_SHARES,
        }
    )


def _symbol(expiry: Expiry, strike: float, is_call: bool) -> str:
    return f"{expiry.root}{expiry.day:%y%m%d}{'C' if is_call else 'P'}{round(strike * 1000):08d}"
