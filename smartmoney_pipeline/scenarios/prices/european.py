"""European options on a forward (Black 1976): price, delta and vega for many rows at once."""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.scenarios.clock import Floats

_SQRT2 = math.sqrt(2.0)
_INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)


@njit(cache=True, nogil=True)
def _cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / _SQRT2)


@njit(cache=True, nogil=True)
def black_rows(forward: Floats, strike: Floats, is_call: np.ndarray, deviation: Floats, discount: Floats) -> tuple[Floats, Floats, Floats]:
    """Return price, forward delta and vega per unit of deviation, one per row.

    `forward` and `strike` in USD, `deviation` the standard deviation of the log price to expiry (volatility times root time),
    `discount` the factor to expiry. Prices are discounted; a deviation at or below zero gives intrinsic value.
    """
    n = forward.shape[0]
    price, delta, vega = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        sign = 1.0 if is_call[i] else -1.0
        if deviation[i] <= 0.0:
            price[i] = discount[i] * max(sign * (forward[i] - strike[i]), 0.0)
            delta[i] = sign * discount[i] if sign * (forward[i] - strike[i]) > 0.0 else 0.0
            vega[i] = 0.0
            continue
        d1 = math.log(forward[i] / strike[i]) / deviation[i] + 0.5 * deviation[i]
        d2 = d1 - deviation[i]
        upper, lower = _cdf(sign * d1), _cdf(sign * d2)
        price[i] = discount[i] * sign * (forward[i] * upper - strike[i] * lower)
        delta[i] = discount[i] * sign * upper
        vega[i] = discount[i] * forward[i] * _INV_SQRT_2PI * math.exp(-0.5 * d1 * d1)
    return price, delta, vega
