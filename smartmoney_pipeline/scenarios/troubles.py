"""Disturbances in the quotes and orders of one underlying."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.disturbances import Disturbance, DisturbanceKind
from smartmoney_pipeline.scenarios.orders import BACKGROUND
from smartmoney_pipeline.scenarios.ticks import TickClass, step_cents
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND

REOPENING_NS = 3 * NS_PER_SECOND
"""How long prints count as part of a reopening."""
_REOPENING_WIDTH, _REOPENING_SECONDS = 2.5, 40.0
"""Spreads after a halt are this much wider, fading over so many seconds (SEED)."""
_WAITING_SHARE = 0.35
"""Share of background orders sent during a halt that wait for the reopening (SEED)."""
_SILENT = (DisturbanceKind.STALE, DisturbanceKind.HALT)
_BENT = (DisturbanceKind.CROSSED, DisturbanceKind.LOCKED)


def halts(troubles: list[Disturbance]) -> list[Disturbance]:
    """Return the halts among disturbances."""
    return [trouble for trouble in troubles if trouble.kind is DisturbanceKind.HALT]


def touches(trouble: Disturbance, contract: Ints) -> np.ndarray:
    """Return which contracts a disturbance is about."""
    if trouble.kind is DisturbanceKind.HALT or len(trouble.contracts) == 0:
        return np.ones(len(contract), dtype=bool)
    return np.isin(contract, trouble.contracts)


def forced_times(troubles: list[Disturbance], contract: int) -> Ints:
    """Return when one contract must be quoted because of disturbances: at their ends, at the start of those that show, after halts."""
    delay = (1 + contract * 7_919 % 29) * NS_PER_MS
    later = np.array([0, 1, 3, 10, 30], dtype=np.int64) * NS_PER_SECOND
    times = [np.empty(0, dtype=np.int64)]
    for trouble in troubles:
        if touches(trouble, np.array([contract]))[0]:
            times.append(trouble.end + delay + (later if trouble.kind is DisturbanceKind.HALT else later[:1]))
            if trouble.kind not in _SILENT:
                times.append(np.array([trouble.start + delay], dtype=np.int64))
    return np.concatenate(times)


def widening(troubles: list[Disturbance], contract: Ints, ts: Ints) -> Floats:
    """Return the factor on spreads per row."""
    factor = np.ones(len(ts))
    for trouble in troubles:
        mine = touches(trouble, contract)
        if trouble.kind is DisturbanceKind.WIDE:
            factor[mine & (ts >= trouble.start) & (ts < trouble.end)] *= trouble.factor
        elif trouble.kind is DisturbanceKind.HALT:
            since = np.maximum(ts - trouble.end, 0) / (_REOPENING_SECONDS * NS_PER_SECOND)
            factor *= np.where(ts >= trouble.end, 1.0 + _REOPENING_WIDTH * np.exp(-since), 1.0)
    return factor


def bend(troubles: list[Disturbance], ticks: TickClass, columns: dict[str, np.ndarray]) -> None:
    """Lock or cross the rows inside such disturbances, in place: the offer comes down to the bid, or one step below it."""
    bid = columns["bid"]
    for trouble in (t for t in troubles if t.kind in _BENT):
        inside = touches(trouble, columns["contract"]) & (columns["ts"] >= trouble.start) & (columns["ts"] < trouble.end)
        step = step_cents(ticks, bid - 1) if trouble.kind is DisturbanceKind.CROSSED else 0
        inside &= bid > step
        columns["ask"] = np.where(inside, bid - step, columns["ask"])


def quiet(troubles: list[Disturbance], contract: Ints, ts: Ints) -> np.ndarray:
    """Return which rows may stand: none inside stale quotes and halts."""
    keep = np.ones(len(ts), dtype=bool)
    for trouble in (t for t in troubles if t.kind in _SILENT):
        keep &= ~(touches(trouble, contract) & (ts >= trouble.start) & (ts < trouble.end))
    return keep


def undisturbed(troubles: list[Disturbance], contract: Ints, ts: Ints) -> np.ndarray:
    """Return which rows that executions cause may stand: none inside disturbances that hold the quote."""
    keep = quiet(troubles, contract, ts)
    for trouble in (t for t in troubles if t.kind in _BENT):
        keep &= ~(touches(trouble, contract) & (ts >= trouble.start) & (ts < trouble.end))
    return keep


def through_halts(troubles: list[Disturbance], orders: pd.DataFrame) -> pd.DataFrame:
    """Return the orders that trade: none inside a halt; of background orders some wait and trade within its reopening."""
    ts = orders["ts"].to_numpy().copy()
    kept = np.ones(len(ts), dtype=bool)
    for halt in halts(troubles):
        inside = (ts >= halt.start) & (ts < halt.end)
        # Who waits, and how long, follows from the order's own time: no stream is drawn from.
        chance = (ts * 2_654_435_761) % 1_000_003 / 1_000_003.0
        waits = inside & (orders["event"].to_numpy() == BACKGROUND) & (chance < _WAITING_SHARE)
        waited = halt.end + ((0.1 + 0.8 * chance / _WAITING_SHARE) * REOPENING_NS).astype(np.int64)
        ts = np.where(waits, waited, ts)
        kept &= ~inside | waits
    return orders.assign(ts=ts)[kept].reset_index(drop=True)


def reopening(troubles: list[Disturbance], ts: Ints) -> np.ndarray:
    """Return which prints belong to the reopening after a halt."""
    found = np.zeros(len(ts), dtype=bool)
    for halt in halts(troubles):
        found |= (ts >= halt.end) & (ts < halt.end + REOPENING_NS)
    return found
