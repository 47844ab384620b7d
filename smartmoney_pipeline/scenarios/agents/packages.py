"""Packages of templates: one structure, alone or in clips."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.orders import package_legs
from smartmoney_pipeline.scenarios.structures import STOCK_SHARES, Placement, place_legs
from smartmoney_pipeline.scenarios.templates import Package
from smartmoney_pipeline.schemas.units import NS_PER_SECOND


def plan_package(task: Task) -> pd.DataFrame:
    """Return the legs of the clips; all clips trade the same legs, on the variant's side of the structure."""
    act = task.variant.act
    assert isinstance(act, Package)
    start = task.start()
    legs = _legs(task, act, choose_contract(task, start))
    count = task.draw_int(act.clips)
    gaps = np.concatenate([[0.0], task.draw_log(act.gap_s) * task.rng.lognormal(0.0, 0.35, count - 1)])
    ts = start + np.cumsum(gaps * NS_PER_SECOND).astype(np.int64)
    quantity = np.maximum(np.rint(task.draw_log(act.quantity) / count * task.rng.lognormal(0.0, 0.1, count)), 1).astype(np.int64)
    clip = np.repeat(np.arange(count), len(legs))
    leg = np.tile(np.arange(len(legs)), count)
    sign = task.variant.sign
    shares = np.where(leg == 0, STOCK_SHARES.get(act.structure, 0) * sign * quantity[clip], 0)
    code = task.rng.choice([ord(c) for c in act.codes], p=_shares(act))
    return package_legs(
        ts=ts[clip], package=clip, contract=legs["contract"].to_numpy()[leg], side=sign * legs["side"].to_numpy()[leg],
        size=quantity[clip] * legs["ratio"].to_numpy()[leg], condition=int(code), aggression=task.draw(act.aggression),
        shares=shares, event=task.event,
    )  # fmt: skip


def _legs(task: Task, act: Package, contract: int) -> pd.DataFrame:
    chain = task.model.chain
    expiry = int(chain.column("expiry_index")[contract])
    where = Placement(
        np.array([expiry]),
        np.array([int(chain.column("strike_index")[contract])]),
        np.array([task.draw_int(act.width)]),
        np.array([bool(chain.column("is_call")[contract])]),
        np.array([min(expiry + 1, len(chain.expiries) - 1)]),
    )
    legs = place_legs(chain, act.structure, where)
    if legs.empty:
        raise ScenarioError(f"{chain.ticker}: no {act.structure} fits the chain for variant {task.variant.name!r}")
    return legs


def _shares(act: Package) -> np.ndarray:
    weights = np.array(list(act.codes.values()))
    return weights / weights.sum()
