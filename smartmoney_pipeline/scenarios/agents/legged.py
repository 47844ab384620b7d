"""Legged packages: the legs of one structure as separate orders without a common code, and strangers who only look like one."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.acts import Legged, Strangers
from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.agents.herd import neighbours
from smartmoney_pipeline.scenarios.agents.legs import clip_quantities, clip_times, legs_around
from smartmoney_pipeline.scenarios.orders import Style, single_orders
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND


def plan_legged(task: Task) -> pd.DataFrame:
    """Return one order a leg and clip, the legs of a clip in random order with gaps between them."""
    act = task.variant.act
    assert isinstance(act, Legged)
    start = task.start()
    legs = legs_around(task, act.structure, act.width, choose_contract(task, start))
    count = task.draw_int(act.clips)
    ts, quantity = clip_times(task, start, count, act.gap_s), clip_quantities(task, act.quantity, count)
    clip, leg = np.repeat(np.arange(count), len(legs)), np.tile(np.arange(len(legs)), count)
    turn = np.concatenate([task.rng.permutation(len(legs)) for _ in range(count)])
    wait = turn * task.draw_log(act.leg_gap_s) * task.rng.lognormal(0.0, 0.3, len(turn)) * NS_PER_SECOND
    inside = task.rng.random(len(turn)) < task.draw(act.inside_share)
    return single_orders(
        ts=ts[clip] + wait.astype(np.int64), contract=legs["contract"].to_numpy()[leg],
        side=task.variant.sign * legs["side"].to_numpy()[leg], size=quantity[clip] * legs["ratio"].to_numpy()[leg],
        style=np.where(inside, int(Style.INSIDE), int(Style.TAKE)), sweep=False, event=task.event, unit=clip,
    )  # fmt: skip


def plan_strangers(task: Task) -> pd.DataFrame:
    """Return orders of one size in different contracts around the chosen one, each of its own customer, within milliseconds."""
    act = task.variant.act
    assert isinstance(act, Strangers)
    start = task.start()
    mine = neighbours(task, choose_contract(task, start), 5)
    nearby = np.union1d(mine, task.model.chain.partner(mine))
    count = min(task.draw_int(act.orders), len(nearby))
    ts = start + np.sort(task.rng.uniform(0.0, task.draw(act.within_ms), count) * NS_PER_MS).astype(np.int64)
    return single_orders(
        ts=ts, contract=task.rng.choice(nearby, count, replace=False), side=task.rng.choice([-1, 1], count),
        size=int(np.rint(task.draw_log(act.size))), style=int(Style.TAKE), sweep=False, event=task.event,
    )  # fmt: skip
