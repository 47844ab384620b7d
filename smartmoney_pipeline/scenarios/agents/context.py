"""What an agent gets, and the choice of its contract."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.market_model import MarketModel, Values
from smartmoney_pipeline.scenarios.templates import Bounds, Variant


@dataclass(frozen=True)
class Task:
    """One instance of a variant: its market, own random stream, event number, and the day from which a known event is priced in."""

    model: MarketModel
    rng: np.random.Generator
    variant: Variant
    event: int
    catalyst: date | None

    def draw(self, bounds: Bounds) -> float:
        """Return a uniform draw from a range."""
        return float(self.rng.uniform(*bounds))

    def draw_int(self, bounds: Bounds) -> int:
        """Return a uniform whole number from a range, both ends included."""
        return int(self.rng.integers(int(bounds[0]), int(bounds[1]) + 1))

    def draw_log(self, bounds: Bounds) -> float:
        """Return a draw uniform in the logarithm, for sizes that span decades."""
        return float(np.exp(self.rng.uniform(np.log(bounds[0]), np.log(bounds[1]))))

    def start(self) -> int:
        """Return the start of the event, UTC ns."""
        return int(self.model.clock.at(self.draw(self.variant.time_of_day)))

    def values(self, contract: Ints, ts: int) -> Values:
        """Return fair values of contracts at one time."""
        rows = np.atleast_1d(np.asarray(contract, dtype=np.int64))
        return self.model.european(rows, np.full(len(rows), ts, dtype=np.int64))


def choose_contract(task: Task, ts: int) -> int:
    """Return the contract number that the variant asks for at `ts`.

    Raises `ScenarioError` when no listed expiry fits, or a contract asked for by name is not listed.
    """
    choice, chain = task.variant.contract, task.model.chain
    call = _wants_call(task)
    if choice.expiry is not None and choice.strike is not None:
        return chain.find(date.fromisoformat(choice.expiry), choice.strike, call)
    allowed = _allowed(task, call)
    if not allowed.any():
        raise ScenarioError(f"{chain.ticker}: no listed expiry fits variant {task.variant.name!r}")
    rows = np.flatnonzero(allowed)
    delta = np.abs(task.values(rows, ts).delta)
    return int(rows[_closest(task, delta, chain.column("expiry_index")[rows])])


def _wants_call(task: Task) -> bool:
    right = task.variant.contract.right
    return bool(task.rng.random() < 0.5) if right == "either" else right == "call"


def _allowed(task: Task, call: bool) -> np.ndarray:
    choice, chain = task.variant.contract, task.model.chain
    days = chain.column("days")
    fits = (days >= choice.days[0]) & (days <= choice.days[1]) & (chain.column("is_call") == call)
    if not choice.first_after_event:
        return fits
    if task.catalyst is None:
        return np.zeros(len(chain), dtype=bool)
    after = np.array([expiry.day >= task.catalyst for expiry in chain.expiries])
    return fits & (chain.column("expiry_index") == int(np.argmax(after))) & after.any()


def _closest(task: Task, delta: np.ndarray, expiry: np.ndarray) -> int:
    low, high = task.variant.contract.abs_delta
    inside = (delta >= low) & (delta <= high)
    if not inside.any():
        return int(np.argmin(np.abs(delta - 0.5 * (low + high))))
    # First an expiry, then a strike: otherwise expiries with many strikes would win.
    picked = task.rng.choice(np.unique(expiry[inside]))
    return int(task.rng.choice(np.flatnonzero(inside & (expiry == picked))))
