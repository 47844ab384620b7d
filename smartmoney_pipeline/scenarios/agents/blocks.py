"""Blocks: single auctions, crosses, floor trades and negotiated or taken prints of any size."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.acts import Blocks
from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.orders import Style, single_orders
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

_STYLES = {"auction": Style.AUCTION, "cross": Style.CROSS, "floor": Style.FLOOR, "middle": Style.MIDDLE, "take": Style.TAKE}


def plan_blocks(task: Task) -> pd.DataFrame:
    """Return a few prints of one kind in one contract, some seconds apart."""
    act = task.variant.act
    assert isinstance(act, Blocks)
    start = task.start()
    count = task.draw_int(act.count)
    gaps = task.rng.exponential(20.0, count) * NS_PER_SECOND
    size = np.array([task.draw_log(act.size) for _ in range(count)])
    return single_orders(
        ts=start + np.cumsum(gaps).astype(np.int64), contract=choose_contract(task, start), side=task.variant.sign,
        size=np.maximum(np.rint(size), 1).astype(np.int64), style=int(_STYLES[act.style]), sweep=False, event=task.event,
    )  # fmt: skip
