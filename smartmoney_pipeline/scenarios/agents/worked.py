"""Worked orders: one large order in regular clips."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.agents.sweep import contracts_for
from smartmoney_pipeline.scenarios.orders import Style, single_orders
from smartmoney_pipeline.scenarios.templates import Worked
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
    passive = task.rng.random(count) < task.draw(act.passive_share)
    return single_orders(
        ts=start + np.cumsum(gaps).astype(np.int64),
        contract=contract,
        side=task.variant.sign,
        size=np.maximum(np.rint(size), 1).astype(np.int64),
        style=np.where(passive, int(Style.INSIDE), int(Style.TAKE)),
        sweep=False,
        event=task.event,
    )
