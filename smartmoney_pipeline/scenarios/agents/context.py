"""What an agent gets, and the choice of its start and contract."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from smartmoney_pipeline.scenarios.chain import Chain
from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.market_model import MarketModel, Values
from smartmoney_pipeline.scenarios.ranges import Bounds
from smartmoney_pipeline.scenarios.structures import has_far_leg
from smartmoney_pipeline.scenarios.templates import Case, Need, Variant

FALL = 0.0115
"""Log return since the open, downwards, from which a day counts as a fall: a little more than a usual day's deviation (SEED)."""


@dataclass(frozen=True)
class Task:
    """One instance of a case: its market, own random stream, event number, and the day from which a known event is priced in."""

    model: MarketModel
    rng: np.random.Generator
    case: Case
    event: int
    catalyst: date | None

    @property
    def variant(self) -> Variant:
        """The variant at its difficulty."""
        return self.case.variant

    def fault(self, key: str, said: str) -> ScenarioError:
        """Return the error that names file, variant and key of what cannot be."""
        return ScenarioError(f"scenario_data/templates/{self.case.template}.yaml: variants.{self.variant.name}.{key}: {said}")

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
        """Return the start of the event, UTC ns: where the variant needs a fall, a time at which there has been one."""
        clock, place = self.model.clock, self.draw(self.variant.time_of_day)
        if Need.FALL not in self.variant.needs:
            return int(clock.at(place))
        low, high = (clock.at(end) for end in self.variant.time_of_day)
        times = fallen(self.model)
        inside = times[(times >= low) & (times <= high)]
        # A path that has not fallen in these hours is asked for by no pack; the first fall is then as good as any.
        return int(self.rng.choice(inside if len(inside) else times)) + int(self.rng.integers(1_000_000))

    def values(self, contract: Ints, ts: int) -> Values:
        """Return fair values of contracts at one time."""
        rows = np.atleast_1d(np.asarray(contract, dtype=np.int64))
        return self.model.european(rows, np.full(len(rows), ts, dtype=np.int64))


def fallen(model: MarketModel) -> Ints:
    """Return the grid times at which the underlying stands `FALL` and more below its open, the last minutes of the day left out."""
    path = model.path
    low = path.log_spot - path.log_spot[0] <= -FALL
    return path.ts[low & (model.clock.fraction(path.ts) < 0.98)]


def choose_contract(task: Task, ts: int, least_price: float = 0.0) -> int:
    """Return the contract number that the variant asks for at `ts`; of a price of `least_price` USD where its range of delta has one.

    Raises `ScenarioError` that names file, variant and key when no listed expiry fits, or a contract asked for by name is not listed.
    """
    choice, chain = task.variant.contract, task.model.chain
    call = _wants_call(task)
    if choice.expiry is not None and choice.strike is not None:
        return _named(task, choice.expiry, choice.strike, call)
    expiries = fitting_expiries(task.case, chain, task.catalyst)
    if len(expiries) == 0:
        raise task.fault("contract.days", f"{chain.ticker}: no listed expiry fits on {chain.clock.session}")
    rows = np.flatnonzero(np.isin(chain.column("expiry_index"), expiries) & (chain.column("is_call") == call))
    values = task.values(rows, ts)
    return int(
        rows[_closest(task, np.abs(values.delta), (values.price + 1e-12) / max(least_price, 1e-12), chain.column("expiry_index")[rows])]
    )


def _wants_call(task: Task) -> bool:
    right = task.variant.contract.right
    return bool(task.rng.random() < 0.5) if right == "either" else right == "call"


def _named(task: Task, expiry: date, strike: float, call: bool) -> int:
    chain = task.model.chain
    try:
        chain.check_expiry(expiry)
    except ScenarioError as error:
        raise task.fault("contract.expiry", str(error)) from None
    try:
        return chain.find(expiry, strike, call)
    except ScenarioError as error:
        raise task.fault("contract.strike", str(error)) from None


def fitting_expiries(case: Case, chain: Chain, catalyst: date | None) -> Ints:
    """Return the indices of the listed expiries that a case may trade as its near expiry."""
    choice = case.variant.contract
    days = np.array([(expiry.day - chain.clock.session).days for expiry in chain.expiries])
    adjusted = np.array([expiry.adjusted for expiry in chain.expiries])
    fits = (days >= choice.days[0]) & (days <= choice.days[1]) & (adjusted == choice.adjusted)
    if has_far_leg(getattr(case.variant.act, "structure", "")):
        fits &= days < days[~adjusted].max()
    return _dated(choice.dated, np.flatnonzero(fits), chain, catalyst)


def _dated(dated: str, fits: Ints, chain: Chain, catalyst: date | None) -> Ints:
    if dated == "free" or catalyst is None:
        return fits if dated == "free" else fits[:0]
    after = np.array([chain.expiries[i].day >= catalyst for i in fits], dtype=bool)
    return fits[after][:1] if dated == "first_after_event" else fits[~after][-1:]


def _closest(task: Task, delta: Floats, price: Floats, expiry: Ints) -> int:
    """Return a row inside the range of delta; `price` is relative to the least one that will do."""
    low, high = task.variant.contract.abs_delta
    inside = (delta >= low) & (delta <= high)
    if not inside.any():
        return int(np.argmin(np.abs(delta - 0.5 * (low + high))))
    dear = inside & (price >= 1.0)
    if not dear.any():
        return int(np.argmax(np.where(inside, price, -np.inf)))
    # First an expiry, then a strike: otherwise expiries with many strikes would win.
    picked = task.rng.choice(np.unique(expiry[dear]))
    return int(task.rng.choice(np.flatnonzero(dear & (expiry == picked))))
