"""Greeks of European options on the forward. Belongs here: closed formulas of Black (BLACK1976), row by row."""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, Bool
from smartmoney_pipeline.market.black_kernel import normal_cdf, normal_pdf


@njit(cache=True, nogil=True)
def greeks_row(
    iv: float, forward: float, strike: float, years: float, discount: float, reach: float, is_call: bool
) -> tuple[float, float, float]:
    """Delta, gamma and vega of one option, USD; `reach` = d forward / d underlying."""
    spread = iv * math.sqrt(years)
    if not (spread > 0.0 and forward > 0.0 and strike > 0.0):
        return math.nan, math.nan, math.nan
    d1 = math.log(forward / strike) / spread + 0.5 * spread
    density = discount * normal_pdf(d1)
    share = normal_cdf(d1) if is_call else -normal_cdf(-d1)
    gamma = reach * reach * density / (forward * spread)
    return discount * reach * share, gamma, forward * density * math.sqrt(years)


@njit(cache=True, nogil=True)
def greeks_rows(iv: F8, forward: F8, strike: F8, years: F8, discount: F8, reach: F8, is_call: Bool) -> tuple[F8, F8, F8]:
    """`greeks_row` for equal-length columns."""
    n = len(iv)
    delta, gamma, vega = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        delta[i], gamma[i], vega[i] = greeks_row(iv[i], forward[i], strike[i], years[i], discount[i], reach[i], is_call[i])
    return delta, gamma, vega
