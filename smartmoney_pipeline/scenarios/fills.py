"""Splitting orders into fills: grouped arithmetic on flat arrays, no loop over orders."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.scenarios.clock import Floats, Ints


@dataclass(frozen=True)
class Fills:
    """Fills of many orders, in order: row of the order, number within it (0, 1, ...), contracts, contracts filled before it."""

    order: Ints
    number: Ints
    size: Ints
    before: Ints


def split_orders(weights: Floats, size: Ints, count: Ints, first: Ints | None = None) -> Fills:
    """Split each order of `size` contracts into `count` fills of at least one contract, in proportion to `weights` (n, most fills).

    `first` asks for the size of an order's first fill (0 = as the weights say); it gives way where the other fills need the room.
    """
    count = np.clip(count, 1, size)
    order = np.repeat(np.arange(len(size)), count)
    starts = np.concatenate([[0], np.cumsum(count)])[:-1].astype(np.int64)
    number = np.arange(len(order)) - starts[order]
    passed = _passed_share(weights[order, number], starts, order)
    free = (size - count)[order]
    end = np.where(number == count[order] - 1, size[order], np.floor(passed * free).astype(np.int64) + number + 1)
    if first is not None:
        asked = np.minimum(first, size - count + 1)[order]
        end = np.where((asked > 0) & (number < count[order] - 1), _after_first(end, asked, number, size[order], count[order]), end)
    before = np.where(number == 0, 0, np.concatenate([[0], end[:-1]]))
    return Fills(order, number, end - before, before)


def _after_first(end: Ints, asked: Ints, number: Ints, size: Ints, count: Ints) -> Ints:
    later = np.clip(np.maximum(end, asked + number), asked + number, size - (count - 1 - number))
    return np.where(number == 0, asked, later)


def running_delay(delay: Floats, number: Ints, order: Ints) -> Floats:
    """Cumulate delays within each order; the first fill of an order has none."""
    own = np.where(number == 0, 0.0, delay)
    total = np.cumsum(own)
    starts = np.flatnonzero(number == 0)
    return total - total[starts][order]


def _passed_share(weight: Floats, starts: Ints, order: Ints) -> Floats:
    total = np.cumsum(weight)
    before = total[starts] - weight[starts]
    whole = np.add.reduceat(weight, starts) if len(starts) else np.empty(0)
    return (total - before[order]) / whole[order]
