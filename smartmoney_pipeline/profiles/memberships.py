"""Memberships of all conditions of a few events, as flat arrays and a kernel. What a condition means is said in `conditions.py`."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.conditions import Condition, Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RAMP, STEP, BETWEEN, IS_TRUE, IS_UNKNOWN, ONE_OF, NONE_OF = range(7)
_FLAGS = {Kind.IS_TRUE: IS_TRUE, Kind.IS_UNKNOWN: IS_UNKNOWN, Kind.ONE_OF: ONE_OF, Kind.NONE_OF: NONE_OF}


class ConditionArrays(NamedTuple):
    """Plain conditions L, sorted by form, then alternatives A. A ramp of v is (sign v - start) x scale, held within 0 and 1."""

    form: Ints
    column: Ints
    """Row of the value matrix."""
    ramp: Floats
    """[L, 6]: sign, start and scale of a rising ramp, and of a second one that must hold too; a step has no scale."""
    codes: NDArray[np.uint64]
    """Bit c = code c is one of the codes."""
    member_start: Ints
    member: Ints
    """Plain conditions of alternative a: member[member_start[a]:member_start[a + 1]]."""


def condition_arrays(conditions: Iterable[Condition], columns: Sequence[str]) -> tuple[ConditionArrays, dict[Condition, int]]:
    """Return the flat form of `conditions` over the named columns, and the place of each in what `fill_held` fills."""
    wanted = tuple(conditions)
    either = [condition for condition in wanted if condition.kind is Kind.ANY_OF]
    plain = dict.fromkeys(leaf for condition in wanted for leaf in _leaves(condition))
    leaves = sorted(plain, key=_form)
    place = {leaf: i for i, leaf in enumerate(leaves)}
    members = [[place[leaf] for leaf in _leaves(condition)] for condition in either]
    arrays = ConditionArrays(
        form=np.array([_form(leaf) for leaf in leaves], dtype=np.int64),
        column=np.array([columns.index(leaf.column) for leaf in leaves], dtype=np.int64),
        ramp=np.array([_ramps(leaf) for leaf in leaves], dtype=np.float64).reshape(len(leaves), 6),
        codes=np.array([_code_bits(leaf) for leaf in leaves], dtype=np.uint64),
        member_start=np.cumsum([0, *(len(items) for items in members)]).astype(np.int64),
        member=np.array([item for items in members for item in items], dtype=np.int64),
    )
    return arrays, place | {condition: len(leaves) + i for i, condition in enumerate(either)}


def _leaves(condition: Condition) -> list[Condition]:
    if condition.kind is not Kind.ANY_OF:
        return [condition]
    return [leaf for member in condition.members for leaf in _leaves(member)]


def _form(leaf: Condition) -> int:
    if leaf.kind in _FLAGS:
        return _FLAGS[leaf.kind]
    if leaf.kind is Kind.BETWEEN:
        return BETWEEN
    return STEP if leaf.numbers[0] == leaf.numbers[1] else RAMP


def _ramps(leaf: Condition) -> list[float]:
    if leaf.kind is Kind.AT_LEAST:
        return [1.0, *_rise(*leaf.numbers), 0.0, 0.0, 0.0]
    if leaf.kind is Kind.AT_MOST:
        return [-1.0, *_rise(-leaf.numbers[1], -leaf.numbers[0]), 0.0, 0.0, 0.0]
    if leaf.kind is Kind.BETWEEN:
        return [1.0, *_rise(*leaf.numbers[:2]), -1.0, *_rise(-leaf.numbers[3], -leaf.numbers[2])]
    return [0.0] * 6


def _rise(none_at: float, full_at: float) -> tuple[float, float]:
    """Start and scale of a ramp; a step starts where it is full and has the scale 0."""
    return none_at, 0.0 if full_at == none_at else 1.0 / (full_at - none_at)


def _code_bits(leaf: Condition) -> int:
    return sum(1 << int(code) for code in leaf.numbers) if leaf.kind in {Kind.ONE_OF, Kind.NONE_OF} else 0


@njit(cache=True, nogil=True)
def _ramp(value, start, scale):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Membership of one ramp; NaN stays NaN."""
    height = (value - start) * scale
    low = 0.0 if height <= 0.0 else height
    return 1.0 if low >= 1.0 else low


@njit(cache=True, nogil=True)
def _step(value, start):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Membership of one step; NaN stays NaN."""
    return value if np.isnan(value) else (1.0 if value >= start else 0.0)


@njit(cache=True, nogil=True)
def _flagged(form, value, codes):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Membership of a condition without a ramp."""
    if form == IS_TRUE:
        return value
    if form == IS_UNKNOWN:
        return 1.0 if np.isnan(value) else 0.0
    chosen = value >= 0.0 and (codes >> np.uint64(value)) & np.uint64(1) == np.uint64(1)
    return 1.0 if chosen == (form == ONE_OF) else 0.0


@njit(cache=True, nogil=True)
def _both(value, ramp):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """The lesser membership of a rising and a falling ramp or step."""
    first = _step(value, ramp[1]) if ramp[2] == 0.0 else _ramp(value, ramp[1], ramp[2])
    second = _step(-value, ramp[4]) if ramp[5] == 0.0 else _ramp(-value, ramp[4], ramp[5])
    return second if second < first else first


@njit(cache=True, nogil=True)
def fill_held(values, start, stop, form, column, ramp, codes, member_start, member, held):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Fill `held` [conditions, events] with the memberships of events start to stop - 1, NaN unknown; `values` [columns, events]."""
    plain = len(form)
    for i in range(plain):
        seen, out = values[column[i], start:stop], held[i]
        if form[i] == RAMP:
            sign, none_at, scale = ramp[i, 0], ramp[i, 1], ramp[i, 2]
            for t in range(len(seen)):
                out[t] = _ramp(sign * seen[t], none_at, scale)
        elif form[i] == STEP:
            sign, none_at = ramp[i, 0], ramp[i, 1]
            for t in range(len(seen)):
                out[t] = _step(sign * seen[t], none_at)
        elif form[i] == BETWEEN:
            for t in range(len(seen)):
                out[t] = _both(seen[t], ramp[i])
        else:
            for t in range(len(seen)):
                out[t] = _flagged(form[i], seen[t], codes[i])
    for a in range(len(member_start) - 1):
        for t in range(stop - start):
            best = np.nan
            for k in range(member_start[a], member_start[a + 1]):
                one = held[member[k], t]
                best = one if np.isnan(best) or one > best else best
            held[plain + a, t] = best
