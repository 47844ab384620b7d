"""Implied volatility on the forward. Belongs here: the inversion of the Black price, row by row.

A price is moved to its out-of-the-money twin by parity, normalised, and solved for the total volatility s. Below the inflection point
s_c = sqrt(2|x|) the equation 1/ln b(s) = 1/ln b is nearly straight; above it b(s) itself is (JAECKEL2015). Each is solved by third-order
Householder steps inside a bracket that every evaluation narrows, so a bad step falls back to bisection.
"""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, Bool
from smartmoney_pipeline.market.black_kernel import INV_SQRT_2PI, exponent, householder, normalised_price, scaled_price

MOST_STEPS = 60
"""Bisection alone would need fewer from any bracket in use."""

ENOUGH = 1e-5
"""Relative step at which the iteration ends."""

LARGEST_TOTAL_VOLATILITY = 40.0
"""Beyond this the price equals its upper bound in double precision."""


@njit(cache=True, nogil=True)
def _first_guess_low(x: float, target: float, at_inflection: float) -> float:
    """Guess below the inflection point, exact there and in the far tail (JAECKEL2006)."""
    return math.sqrt(2.0 * x * x / (-x - 4.0 * math.log(target / at_inflection)))


@njit(cache=True, nogil=True)
def _first_guess_high(x: float, target: float, inflection: float) -> float:
    """Guess above the inflection point: quadratic approximation near the money (CM1996)."""
    gap = 2.0 * math.sinh(-0.5 * x)
    centred = target + 0.5 * gap
    root = math.sqrt(max(centred * centred - gap * gap / math.pi, 0.0))
    return max(inflection, math.sqrt(2.0 * math.pi) / (2.0 * math.cosh(0.5 * x)) * (centred + root))


@njit(cache=True, nogil=True)
def _low_step(x: float, s: float, inverse_log_target: float) -> tuple[float, float]:
    """Step on 1/ln b, and the sign of b(s) - target."""
    scaled = max(scaled_price(x, s), 1e-300)
    log_b = math.log(scaled) + exponent(x, s)
    rate = INV_SQRT_2PI / scaled
    value = 1.0 / log_b - inverse_log_target
    bend = x * x / (s * s * s) - 0.25 * s
    third = bend * bend - 3.0 * x * x / (s * s * s * s) - 0.25
    inverse = 1.0 / log_b
    spread = 1.0 + 2.0 * inverse
    second_ratio = bend - rate * spread
    third_ratio = third - 3.0 * bend * rate * spread + rate * rate * (2.0 + 6.0 * inverse * (1.0 + inverse))
    return householder(-value * log_b * log_b / rate, second_ratio, third_ratio), -value


@njit(cache=True, nogil=True)
def _high_step(x: float, s: float, target: float) -> tuple[float, float]:
    """Step on b itself, and the sign of b(s) - target."""
    value = normalised_price(x, s) - target
    slope = INV_SQRT_2PI * math.exp(exponent(x, s))
    bend = x * x / (s * s * s) - 0.25 * s
    third = bend * bend - 3.0 * x * x / (s * s * s * s) - 0.25
    return householder(value / slope, bend, third), value


@njit(cache=True, nogil=True)
def total_volatility(x: float, target: float) -> float:
    """Total volatility s with b(x, s) = target, for x <= 0; nan where the price is not inside (0, e^(x/2))."""
    if not 0.0 < target < math.exp(0.5 * x):
        return math.nan
    inflection = math.sqrt(-2.0 * x)
    at_inflection = normalised_price(x, inflection) if inflection > 0.0 else 0.0
    low = target < at_inflection
    if low:
        s, left, right = _first_guess_low(x, target, at_inflection), 0.0, inflection
        inverse_log = 1.0 / math.log(target)
    else:
        s, left, right = _first_guess_high(x, target, inflection), inflection, LARGEST_TOTAL_VOLATILITY
        inverse_log = 0.0
    for _ in range(MOST_STEPS):
        step, sign = _low_step(x, s, inverse_log) if low else _high_step(x, s, target)
        left, right = (left, s) if sign > 0.0 else (s, right)
        following = s + step
        # A fourth-order step this small leaves an error below rounding; a bisection says nothing about the error.
        done = abs(step) <= ENOUGH * s
        if not left <= following <= right:
            following, done = 0.5 * (left + right), right - left <= 1e-15 * s
        s = following
        if done:
            break
    return s


@njit(cache=True, nogil=True)
def implied_row(price: float, forward: float, strike: float, years: float, discount: float, is_call: bool) -> float:
    """Annual volatility of one option price in USD; nan where there is none."""
    if not (price > 0.0 and forward > 0.0 and strike > 0.0 and years > 0.0 and discount > 0.0):
        return math.nan
    intrinsic = max(forward - strike if is_call else strike - forward, 0.0)
    time_value = price / discount - intrinsic
    target = time_value / math.sqrt(forward * strike)
    return total_volatility(-abs(math.log(forward / strike)), target) / math.sqrt(years)


@njit(cache=True, nogil=True)
def implied_rows(price: F8, forward: F8, strike: F8, years: F8, discount: F8, is_call: Bool) -> F8:
    """`implied_row` for equal-length columns."""
    out = np.empty(len(price))
    for i in range(len(price)):
        out[i] = implied_row(price[i], forward[i], strike[i], years[i], discount[i], is_call[i])
    return out
