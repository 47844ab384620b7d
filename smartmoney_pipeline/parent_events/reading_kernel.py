"""Readings of a package: which signs its legs had, what that makes it, and how far its price supports it.

Every choice of signs is a reading. Its score in nats is the log prior of its structure, plus what the place of each leg between its own
bid and ask says for its sign (weakly: a package is priced as one), less a little for the distance of the net price from the package mid,
which decides between equals. Readings whose net price lies outside the package's quote, widened by a tick, are left out; where none is
inside, the quotes are not those of the package and count as missing. The side of the mid gives the orientation. Above four legs there
is no name to favour a choice, so the signs stay open unless the best choice leads by a margin.
"""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.many_legs_kernel import search_signs
from smartmoney_pipeline.parent_events.naming_kernel import ReadingOdds, name_of, roll_share
from smartmoney_pipeline.parent_events.package_price_kernel import (
    DELTA,
    leg_support,
    package_offset,
    package_quote,
    parity_residual,
    side_probability,
)
from smartmoney_pipeline.parent_events.parts_kernel import best_parts
from smartmoney_pipeline.parent_events.patterns_kernel import (
    BOX,
    CALENDAR,
    CALL,
    CONVERSION_REVERSAL,
    COVERED_CALL,
    CUSTOM,
    DELTA_NEUTRAL,
    DIAGONAL,
    JELLY_ROLL,
    NAMED_LEGS,
    PROTECTIVE_PUT,
    ROLL,
    STOCK_TIED,
    UNMATCHED_LEG,
    reduce_ratio,
    set_signs,
)

STRUCTURE, RUNNER_UP = range(2)
MARGIN, BUY, POSITION, PARITY = range(4)


@njit(cache=True, nogil=True)
def _rank(score: float, code: int, best: F8, codes: I64) -> bool:
    """Keep the two best readings; whether this one is now first."""
    if score > best[0]:
        best[1], codes[1] = best[0], codes[0]
        best[0], codes[0] = score, code
        return True
    if score > best[1]:
        best[1], codes[1] = score, code
    return False


@njit(cache=True, nogil=True)
def _read_signs(
    legs: I64, floats: F8, ratio: I64, n: int, stock: bool, ex_dividend: bool, prior: F8, o: ReadingOdds,
    quoted: bool, half: float, best: F8, codes: I64, q: I64,
) -> int:  # fmt: skip
    """Score every choice of signs; the mask of the best one, -1 where none is admissible. The choices of one name share its prior."""
    first, names, shared = -1, np.empty(1 << (n - 1), np.int64), np.zeros(len(prior))
    for mask in range(len(names)):
        set_signs(ratio, n, mask, q)
        names[mask] = name_of(legs, floats, q, n, stock, ex_dividend, o)
        shared[names[mask]] += 1.0
    best[0], best[1], codes[0], codes[1] = -np.inf, -np.inf, -1, -1
    for mask in range(1 << (n - 1)):
        set_signs(ratio, n, mask, q)
        code = names[mask]
        offset = package_offset(legs, q, n) if quoted else 0.0
        if quoted and abs(offset) > half + o.tick:
            continue
        score = prior[code] - math.log(shared[code])
        if quoted:
            score += o.leg_evidence * leg_support(legs, q, n, offset) - o.tightness * abs(offset) / half
        share = roll_share(legs, floats, o) if code in (CALENDAR, DIAGONAL) else 0.0
        if share > 0.0:
            moved = _rank(score + math.log(share), ROLL, best, codes)
            stays = _rank(score + math.log(1.0 - share), code, best, codes)
            first = mask if moved or stays else first
        elif _rank(score, code, best, codes):
            first = mask
    return first


@njit(cache=True, nogil=True)
def _margin(best: F8, cap: float) -> float:
    return min(best[0] - best[1], cap)


@njit(cache=True, nogil=True)
def _orient(legs: I64, n: int, half: float, o: ReadingOdds, out: F8, q: I64) -> None:
    """Turn the signs so that the package pays up, and say how likely that is."""
    position = package_offset(legs, q, n) / half
    if position < 0.0:
        q[:n] = -q[:n]
    out[POSITION] = abs(position)
    out[BUY] = side_probability(out[POSITION], o.accuracy_near, o.accuracy_far)


