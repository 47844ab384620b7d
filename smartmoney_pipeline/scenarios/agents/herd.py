"""Herds: many small tickets of many customers on one side within a short window."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.acts import Herd
from smartmoney_pipeline.scenarios.agents.context import Task, choose_contract
from smartmoney_pipeline.scenarios.orders import ALONE, BACKGROUND, Style, single_orders
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

_MAX_TICKETS, _MIN_TICKETS = 320, 12
_CENT = 0.01
_STRETCH = 2.0
"""By how much tickets may outgrow their declared size where even so many of them fall short of the premium (SEED)."""


def plan_herd(task: Task) -> pd.DataFrame:
    """Return the tickets of a herd: as many as their premium needs (price x contracts x 100, USD), at most a few hundred.

    A premium that small tickets cannot reach in a cheap option is spent on a dearer one within the range of delta. Tickets of the other
    side come in its wake and are no part of it: a crowd is one side (design decision D5), and one ticket is ordinary flow.
    """
    act = task.variant.act
    assert isinstance(act, Herd)
    start = task.start()
    premium, ticket = task.draw_log(act.premium), 0.5 * (act.ticket_size[0] + act.ticket_size[1])
    first = choose_contract(task, start, least_price=premium / (100.0 * _MAX_TICKETS * ticket))
    contracts = neighbours(task, first, task.draw_int(act.strikes))
    price = float(np.mean(np.maximum(task.values(contracts, start).price, _CENT)))
    wanted = premium / (price * 100.0 * ticket)
    count, stretch = int(np.clip(wanted, _MIN_TICKETS, _MAX_TICKETS)), float(np.clip(wanted / _MAX_TICKETS, 1.0, _STRETCH))
    # Tickets crowd early in the window and thin out.
    ts = start + (task.rng.beta(1.2, 1.8, count) * task.draw(act.window_s) * NS_PER_SECOND).astype(np.int64)
    auction = task.rng.random(count) < task.draw(act.auction_share)
    with_herd = task.rng.random(count) < task.draw(act.same_side_share)
    low, high = (int(np.ceil(end * stretch)) for end in act.ticket_size)
    return single_orders(
        ts=np.sort(ts), contract=task.rng.choice(contracts, count), side=task.variant.sign * np.where(with_herd, 1, -1),
        size=task.rng.integers(low, high + 1, count), style=np.where(auction, int(Style.AUCTION), int(Style.TAKE)), sweep=False,
        event=np.where(with_herd, task.event, BACKGROUND), unit=np.where(with_herd, 0, ALONE),
    )  # fmt: skip


def neighbours(task: Task, contract: int, strikes: int) -> np.ndarray:
    """Return `strikes` contracts of one expiry and right around `contract`."""
    chain = task.model.chain
    first = int(chain.column("strike_index")[contract])
    expiry = np.full(strikes, int(chain.column("expiry_index")[contract]))
    is_call = np.full(strikes, bool(chain.column("is_call")[contract]))
    return np.unique(chain.number(expiry, first + np.arange(strikes) - strikes // 2, is_call))
