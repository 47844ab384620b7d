"""Trailing baselines of contracts and underlyings: rates, volumes, premium, last prices. Belongs here: read before, add after.

Print rate at time t, in Hz: N(t) / (tau (1 - exp(-(t - t0) / tau))), where N is the sum of exp(-(t - t_i) / tau) over the earlier
arrivals, tau the time constant, and t0 the open, or the underlying's first print if that came before the open. The denominator is what N
would be at one arrival a second since t0, so an early estimate is not too low. Prints of one contract at one instant are one arrival:
whether a fill is reported whole or in parts says nothing of how busy the contract is.

99th percentile of an underlying's print sizes: sizes are counted in bins an eighth of an octave wide; the percentile is the upper edge of
the lowest bin above which lies at most one size in a hundred.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.align_params import AlignParams
from smartmoney_pipeline.market.arrays import F8, I32, I64, Bool
from smartmoney_pipeline.schemas.units import NS_PER_SECOND, TICKS_PER_DOLLAR

PRINT_TIME, VOLUME, LAST_PRICE, OTHER_PRICE = range(4)
U_PRINT_TIME, U_VOLUME, PREMIUMS, FIRST_PRINT = range(4)
U_DECAYED, PREMIUM_MEAN, PREMIUM_SQUARES = range(3)


COUNT_COLUMNS = ("last_price", "contract_volume", "underlying_volume", "premium_count")
LAST_PRICE_OUT, CONTRACT_VOLUME, UNDERLYING_VOLUME, PREMIUM_COUNT = range(4)
FLOAT_COLUMNS = ("contract_rate_hz", "underlying_rate_hz", "premium_log_mean", "premium_log_var", "size_p99")
CONTRACT_RATE, UNDERLYING_RATE, MEAN, VARIANCE, SIZE_P99 = range(5)

SIZE_BINS, BINS_PER_OCTAVE = 160, 8
"""Sizes up to 2^20 contracts have a bin of their own; larger ones share the last."""
SIZES_SEEN, TOP_BIN, ABOVE_TOP = range(SIZE_BINS, SIZE_BINS + 3)
"""After the counts of the bins: sizes counted, bin of the percentile, sizes in bins above it."""
LEAST_SIZES, ONE_IN = 100, 100
"""A 99th percentile needs a hundred sizes; above it lies at most one in a hundred."""


class BaselineState(NamedTuple):
    """Per contract slot: last print time, volume, last price, last other price; decayed count. Per underlying: likewise, and sizes."""

    contract: I64
    contract_decayed: F8
    underlying: I64
    underlying_floats: F8
    sizes: I64


def empty_baselines(slots: int, underlyings: int) -> BaselineState:
    """Baselines before the first print of the day."""
    contract = np.full((slots, 4), -1, np.int64)
    contract[:, VOLUME] = 0
    underlying = np.full((underlyings, 4), -1, np.int64)
    underlying[:, [U_VOLUME, PREMIUMS]] = 0
    return BaselineState(
        contract, np.zeros(slots), underlying, np.zeros((underlyings, 3)), np.zeros((underlyings, SIZE_BINS + 3), np.int64)
    )


@njit(cache=True, nogil=True)
def _decayed(count: float, last: int, ts: int, tau: float) -> float:
    return count * math.exp((last - ts) / tau) if count > 0.0 and ts > last else count


@njit(cache=True, nogil=True)
def _capacity(first: int, ts: int, p: AlignParams) -> float:
    """Decayed count that one print a second since the start of observation would have, in seconds."""
    start = min(p.session_open, first) if first >= 0 else p.session_open
    elapsed = max(ts - start, p.rate_least_elapsed)
    return p.rate_time_constant / NS_PER_SECOND * -math.expm1(-elapsed / p.rate_time_constant)


@njit(cache=True, nogil=True)
def _add_premium(underlying: I64, floats: F8, u: int, premium_ticks: int) -> None:
    """Welford's update of mean and variance of ln premium, so that nothing cancels."""
    underlying[u, PREMIUMS] += 1
    premium = math.log(premium_ticks / TICKS_PER_DOLLAR)
    step = premium - floats[u, PREMIUM_MEAN]
    floats[u, PREMIUM_MEAN] += step / underlying[u, PREMIUMS]
    floats[u, PREMIUM_SQUARES] += step * (premium - floats[u, PREMIUM_MEAN])


