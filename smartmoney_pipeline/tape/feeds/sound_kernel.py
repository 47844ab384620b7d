"""Tells in one pass whether a whole column of numbers is sound, so that the rules that name each fault run only where there is one."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from smartmoney_pipeline.schemas.units import MAX_PRICE_USD, TICKS_PER_DOLLAR
from smartmoney_pipeline.tape.rules import GRID_TOLERANCE, MAX_SIZE

_HIGHEST, _TICKS, _TOLERANCE = float(MAX_PRICE_USD), float(TICKS_PER_DOLLAR), float(GRID_TOLERANCE)
_MOST = int(MAX_SIZE)


@njit(cache=True, nogil=True)
def sound_prices(usd: NDArray[np.float64], zero_is_answer: bool, on_grid: bool) -> bool:
    """Whether all prices (USD, f64[n]) are numbers in range and, where asked, on the grid of ticks; not a number is unsound."""
    good = True
    for price in usd:
        ticks = price * _TICKS
        in_range = price <= _HIGHEST and (price > 0 or (zero_is_answer and price == 0))
        good = good and in_range and (not on_grid or np.abs(ticks - np.rint(ticks)) <= _TOLERANCE)
    return good


@njit(cache=True, nogil=True)
def sound_sizes(size: NDArray[np.int64], lowest: int) -> bool:
    """Whether all sizes (i64[n]) lie between `lowest` and the largest that a tape holds."""
    good = True
    for count in size:
        good = good & (count >= lowest) & (count <= _MOST)
    return good
