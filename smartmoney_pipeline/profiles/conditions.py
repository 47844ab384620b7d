"""Conditions of rules: smooth memberships in [0, 1] over named columns, NaN where a column is unknown. No weights here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.schemas.codes import Assembly, Structure

Columns = Mapping[str, NDArray[np.float64]]

STRUCTURE, ASSEMBLY = "structure", "assembly"
"""Columns that hold a position in the list of codes, -1 none; always known."""


class Kind(StrEnum):
    """How a condition reads its column."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    IS_TRUE = "is_true"
    IS_UNKNOWN = "is_unknown"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    ANY_OF = "any_of"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `numbers`: the ramp, or the codes of ONE_OF and NONE_OF; `members`: the alternatives of ANY_OF."""

    kind: Kind
    column: str = ""
    numbers: tuple[float, ...] = ()
    members: tuple["Condition", ...] = ()

    def columns(self) -> tuple[str, ...]:
        """Return the columns that are read."""
        return (self.column,) if self.column else tuple(name for member in self.members for name in member.columns())


def at_least(column: str, none_at: float, full_at: float) -> Condition:
    """Membership 0 up to `none_at`, 1 from `full_at`, linear between; a step where the two are equal."""
    return Condition(Kind.AT_LEAST, column, (none_at, full_at))


def at_most(column: str, full_at: float, none_at: float) -> Condition:
    """Membership 1 up to `full_at`, 0 from `none_at`, linear between; a step where the two are equal."""
    return Condition(Kind.AT_MOST, column, (full_at, none_at))


def between(column: str, none_below: float, full_from: float, full_to: float, none_above: float) -> Condition:
    """Membership 1 from `full_from` to `full_to`, falling to 0 at `none_below` and `none_above`."""
    return Condition(Kind.BETWEEN, column, (none_below, full_from, full_to, none_above))


def is_true(column: str) -> Condition:
    """Membership 1 where the flag is set."""
    return Condition(Kind.IS_TRUE, column)


def is_unknown(column: str) -> Condition:
    """Membership 1 where the column is null; always known itself."""
    return Condition(Kind.IS_UNKNOWN, column)


def structure_is(*structures: Structure) -> Condition:
    """Membership 1 for these structures."""
    return Condition(Kind.ONE_OF, STRUCTURE, _positions(list(Structure), structures))


def structure_is_not(*structures: Structure) -> Condition:
    """Membership 1 for every other structure, and for none."""
    return Condition(Kind.NONE_OF, STRUCTURE, _positions(list(Structure), structures))


def assembly_is(*assemblies: Assembly) -> Condition:
    """Membership 1 for events joined in one of these ways."""
    return Condition(Kind.ONE_OF, ASSEMBLY, _positions(list(Assembly), assemblies))


def any_of(*conditions: Condition) -> Condition:
    """The greatest known membership of `conditions`."""
    return Condition(Kind.ANY_OF, members=conditions)


def _positions(codes: list, chosen: tuple) -> tuple[float, ...]:
    return tuple(float(codes.index(code)) for code in chosen)


def membership(condition: Condition, columns: Columns) -> NDArray[np.float64]:
    """Return the membership of one condition, float64[events], NaN unknown. Raises `KeyError` for a missing column."""
    if condition.kind is Kind.ANY_OF:
        return np.fmax.reduce([membership(member, columns) for member in condition.members])
    return _evaluate(condition, columns[condition.column])


def _evaluate(condition: Condition, values: NDArray[np.float64]) -> NDArray[np.float64]:
    numbers = condition.numbers
    if condition.kind is Kind.AT_LEAST:
        return _rising(values, *numbers)
    if condition.kind is Kind.AT_MOST:
        return _rising(-values, -numbers[1], -numbers[0])
    if condition.kind is Kind.BETWEEN:
        return np.minimum(_rising(values, *numbers[:2]), _rising(-values, -numbers[3], -numbers[2]))
    return _flagged(condition, values)


def _flagged(condition: Condition, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Conditions without a ramp."""
    if condition.kind is Kind.IS_UNKNOWN:
        return np.isnan(values).astype(np.float64)
    if condition.kind is Kind.IS_TRUE:
        return values
    chosen = np.isin(values, condition.numbers)
    return (chosen if condition.kind is Kind.ONE_OF else ~chosen).astype(np.float64)


def _rising(values: NDArray[np.float64], none_at: float, full_at: float) -> NDArray[np.float64]:
    """0 up to `none_at`, 1 from `full_at`; NaN stays NaN."""
    if full_at == none_at:
        return np.where(np.isnan(values), np.nan, values >= full_at)
    ramp = (values - none_at) * (1.0 / (full_at - none_at))
    return np.minimum(np.maximum(ramp, 0.0, out=ramp), 1.0, out=ramp)


_PHRASES = {
    Kind.AT_LEAST: "{column} from {0:g} (0) to {1:g} (1)",
    Kind.AT_MOST: "{column} from {0:g} (1) to {1:g} (0)",
    Kind.BETWEEN: "{column} within {1:g} to {2:g} (1), 0 below {0:g} and above {3:g}",
    Kind.IS_TRUE: "{column}",
    Kind.IS_UNKNOWN: "{column} unknown",
}


def describe(condition: Condition) -> str:
    """Return the condition in words, with its ramp."""
    if condition.kind is Kind.ANY_OF:
        return " or ".join(describe(member) for member in condition.members)
    if condition.kind in {Kind.ONE_OF, Kind.NONE_OF}:
        codes: list = list(Structure) if condition.column == STRUCTURE else list(Assembly)
        names = ", ".join(str(codes[int(number)]) for number in condition.numbers)
        return f"{condition.column} {'is' if condition.kind is Kind.ONE_OF else 'is none of'} {names}"
    return _step(condition) or _PHRASES[condition.kind].format(*condition.numbers, column=condition.column)


def _step(condition: Condition) -> str:
    """A ramp without width, in words; empty for any other condition."""
    sign = {Kind.AT_LEAST: ">=", Kind.AT_MOST: "<="}.get(condition.kind)
    if sign is None or condition.numbers[0] != condition.numbers[1]:
        return ""
    return f"{condition.column} {sign} {condition.numbers[0]:g}"
