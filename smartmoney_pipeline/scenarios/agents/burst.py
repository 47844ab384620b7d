"""Bursts: orders near the money within seconds after an abrupt move of the underlying."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.acts import Burst
from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.agents.herd import neighbours
from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import Style, no_singles, single_orders
from smartmoney_pipeline.schemas.units import NS_PER_SECOND


def plan_burst(task: Task) -> pd.DataFrame:
    """Return the orders that follow one of the session's jumps; none if the underlying did not jump as the variant asks.

    The main side goes with the move: calls bought and puts sold after a rise, the other way after a fall; protection is bought
    whatever the move. The minor side is the rest.
    """
    act, jumps = task.variant.act, task.model.path.jumps
    assert isinstance(act, Burst)
    suited = suited_jumps(task.model, act)
    if len(suited) == 0:
        return no_singles()
    jump = int(task.rng.choice(suited))
    start = int(jumps.ts[jump]) + int(task.draw_log(act.latency_s) * NS_PER_SECOND)
    contracts = _near_money(task, act, start)
    count = task.draw_int(act.orders)
    ts = np.sort(start + (task.rng.beta(1.0, 2.0, count) * task.draw(act.span_s) * NS_PER_SECOND).astype(np.int64))
    contract = task.rng.choice(contracts, count)
    with_move = np.where(task.model.chain.column("is_call")[contract], 1, -1) * int(np.sign(jumps.size[jump]))
    main = np.full(count, task.variant.sign) if act.protective else with_move
    minor = task.rng.random(count) < task.draw(act.minor_side_share)
    low, high = act.size
    size = np.exp(task.rng.uniform(np.log(low), np.log(high), count))
    return single_orders(
        ts=ts, contract=contract, side=np.where(minor, -main, main), size=np.maximum(np.rint(size), 1).astype(np.int64),
        style=int(Style.TAKE), sweep=task.rng.random(count) < 0.25, event=task.event,
    )  # fmt: skip


def suited_jumps(model: MarketModel, act: Burst) -> Ints:
    """Return the places in the path's jumps that a burst may follow."""
    size = model.path.jumps.size
    return np.flatnonzero((act.after == "any") | (size > 0 if act.after == "rise" else size < 0))


def _near_money(task: Task, act: Burst, ts: int) -> np.ndarray:
    mine = neighbours(task, choose_contract(task, ts), task.draw_int(act.strikes))
    return mine if act.protective else np.union1d(mine, task.model.chain.partner(mine))
