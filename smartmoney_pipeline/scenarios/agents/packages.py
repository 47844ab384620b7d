"""Packages of templates: one structure, alone or in clips."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.acts import Package
from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.agents.legs import clip_quantities, clip_times, legs_around
from smartmoney_pipeline.scenarios.orders import package_legs
from smartmoney_pipeline.scenarios.structures import DELTA_HEDGED, STOCK_SHARES


def plan_package(task: Task) -> pd.DataFrame:
    """Return the legs of the clips; all clips trade the same legs, on the variant's side of the structure."""
    act = task.variant.act
    assert isinstance(act, Package)
    start = task.start()
    legs = legs_around(task, act.structure, act.width, choose_contract(task, start))
    count = task.draw_int(act.clips)
    ts, quantity = clip_times(task, start, count, act.gap_s), clip_quantities(task, act.quantity, count)
    clip, leg = np.repeat(np.arange(count), len(legs)), np.tile(np.arange(len(legs)), count)
    sign = task.variant.sign
    side = sign * legs["side"].to_numpy()[leg]
    shares = np.where(leg == 0, np.rint(_shares_a_unit(task, act, legs, start) * sign * quantity[clip]), 0)
    code = task.rng.choice([ord(c) for c in act.codes], p=_weights(act))
    return package_legs(
        ts=ts[clip], package=clip, contract=legs["contract"].to_numpy()[leg], side=side,
        size=quantity[clip] * legs["ratio"].to_numpy()[leg], condition=int(code),
        aggression=task.draw(act.aggression) + side * task.draw(act.skew), shares=shares.astype(np.int64), event=task.event,
    )  # fmt: skip


def _shares_a_unit(task: Task, act: Package, legs: pd.DataFrame, ts: int) -> float:
    """Shares that the buyer of one unit buys; whole lots, or what offsets the delta of the options."""
    if act.structure not in DELTA_HEDGED:
        return float(STOCK_SHARES.get(act.structure, 0))
    delta = task.values(legs["contract"].to_numpy(), ts).delta
    return -100.0 * float(np.sum(delta * legs["side"].to_numpy() * legs["ratio"].to_numpy()))


def _weights(act: Package) -> np.ndarray:
    weights = np.array(list(act.codes.values()))
    return weights / weights.sum()
