"""The legs of one structure around the contract that a variant chose, shared by packages and legged packages."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.context import Task
from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.ranges import Bounds
from smartmoney_pipeline.scenarios.structures import Placement, has_far_leg, place_legs


def legs_around(task: Task, structure: str, width: Bounds, contract: int) -> pd.DataFrame:
    """Return the legs (contract, side, ratio, ...) of one unit; the width shrinks where the chain ends.

    Raises `ScenarioError` that names file, variant and key where the structure does not fit the chain.
    """
    chain = task.model.chain
    expiry = int(chain.column("expiry_index")[contract])
    far = _far_expiry(task, expiry) if has_far_leg(structure) else expiry
    strike = _shared_strike(task, contract, far)
    wanted = task.draw_int(width)
    for strikes in range(wanted, 0, -1):
        is_call = bool(chain.column("is_call")[contract])
        where = Placement(np.array([expiry]), np.array([strike]), np.array([strikes]), np.array([is_call]), np.array([far]))
        legs = place_legs(chain, structure, where)
        if not legs.empty:
            return legs
    raise task.fault("act.structure", f"{chain.ticker}: no {structure} fits the chain at contract {contract}")


def _far_expiry(task: Task, near: int) -> int:
    chain, (low, high) = task.model.chain, task.variant.contract.far_days
    ahead = np.array([(expiry.day - chain.expiries[near].day).days for expiry in chain.expiries[: chain.regular_expiries]])
    later = np.flatnonzero((ahead > 0) & (ahead >= low) & (ahead <= high))
    if task.variant.contract.dated == "last_before_event":
        later = np.flatnonzero(ahead > 0)[:1]
    if len(later) == 0:
        later = np.array([int(np.argmin(np.where(ahead > 0, np.abs(ahead - 0.5 * (low + high)), np.inf)))])
    return int(task.rng.choice(later))


def _shared_strike(task: Task, contract: int, far: int) -> int:
    # Far expiries list fewer strikes: both legs need one that both list.
    chain = task.model.chain
    near = int(chain.column("expiry_index")[contract])
    strike = float(chain.column("strike")[contract])
    shared: Ints = np.flatnonzero(np.isin(chain.strikes(near), chain.strikes(far)))
    if len(shared) == 0:
        return int(chain.column("strike_index")[contract])
    return int(shared[np.argmin(np.abs(chain.strikes(near)[shared] - strike))])


def clip_times(task: Task, start: int, count: int, gap_s: Bounds) -> Ints:
    """Return the times of `count` clips from `start` on, UTC ns, at gaps around one draw from `gap_s`."""
    gaps = np.concatenate([[0.0], task.draw_log(gap_s) * task.rng.lognormal(0.0, 0.35, count - 1)])
    return start + np.cumsum(gaps * 1e9).astype(np.int64)


def clip_quantities(task: Task, quantity: Bounds, count: int) -> Ints:
    """Return units per clip: one draw from `quantity` over all, split about evenly, at least one each."""
    each = task.draw_log(quantity) / count
    return np.maximum(np.rint(each * task.rng.lognormal(0.0, 0.1, count)), 1).astype(np.int64)
