"""The plan of one instance: its orders and how they are reported, what hides it, the market's answer and its troubles."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.blocks import plan_blocks
from smartmoney_pipeline.scenarios.agents.burst import plan_burst
from smartmoney_pipeline.scenarios.agents.context import Task
from smartmoney_pipeline.scenarios.agents.herd import plan_herd
from smartmoney_pipeline.scenarios.agents.legged import plan_legged, plan_strangers
from smartmoney_pipeline.scenarios.agents.packages import plan_package
from smartmoney_pipeline.scenarios.agents.sweep import plan_sweep
from smartmoney_pipeline.scenarios.agents.worked import plan_worked
from smartmoney_pipeline.scenarios.disturbances import Disturbance, DisturbanceKind
from smartmoney_pipeline.scenarios.impulses import Impulse
from smartmoney_pipeline.scenarios.lots import as_typed, each_as_typed
from smartmoney_pipeline.scenarios.orders import BACKGROUND, Report, Style, no_legs, no_singles, single_orders
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

_SINGLE = {
    "sweep": plan_sweep,
    "worked": plan_worked,
    "herd": plan_herd,
    "burst": plan_burst,
    "blocks": plan_blocks,
    "legged": plan_legged,
    "strangers": plan_strangers,
}
_NOISE_STYLES = [int(style) for style in (Style.TAKE, Style.REST, Style.INSIDE, Style.AUCTION)]
# Fills an order, as the execution of such orders tends to give; only to keep packs near their noise ratio.
_FILLS, _FILLS_OF_SWEEP = 1.4, 4.0


@dataclass(frozen=True)
class Plan:
    """Orders of one instance (`orders.SINGLE_COLUMNS`, `orders.LEG_COLUMNS`), the market's answer and troubles.

    Its own orders bear its event number; the unrelated orders that hide it bear `BACKGROUND`.
    """

    singles: pd.DataFrame
    legs: pd.DataFrame
    impulses: list[Impulse]
    disturbances: list[Disturbance] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it falls into the session."""
        return self.singles.empty and self.legs.empty

    @property
    def likely_prints(self) -> float:
        """About how many labelled prints its execution gives."""
        own = self.singles[self.singles["event"] != BACKGROUND]
        return float(np.where(own["sweep"], _FILLS_OF_SWEEP, _FILLS).sum()) + len(self.legs)


def make_plan(task: Task) -> Plan:
    """Return the plan of one instance. Raises `ScenarioError` that names file, variant and key for what cannot be."""
    name = task.variant.act.mechanism
    singles = _typed(task, _SINGLE[name](task)) if name in _SINGLE else no_singles()
    legs = plan_package(task) if name == "package" else no_legs()
    singles, legs = (_reported(task, _before_close(frame, task.model.clock.close_ns)) for frame in (singles, legs))
    own = pd.concat([singles[["ts", "contract"]], legs[["ts", "contract"]]], ignore_index=True)
    if own.empty:
        return Plan(singles, legs, [])
    hidden = _before_close(_camouflage(task, own), task.model.clock.close_ns)
    return Plan(pd.concat([singles, hidden], ignore_index=True), legs, _answers(task, own), _troubles(task, own))


def _typed(task: Task, orders: pd.DataFrame) -> pd.DataFrame:
    # Clips of a worked order and legs keep what makes them alike; everyone else types a size of his own.
    together = task.variant.act.mechanism in {"worked", "legged", "strangers"}
    size = (as_typed if together else each_as_typed)(task.rng, orders["size"].to_numpy(dtype=np.int64))
    return orders.assign(size=size)


def _before_close(orders: pd.DataFrame, close_ns: int) -> pd.DataFrame:
    return orders[orders["ts"] < close_ns - 1_000].reset_index(drop=True)


def _reported(task: Task, orders: pd.DataFrame) -> pd.DataFrame:
    reporting = task.variant.reporting
    if reporting is None or orders.empty:
        return orders
    # The legs of a package are reported alike.
    number = orders["package"].to_numpy() if "package" in orders.columns else np.arange(len(orders))
    chosen = task.rng.random(int(number.max()) + 1) < task.draw(reporting.share)
    code = int(Report[reporting.kind.upper()])
    return orders.assign(report=np.where(chosen[number], code, int(Report.ORDINARY)).astype(np.int64))


def _camouflage(task: Task, own: pd.DataFrame) -> pd.DataFrame:
    hide = task.variant.camouflage
    count = task.draw_int(hide.orders)
    if count == 0:
        return no_singles()
    margin = int(task.draw(hide.spread_s) * NS_PER_SECOND)
    first, last = max(int(own["ts"].min()) - margin, task.model.clock.open_ns + 1_000), int(own["ts"].max()) + margin
    low, high = hide.size
    size = np.rint(np.exp(task.rng.uniform(np.log(low), np.log(high), count))).astype(np.int64)
    return single_orders(
        ts=np.sort(task.rng.integers(first, last + 1, count)), contract=task.rng.choice(own["contract"].unique(), count),
        side=task.rng.choice([-1, 1], count), size=np.maximum(size, 1), style=task.rng.choice(_NOISE_STYLES, count), sweep=False,
        event=BACKGROUND,
    )  # fmt: skip


def _answers(task: Task, own: pd.DataFrame) -> list[Impulse]:
    reaction, chain = task.variant.reaction, task.model.chain
    rise, factor = task.draw(reaction.iv_rise), task.draw(reaction.spread_factor)
    half_life, kept = task.draw_log(reaction.half_life_s), task.draw(reaction.kept)
    if rise == 0.0 and factor == 1.0:
        return []
    rows = own["contract"].to_numpy()
    strike = float(np.mean(np.log(chain.column("strike")[rows])))
    expiries = np.unique(chain.column("expiry_index")[rows])
    start, end = int(own["ts"].min()), int(own["ts"].max())
    return [Impulse(start, end, rise, factor, half_life, kept, int(index), strike) for index in expiries]


def _troubles(task: Task, own: pd.DataFrame) -> list[Disturbance]:
    trouble, clock = task.variant.trouble, task.model.clock
    if trouble is None:
        return []
    start = max(int(own["ts"].min()) - int(task.draw(trouble.lead_s) * NS_PER_SECOND), clock.open_ns + NS_PER_SECOND)
    end = min(int(own["ts"].max()) + int(task.draw(trouble.lag_s) * NS_PER_SECOND), clock.close_ns - NS_PER_SECOND)
    everything = trouble.kind is DisturbanceKind.HALT
    contracts = np.empty(0, np.int64) if everything else np.unique(own["contract"].to_numpy(dtype=np.int64))
    return [Disturbance(trouble.kind, start, end, contracts, task.draw_log(trouble.factor))]
