"""Put-call parity level of one slice (underlying, expiry, settlement). Belongs here: legs, choice of strikes, weighted median.

The level is F / S where the underlying has a mid, else F in USD. Only the few strikes where call and put cost about the same are
used: there the early-exercise premium of American options is smallest.
"""

import math

from numba import njit

from smartmoney_pipeline.market.align_params import AlignParams
from smartmoney_pipeline.market.arrays import F8, I32, I64
from smartmoney_pipeline.market.quote_kernel import PRICES, SPOT, TIME, high_half, low_half
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

NEAREST = 5
"""Pairs that enter the median (SEED): three to five strikes nearest the money for American options, where early exercise is worth least."""

GAP, LEVEL, WEIGHT = range(3)


@njit(cache=True, nogil=True)
def leg_quote(rows: I64, slot: int, ts: int, p: AlignParams) -> tuple[int, int]:
    """Bid + ask and spread in ticks of a usable leg: two-sided, not locked or crossed, not old, not wide. (-1, 0) if not."""
    if slot < 0 or rows[slot, TIME] < 0 or ts - rows[slot, TIME] > p.leg_max_age:
        return -1, 0
    bid, ask = high_half(rows[slot, PRICES]), low_half(rows[slot, PRICES])
    spread = ask - bid
    if bid <= 0 or spread <= 0:
        return -1, 0
    if spread > p.leg_spread_ticks and 2 * spread > p.leg_spread_share * (bid + ask):
        return -1, 0
    return bid + ask, spread


@njit(cache=True, nogil=True)
def pair_spot(rows: I64, call: int, put: int, carried: bool, spot_mid2: int, slack: int, p: AlignParams) -> int:
    """Mid2 of the underlying that both legs were quoted against: 0 = gives no level, -1 = the legs do not belong together.

    `spot_mid2` is 0 where the underlying is unknown or its level gives no forward. Between two snapshots the underlying may have moved
    by as much as the half-spreads of both legs, `slack` in mid2 ticks: deltas are at most 1, so the forward is then wrong by less than
    its own spread.
    """
    if not carried:
        return spot_mid2
    one, other = rows[call, SPOT], rows[put, SPOT]
    if one == 0 or other == 0:
        together = abs(rows[call, TIME] - rows[put, TIME]) <= p.time_tolerance
        return 0 if together and spot_mid2 == 0 else -1
    if abs(one - other) > max(p.spot_tolerance * one, slack):
        return -1
    return (one + other) // 2 if spot_mid2 > 0 else 0


@njit(cache=True, nogil=True)
def _insert(best: F8, filled: int, gap: float, level: float, weight: float) -> int:
    """Keep the pair if it is among the `NEAREST` with the smallest gap; rows of `best` stay sorted by gap."""
    at = filled
    while at > 0 and best[at - 1, GAP] > gap:
        at -= 1
    if at == NEAREST:
        return filled
    last = min(filled, NEAREST - 1)
    for row in range(last, at, -1):
        best[row, GAP], best[row, LEVEL], best[row, WEIGHT] = best[row - 1, GAP], best[row - 1, LEVEL], best[row - 1, WEIGHT]
    best[at, GAP], best[at, LEVEL], best[at, WEIGHT] = gap, level, weight
    return last + 1


@njit(cache=True, nogil=True)
def weighted_median(best: F8, filled: int) -> float:
    """Lower weighted median of the levels in the first `filled` rows."""
    total = 0.0
    for row in range(filled):
        total += best[row, WEIGHT]
    answer = math.nan
    for row in range(filled):
        below, upto = 0.0, 0.0
        for other in range(filled):
            below += best[other, WEIGHT] if best[other, LEVEL] < best[row, LEVEL] else 0.0
            upto += best[other, WEIGHT] if best[other, LEVEL] <= best[row, LEVEL] else 0.0
        if below < 0.5 * total <= upto:
            answer = best[row, LEVEL]
    return answer


@njit(cache=True, nogil=True)
def nearest_pairs(
    rows: I64, strike: I64, call: I32, put: I32, start: int, stop: int, ts: int,
    growth: float, carried: bool, spot_mid2: int, best: F8, p: AlignParams,
) -> tuple[int, int]:  # fmt: skip
    """Fill `best` with the usable pairs nearest to parity among strikes [start, stop); their number, and the best strike's index."""
    filled, nearest = 0, -1
    for k in range(start, stop):
        call_mid2, call_spread = leg_quote(rows, call[k], ts, p)
        if call_mid2 < 0:
            continue
        put_mid2, put_spread = leg_quote(rows, put[k], ts, p)
        if put_mid2 < 0:
            continue
        spot2 = pair_spot(rows, call[k], put[k], carried, spot_mid2, call_spread + put_spread, p)
        forward2 = 2.0 * strike[k] + (call_mid2 - put_mid2) * growth
        if spot2 < 0 or forward2 <= 0.0:
            continue
        level = forward2 / spot2 if spot2 > 0 else 0.5 * forward2 / TICKS_PER_DOLLAR
        gap = float(abs(call_mid2 - put_mid2))
        if filled == 0 or gap < best[0, GAP]:
            nearest = k
        weight = 1.0 / (float(call_spread) ** 2 + float(put_spread) ** 2)
        filled = _insert(best, filled, gap, level, weight)
    return filled, nearest
