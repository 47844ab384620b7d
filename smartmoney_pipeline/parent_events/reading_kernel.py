"""Readings of a package: which signs its legs had, what that makes it, and how far its price supports it.

Every choice of signs of up to four legs is a reading. Its score in nats is the log prior of its structure, plus what the place of each
leg between its own bid and ask says for its sign (weakly: a package is priced as one), less a little for the distance of the net price
from the package mid, which decides between equals. Readings whose net price lies outside the package's quote, widened by a tick, are
left out while another one is inside. The side of the mid gives the orientation.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events.package_price_kernel import (
    DELTA,
    DTE,
    FORWARD,
    OPEN_INTEREST,
    STRIKE_UNIT,
    VOLUME,
    leg_support,
    package_offset,
    package_quote,
    parity_residual,
)
from smartmoney_pipeline.parent_events.patterns_kernel import (
    BOX,
    CALENDAR,
    CALL,
    COLLAR,
    CONVERSION_REVERSAL,
    COVERED_CALL,
    CUSTOM,
    DELTA_NEUTRAL,
    DIAGONAL,
    DIVIDEND_SPREAD,
    JELLY_ROLL,
    NAMED_LEGS,
    PROTECTIVE_PUT,
    RISK_REVERSAL,
    ROLL,
    SIZE,
    STOCK_TIED,
    STRIKE,
    SYNTHETIC,
    UNMATCHED_LEG,
    VERTICAL,
    pattern,
    reduce_ratio,
    set_signs,
)

STRUCTURE, RUNNER_UP = range(2)
MARGIN, BUY, POSITION, PARITY = range(4)


class ReadingOdds(NamedTuple):
    """Weights of readings; see `parent_params`."""

    tick: int
    margin_cap: float
    leg_evidence: float
    tightness: float
    accuracy_near: float
    accuracy_far: float
    roll_dte: int
    roll_unknown: float
    roll_supported: float
    roll_refuted: float
    roll_volume_share: float
    deep_moneyness: float
    neutral_delta: float


@njit(cache=True, nogil=True)
def side_probability(position: float, near: float, far: float) -> float:
    """Probability that what stands beyond the mid by `position` half-spreads was bought there; one half at the mid itself."""
    if not position > 0.0:
        return 0.5
    low, high = math.log(near / (1.0 - near)), math.log(far / (1.0 - far))
    return 1.0 / (1.0 + math.exp(-(low + (high - low) * min(position, 1.0))))


@njit(cache=True, nogil=True)
def _has_stock(code: int) -> int:
    """Name of an option structure that is tied to stock."""
    if code == SYNTHETIC:
        return CONVERSION_REVERSAL
    if code == RISK_REVERSAL:
        return COLLAR
    return STOCK_TIED if code == CUSTOM else DELTA_NEUTRAL


@njit(cache=True, nogil=True)
def _is_deep_call(legs: I64, floats: F8, i: int, o: ReadingOdds) -> bool:
    return legs[i, CALL] == 1 and legs[i, DTE] >= 1 and legs[i, STRIKE] / STRIKE_UNIT < o.deep_moneyness * floats[i, FORWARD]


@njit(cache=True, nogil=True)
def _roll_share(legs: I64, floats: F8, o: ReadingOdds) -> float:
    """Share of calendars and diagonals of this kind that move a position on; 0 where the near leg is neither short nor in the money."""
    strike, forward = legs[0, STRIKE] / STRIKE_UNIT, floats[0, FORWARD]
    in_money = strike < forward if legs[0, CALL] == 1 else strike > forward
    if legs[0, DTE] > o.roll_dte and not in_money:
        return 0.0
    if not floats[0, OPEN_INTEREST] >= 0.0:
        return o.roll_unknown
    traded = legs[0, VOLUME] + legs[0, SIZE]
    return o.roll_supported if traded < o.roll_volume_share * floats[0, OPEN_INTEREST] else o.roll_refuted


@njit(cache=True, nogil=True)
def _name(legs: I64, floats: F8, q: I64, n: int, stock: bool, ex_dividend: bool, o: ReadingOdds) -> int:
    code = pattern(legs, q, n)
    if stock:
        return _has_stock(code)
    if code == VERTICAL and ex_dividend and _is_deep_call(legs, floats, 0, o) and _is_deep_call(legs, floats, 1, o):
        return DIVIDEND_SPREAD
    return code


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
    quoted: bool, half: float, strict: bool, best: F8, codes: I64, q: I64,
) -> int:  # fmt: skip
    """Score every choice of signs; the mask of the best one, -1 where none is admissible."""
    first = -1
    best[0], best[1], codes[0], codes[1] = -np.inf, -np.inf, -1, -1
    for mask in range(1 << (n - 1)):
        set_signs(ratio, n, mask, q)
        code = _name(legs, floats, q, n, stock, ex_dividend, o)
        offset = package_offset(legs, q, n) if quoted else 0.0
        if strict and abs(offset) > half + o.tick:
            continue
        score = prior[code]
        if quoted:
            score += o.leg_evidence * leg_support(legs, q, n, offset) - o.tightness * abs(offset) / half
        share = _roll_share(legs, floats, o) if code in (CALENDAR, DIAGONAL) else 0.0
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
    if n > NAMED_LEGS:
        return
    quoted, half = package_quote(legs, ratio, n)
    mask = _read_signs(legs, floats, ratio, n, stock, ex_dividend, prior, o, quoted, half, quoted, best, codes, q)
    if mask < 0:
        mask = _read_signs(legs, floats, ratio, n, stock, ex_dividend, prior, o, quoted, half, False, best, codes, q)
    set_signs(ratio, n, mask, q)
    out[MARGIN], out[BUY] = _margin(best, o.margin_cap), 0.5
    if quoted:
        position = package_offset(legs, q, n) / half
        if position < 0.0:
            q[:n] = -q[:n]
        out[POSITION] = abs(position)
        out[BUY] = side_probability(out[POSITION], o.accuracy_near, o.accuracy_far)
    if codes[0] in (BOX, JELLY_ROLL, CONVERSION_REVERSAL):
        out[PARITY] = parity_residual(legs, floats, q, n, half)


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
