"""Legal price steps of option classes, in whole cents."""

from enum import StrEnum
from typing import Any

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints

BREAK_CENTS = 300
"""Price in cents from which the coarser step holds."""

_STEPS = {"all_penny": (1, 1), "penny": (1, 5), "nickel": (5, 10)}


class TickClass(StrEnum):
    """Price increments: below and from 3 dollars (OIC-TICKS). SPY, QQQ and IWM trade in pennies throughout."""

    ALL_PENNY = "all_penny"
    PENNY = "penny"
    NICKEL = "nickel"


def step_cents(tick_class: TickClass, cents: Any) -> Ints:
    """Return the legal step in cents at each price in cents."""
    below, above = _STEPS[tick_class.value]
    return np.where(np.asarray(cents) < BREAK_CENTS, below, above).astype(np.int64)


def floor_cents(tick_class: TickClass, dollars: Any) -> Ints:
    """Return the highest legal price in cents at or below `dollars`, never below zero."""
    cents = np.maximum(np.asarray(dollars, dtype=np.float64) * 100.0, 0.0)
    step = step_cents(tick_class, cents)
    return (np.floor(cents / step + 1e-9) * step).astype(np.int64)


def ceil_cents(tick_class: TickClass, dollars: Any) -> Ints:
    """Return the lowest legal price in cents at or above `dollars`, at least one step."""
    cents = np.maximum(np.asarray(dollars, dtype=np.float64) * 100.0, 0.0)
    step = step_cents(tick_class, cents)
    return np.maximum((np.ceil(cents / step - 1e-9) * step).astype(np.int64), step)


def walk_cents(tick_class: TickClass, cents: Any, levels: Any) -> Ints:
    """Return prices moved by `levels` legal steps (signed); a price from 3 dollars up stays on its coarser grid."""
    moved = np.asarray(cents) + np.asarray(levels) * step_cents(tick_class, cents)
    step = step_cents(tick_class, moved)
    return np.maximum(-(-moved // step) * step, 0).astype(np.int64)
