"""Worked orders: one large order in regular clips."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.acts import Worked
from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.agents.sweep import contracts_for
from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.orders import Style, single_orders
from smartmoney_pipeline.schemas.units import NS_PER_SECOND


def plan_worked(task: Task) -> pd.DataFrame:
    """Return the clips of a worked order, sized to a draw of delta-dollars in total."""
    act = task.variant.act
    assert isinstance(act, Worked)
    start = task.start()
    contract = choose_contract(task, start)
    count = task.draw_int(act.clips)
    clip = contracts_for(task, contract, start, task.draw_log(act.delta_dollars)) / count
    size = clip * np.exp(task.draw(act.size_variation) * task.rng.standard_normal(count))
    gaps = task.draw_log(act.gap_s) * task.rng.lognormal(0.0, 0.25, count) * NS_PER_SECOND
    # Clips turn one after another where the order has no side, as of a market maker who works both ways.
    turn = np.where(np.arange(count) % 2 == 1, -1, 1) if act.alternate else 1
    side = task.variant.sign * turn * np.ones(count, dtype=np.int64)
    return single_orders(
        ts=start + np.cumsum(gaps).astype(np.int64), contract=contract, side=side,
        size=np.maximum(np.rint(size), 1).astype(np.int64), style=_styles(task, act, count), sweep=False, event=task.event,
        unit=np.where(side > 0, 1, 0),
    )  # fmt: skip


def _styles(task: Task, act: Worked, count: int) -> Ints:
    place = task.rng.random(count)
    passive, middle = task.draw(act.passive_share), task.draw(act.middle_share)
    quiet = np.where(place < passive + middle, int(Style.MIDDLE), int(Style.TAKE))
    return np.where(place < passive, int(Style.INSIDE), quiet).astype(np.int64)
