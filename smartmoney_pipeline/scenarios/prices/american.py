"""American options with discrete dividends: a Leisen-Reimer tree on the price less the dividends to come (LR1996)."""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.scenarios.clock import Floats

STEPS = 51
"""Odd, as the Peizer-Pratt inversion asks; the early-exercise premium is a difference, so errors of the tree cancel."""


@njit(cache=True, nogil=True)
def _peizer_pratt(z: float, n: int) -> float:
    inner = z / (n + 1.0 / 3.0 + 0.1 / (n + 1.0))
    root = math.sqrt(0.25 - 0.25 * math.exp(-inner * inner * (n + 1.0 / 6.0)))
    return 0.5 + root if z >= 0.0 else 0.5 - root


@njit(cache=True, nogil=True)
def _dividend_values(rate: float, years: float, times: Floats, amounts: Floats, steps: int) -> Floats:
    values = np.zeros(steps + 1)
    for i in range(steps + 1):
        now = years * i / steps
        for j in range(times.shape[0]):
            if now < times[j] <= years:
                values[i] += amounts[j] * math.exp(-rate * (times[j] - now))
    return values


@njit(cache=True, nogil=True)
def tree_values(
    spot: float,
    strike: float,
    is_call: bool,
    rate: float,
    yield_rate: float,
    volatility: float,
    years: float,
    times: Floats,
    amounts: Floats,
    steps: int,
) -> tuple[float, float]:
    """Return (american, european) value in USD from one tree.

    `spot` in USD before dividends, `rate` and `yield_rate` (dividend yield plus borrow) continuous per year, `volatility` per root
    year of the price less dividends, `times` in years and `amounts` in USD of the cash dividends, `steps` odd.
    """
    to_come = _dividend_values(rate, years, times, amounts, steps)
    base = spot - to_come[0]
    sign = 1.0 if is_call else -1.0
    dt = years / steps
    deviation = volatility * math.sqrt(years)
    d2 = (math.log(base / strike) + (rate - yield_rate) * years) / deviation - 0.5 * deviation
    up_chance = _peizer_pratt(d2, steps)
    growth = math.exp((rate - yield_rate) * dt)
    up = growth * _peizer_pratt(d2 + deviation, steps) / up_chance
    down = (growth - up_chance * up) / (1.0 - up_chance)
    discount = math.exp(-rate * dt)
    american, european = np.empty(steps + 1), np.empty(steps + 1)
    for j in range(steps + 1):
        final = base * up**j * down ** (steps - j)
        american[j] = european[j] = max(sign * (final - strike), 0.0)
    for i in range(steps - 1, -1, -1):
        level = base * down**i
        for j in range(i + 1):
            european[j] = discount * (up_chance * european[j + 1] + (1.0 - up_chance) * european[j])
            held = discount * (up_chance * american[j + 1] + (1.0 - up_chance) * american[j])
            american[j] = max(held, sign * (level + to_come[i] - strike))
            level *= up / down
    return american[0], european[0]


@njit(cache=True, nogil=True)
def premium_grid(
    spots: Floats,
    volatilities: Floats,
    strike: float,
    is_call: bool,
    rate: float,
    yield_rate: float,
    years: float,
    times: Floats,
    amounts: Floats,
    steps: int,
) -> Floats:
    """Return the early-exercise premium in USD on a grid of spots (rows) and volatilities (columns)."""
    grid = np.empty((spots.shape[0], volatilities.shape[0]))
    for i in range(spots.shape[0]):
        for j in range(volatilities.shape[0]):
            american, european = tree_values(spots[i], strike, is_call, rate, yield_rate, volatilities[j], years, times, amounts, steps)
            grid[i, j] = american - european
    return grid


@njit(cache=True, nogil=True)
def _bracket(nodes: Floats, value: float) -> tuple[int, float]:
    last = nodes.shape[0] - 2
    i = min(max(int(np.searchsorted(nodes, value)) - 1, 0), last)
    weight = (value - nodes[i]) / (nodes[i + 1] - nodes[i])
    return i, min(max(weight, 0.0), 1.0)


@njit(cache=True, nogil=True)
def premium_rows(grid: Floats, spots: Floats, volatilities: Floats, spot: Floats, volatility: Floats) -> Floats:
    """Interpolate `premium_grid` at many (spot, volatility) pairs; outside the grid its edge holds."""
    out = np.empty(spot.shape[0])
    for i in range(spot.shape[0]):
        a, wa = _bracket(spots, spot[i])
        b, wb = _bracket(volatilities, volatility[i])
        low = grid[a, b] * (1.0 - wb) + grid[a, b + 1] * wb
        high = grid[a + 1, b] * (1.0 - wb) + grid[a + 1, b + 1] * wb
        out[i] = low * (1.0 - wa) + high * wa
    return out
