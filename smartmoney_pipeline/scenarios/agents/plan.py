"""The plan of one instance: its orders, the market's answer, and its label."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.blocks import plan_blocks
from smartmoney_pipeline.scenarios.agents.burst import plan_burst
from smartmoney_pipeline.scenarios.agents.context import Task
from smartmoney_pipeline.scenarios.agents.herd import plan_herd
from smartmoney_pipeline.scenarios.agents.packages import plan_package
from smartmoney_pipeline.scenarios.agents.sweep import plan_sweep
from smartmoney_pipeline.scenarios.agents.worked import plan_worked
from smartmoney_pipeline.scenarios.impulses import Impulse
from smartmoney_pipeline.scenarios.orders import no_legs, no_singles

_SINGLE = {"sweep": plan_sweep, "worked": plan_worked, "herd": plan_herd, "burst": plan_burst, "blocks": plan_blocks}


@dataclass(frozen=True)
class Plan:
    """Orders of one instance (`orders.SINGLE_COLUMNS`, `orders.LEG_COLUMNS`; one is empty) and the market's answer."""

    singles: pd.DataFrame
    legs: pd.DataFrame
    impulses: list[Impulse]


def make_plan(task: Task) -> Plan:
    """Return the plan of one instance."""
    name = task.variant.act.mechanism
    singles = _SINGLE[name](task) if name in _SINGLE else no_singles()
    legs = plan_package(task) if name == "package" else no_legs()
    kept = [_before_close(frame, task.model.clock.close_ns) for frame in (singles, legs)]
    return Plan(kept[0], kept[1], _answers(task, pd.concat([f[["ts", "contract"]] for f in kept])))


def _before_close(orders: pd.DataFrame, close_ns: int) -> pd.DataFrame:
    return orders[orders["ts"] < close_ns - 1_000].reset_index(drop=True)


def _answers(task: Task, orders: pd.DataFrame) -> list[Impulse]:
    reaction, chain = task.variant.reaction, task.model.chain
    rise, factor = task.draw(reaction.iv_rise), task.draw(reaction.spread_factor)
    half_life, kept = task.draw_log(reaction.half_life_s), task.draw(reaction.kept)
    if orders.empty or (rise == 0.0 and factor == 1.0):
        return []
    rows = orders["contract"].to_numpy()
    strike = float(np.mean(np.log(chain.column("strike")[rows])))
    expiries = np.unique(chain.column("expiry_index")[rows])
    start, end = int(orders["ts"].min()), int(orders["ts"].max())
    return [Impulse(start, end, rise, factor, half_life, kept, int(index), strike) for index in expiries]