@njit(cache=True, nogil=True)
def _read_many(legs: I64, n: int, half: float, o: ReadingOdds, codes: I64, out: F8, ratio: I64, q: I64) -> None:
    """Signs of more legs than the catalogue names; they stay open where the next best choice is too near."""
    mask, best, second = search_signs(legs, ratio, n, half, o.tick, o.leg_evidence, o.tightness, o.cancels)
    if mask < 0:
        return
    out[MARGIN], codes[1] = min(best - second, o.margin_cap), codes[0]
    if out[MARGIN] >= o.least_margin:
        set_signs(ratio, n, mask, q)
        _orient(legs, n, half, o, out, q)


@njit(cache=True, nogil=True)
def read_package(
    legs: I64, floats: F8, n: int, stock: bool, ex_dividend: bool, prior: F8, o: ReadingOdds,
    codes: I64, out: F8, ratio: I64, q: I64,
) -> None:  # fmt: skip
    """Best reading of `n` sorted legs: fills `codes` (structure, runner-up or -1), `out` (margin nats, probability of the orientation,
    net price position, parity residual; nan unknown), `ratio` and signed `q` (0 where unknown)."""
    best = np.empty(2)
    out[:] = np.nan
    reduce_ratio(legs, n, ratio)
    q[:n] = 0
    codes[0], codes[1] = STOCK_TIED if stock else CUSTOM, -1
    if n == 1:
        codes[0] = STOCK_TIED if stock else UNMATCHED_LEG
        if stock:
            _read_single(legs, floats, prior, o, codes, out, q)
        return
    quoted, half = package_quote(legs, ratio, n)
    if n > NAMED_LEGS:
        if quoted:
            _read_many(legs, n, half, o, codes, out, ratio, q)
        return
    mask = _read_signs(legs, floats, ratio, n, stock, ex_dividend, prior, o, quoted, half, best, codes, q)
    if mask < 0:
        quoted = False
        mask = _read_signs(legs, floats, ratio, n, stock, ex_dividend, prior, o, quoted, half, best, codes, q)
    set_signs(ratio, n, mask, q)
    if n == NAMED_LEGS and codes[0] != CUSTOM and not stock:
        part, odds = best_parts(legs, q, prior)
        _rank(best[0] - prior[codes[0]] + odds + o.coincidence, part, best, codes)
    out[MARGIN], out[BUY] = _margin(best, o.margin_cap), 0.5
    if quoted:
        _orient(legs, n, half, o, out, q)
    if codes[0] in (BOX, JELLY_ROLL, CONVERSION_REVERSAL):
        out[PARITY] = parity_residual(legs, floats, q, n, half if quoted else np.nan)


@njit(cache=True, nogil=True)
def _read_single(legs: I64, floats: F8, prior: F8, o: ReadingOdds, codes: I64, out: F8, q: I64) -> None:
    """One option tied to stock: a call sold covers stock, a put bought protects it, else the option stands against shares by delta."""
    quoted, half = package_quote(legs, np.ones(1, np.int64), 1)
    out[BUY] = 0.5
    if not quoted:
        return
    q[0] = 1
    position = package_offset(legs, q, 1) / half
    q[0] = -1 if position < 0.0 else 1
    out[POSITION] = abs(position)
    out[BUY] = side_probability(out[POSITION], o.accuracy_near, o.accuracy_far)
    if position == 0.0:
        q[0] = 0
        return
    holds_stock = q[0] < 0 if legs[0, CALL] == 1 else q[0] > 0
    by_name = COVERED_CALL if legs[0, CALL] == 1 else PROTECTIVE_PUT
    if abs(floats[0, DELTA]) >= o.neutral_delta:
        codes[0] = DELTA_NEUTRAL
        out[MARGIN] = o.margin_cap
        return
    named, neutral = out[BUY] if holds_stock else 1.0 - out[BUY], 1.0 - out[BUY] if holds_stock else out[BUY]
    odds = prior[by_name] - prior[DELTA_NEUTRAL] + math.log(named / neutral)
    codes[0], codes[1] = (by_name, DELTA_NEUTRAL) if odds > 0.0 else (DELTA_NEUTRAL, by_name)
    out[MARGIN] = min(abs(odds), o.margin_cap)
