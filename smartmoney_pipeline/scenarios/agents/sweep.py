"""Sweeps: market orders routed over venues at once."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.acts import Sweep
from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.orders import Style, single_orders
from smartmoney_pipeline.scenarios.underlyings import Kind
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

DEPTH = {
    Kind.CASH_INDEX: 10.0,
    Kind.INDEX_ETF: 4.0,
    Kind.MEGA_CAP: 1.0,
    Kind.MID_CAP: 0.45,
    Kind.ATTENTION: 0.45,
    Kind.SMALL_CAP: 0.2,
}
"""How large an order of the same weight is in each market, against a mega cap's (SEED)."""


def plan_sweep(task: Task) -> pd.DataFrame:
    """Return the orders of a sweep: sizes add up to a draw of delta-dollars (|delta| x contracts x 100 x spot, USD)."""
    act = task.variant.act
    assert isinstance(act, Sweep)
    start = task.start()
    contract = choose_contract(task, start)
    count = task.draw_int(act.orders)
    total = contracts_for(task, contract, start, task.draw_log(act.delta_dollars))
    share = task.rng.dirichlet(np.full(count, 8.0))
    size = np.maximum(np.rint(total * share), 1).astype(np.int64)
    gaps = task.rng.exponential(task.draw_log(act.gap_s), count - 1) * NS_PER_SECOND
    ts = start + np.concatenate([[0], np.cumsum(gaps)]).astype(np.int64)
    sweep = task.rng.random(count) < task.draw(act.iso_share)
    inside = ~sweep & (task.rng.random(count) < task.draw(act.inside_share))
    return single_orders(
        ts=ts, contract=contract, side=task.variant.sign, size=size, style=np.where(inside, int(Style.INSIDE), int(Style.TAKE)),
        sweep=sweep, event=task.event,
    )  # fmt: skip


def contracts_for(task: Task, contract: int, ts: int, delta_dollars: float) -> float:
    """Return the number of contracts whose delta-dollars are `delta_dollars` (USD) times the depth of the market."""
    delta = abs(float(task.values(np.array([contract]), ts).delta[0]))
    spot = float(task.model.path.spot(np.array([ts]))[0])
    return max(delta_dollars * DEPTH[task.model.terms.kind] / (max(delta, 0.01) * 100.0 * spot), 2.0)
