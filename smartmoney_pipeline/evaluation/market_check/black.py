"""Black's formula on the forward and its inversion by bisection, for the check alone: slow, simple, and free of the scorer's kernels."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

_STEPS = 50
_LOW, _HIGH = 0.01, 6.0


def normal_cdf(x: Floats) -> Floats:
    """Return the standard normal distribution function (Abramowitz and Stegun 26.2.17, error below 7.5e-8)."""
    t = 1.0 / (1.0 + 0.2316419 * np.abs(x))
    poly = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = np.exp(-0.5 * x * x) / sqrt(2.0 * np.pi) * poly
    return np.where(x >= 0.0, 1.0 - tail, tail)


def price(forward: Floats, strike: Floats, years: Floats, volatility: Floats, is_call: np.ndarray) -> Floats:
    """Return undiscounted values (BLACK1976); `volatility` annualised, `years` > 0."""
    deviation = volatility * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    call = forward * normal_cdf(d1) - strike * normal_cdf(d1 - deviation)
    return np.where(is_call, call, call - forward + strike)


def implied_volatility(value: Floats, forward: Floats, strike: Floats, years: Floats, is_call: np.ndarray) -> Floats:
    """Return the volatility of undiscounted values; NaN where `value` is not between those of 1 % and 600 % volatility."""
    low, high = np.full(len(value), _LOW), np.full(len(value), _HIGH)
    inside = (value > price(forward, strike, years, low, is_call)) & (value < price(forward, strike, years, high, is_call))
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        above = price(forward, strike, years, middle, is_call) > value
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(inside, 0.5 * (low + high), np.nan)


def delta(forward: Floats, strike: Floats, years: Floats, volatility: Floats, is_call: np.ndarray) -> Floats:
    """Return forward deltas, negative for puts; NaN where the volatility is."""
    deviation = volatility * np.sqrt(years)
    call = normal_cdf(np.log(forward / strike) / deviation + 0.5 * deviation)
    return np.where(is_call, call, call - 1.0)


def vega(forward: Floats, strike: Floats, years: Floats, volatility: Floats) -> Floats:
    """Return the undiscounted value of one unit (1.00) of volatility."""
    deviation = volatility * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    return forward * np.sqrt(years) * np.exp(-0.5 * d1 * d1) / sqrt(2.0 * np.pi)