@njit(cache=True, nogil=True)
def _add_size(sizes: I64, u: int, size: int) -> None:
    """Count one size and move the bin of the percentile to where it belongs."""
    place = min(int(BINS_PER_OCTAVE * math.log2(max(size, 1))), SIZE_BINS - 1)
    sizes[u, place] += 1
    sizes[u, SIZES_SEEN] += 1
    if place > sizes[u, TOP_BIN]:
        sizes[u, ABOVE_TOP] += 1
    while ONE_IN * sizes[u, ABOVE_TOP] > sizes[u, SIZES_SEEN]:
        sizes[u, TOP_BIN] += 1
        sizes[u, ABOVE_TOP] -= sizes[u, sizes[u, TOP_BIN]]
    while sizes[u, TOP_BIN] > 0 and ONE_IN * (sizes[u, ABOVE_TOP] + sizes[u, sizes[u, TOP_BIN]]) <= sizes[u, SIZES_SEEN]:
        sizes[u, ABOVE_TOP] += sizes[u, sizes[u, TOP_BIN]]
        sizes[u, TOP_BIN] -= 1


@njit(cache=True, nogil=True)
def _size_p99(sizes: I64, u: int) -> float:
    """99th percentile of the sizes counted so far, contracts; NaN where they are too few."""
    return math.nan if sizes[u, SIZES_SEEN] < LEAST_SIZES else 2.0 ** ((sizes[u, TOP_BIN] + 1) / BINS_PER_OCTAVE)


@njit(cache=True, nogil=True)
def trail_baselines(
    contract: I64, decayed: F8, underlying: I64, floats: F8, sizes: I64,
    ts: I64, slot: I32, u_of: I32, price: I32, size: I32, multiplier: I32, counts: Bool, sets_price: Bool,
    out_counts: I64, out_floats: F8, p: AlignParams,
) -> None:  # fmt: skip
    """Write what was known before each print into rows of `out_*`, then add the print.

    `counts` and `sets_price` say by print whether it enters the baselines, and whether its price is the contract's last.
    """
    tau = p.rate_time_constant
    for i in range(len(ts)):
        now, s, u = ts[i], slot[i], u_of[i]
        capacity = _capacity(underlying[u, FIRST_PRINT], now, p)
        of_contract = _decayed(decayed[s], contract[s, PRINT_TIME], now, tau)
        of_underlying = _decayed(floats[u, U_DECAYED], underlying[u, U_PRINT_TIME], now, tau)
        out_floats[CONTRACT_RATE, i] = of_contract / capacity
        out_floats[UNDERLYING_RATE, i] = of_underlying / capacity
        last = contract[s, LAST_PRICE]
        out_counts[LAST_PRICE_OUT, i] = contract[s, OTHER_PRICE] if last == price[i] else last
        out_counts[CONTRACT_VOLUME, i] = contract[s, VOLUME]
        out_counts[UNDERLYING_VOLUME, i] = underlying[u, U_VOLUME]
        n = underlying[u, PREMIUMS]
        out_counts[PREMIUM_COUNT, i] = n
        out_floats[MEAN, i] = floats[u, PREMIUM_MEAN] if n > 0 else math.nan
        out_floats[VARIANCE, i] = floats[u, PREMIUM_SQUARES] / (n - 1) if n > 1 else math.nan
        out_floats[SIZE_P99, i] = _size_p99(sizes, u)
        if sets_price[i] and price[i] != last:
            contract[s, OTHER_PRICE], contract[s, LAST_PRICE] = last, price[i]
        if not counts[i]:
            continue
        arrivals = 0.0 if contract[s, PRINT_TIME] == now else 1.0
        decayed[s], contract[s, PRINT_TIME] = of_contract + arrivals, now
        floats[u, U_DECAYED], underlying[u, U_PRINT_TIME] = of_underlying + arrivals, now
        contract[s, VOLUME] += size[i]
        underlying[u, U_VOLUME] += size[i]
        _add_size(sizes, u, size[i])
        if underlying[u, FIRST_PRINT] < 0:
            underlying[u, FIRST_PRINT] = now
        if price[i] > 0:
            _add_premium(underlying, floats, u, np.int64(price[i]) * size[i] * multiplier[i])
