"""Herds: many small tickets of many customers on one side within a short window."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.orders import Style, single_orders
from smartmoney_pipeline.scenarios.templates import Herd
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

_MAX_TICKETS = 320


def plan_herd(task: Task) -> pd.DataFrame:
    """Return the tickets of a herd: as many as their premium needs (price x contracts x 100, USD), at most a few hundred."""
    act = task.variant.act
    assert isinstance(act, Herd)
    start = task.start()
    contracts = neighbours(task, choose_contract(task, start), task.draw_int(act.strikes))
    price = float(np.mean(np.maximum(task.values(contracts, start).price, 0.02)))
    contracts_needed = task.draw_log(act.premium) / (price * 100.0)
    count, low, high = _tickets(act, contracts_needed)
    # Tickets crowd early in the window and thin out.
    ts = start + (task.rng.beta(1.2, 1.8, count) * task.draw(act.window_s) * NS_PER_SECOND).astype(np.int64)
    auction = task.rng.random(count) < task.draw(act.auction_share)
    with_herd = task.rng.random(count) < task.draw(act.same_side_share)
    return single_orders(
        ts=np.sort(ts),
        contract=task.rng.choice(contracts, count),
        side=task.variant.sign * np.where(with_herd, 1, -1),
        size=task.rng.integers(low, high + 1, count),
        style=np.where(auction, int(Style.AUCTION), int(Style.TAKE)),
        sweep=False,
        event=task.event,
    )


def _tickets(act: Herd, contracts_needed: float) -> tuple[int, int, int]:
    low, high = act.ticket_size
    count = contracts_needed / (0.5 * (low + high))
    # A premium that would need too many tickets is reached with larger ones.
    larger = max(count / _MAX_TICKETS, 1.0)
    return int(np.clip(count, 12, _MAX_TICKETS)), int(np.ceil(low * larger)), int(np.ceil(high * larger))


def neighbours(task: Task, contract: int, strikes: int) -> np.ndarray:
    """Return `strikes` contracts of one expiry and right around `contract`."""
    chain = task.model.chain
    first = int(chain.column("strike_index")[contract])
    expiry = np.full(strikes, int(chain.column("expiry_index")[contract]))
    is_call = np.full(strikes, bool(chain.column("is_call")[contract]))
    return np.unique(chain.number(expiry, first + np.arange(strikes) - strikes // 2, is_call))
