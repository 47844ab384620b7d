"""The rule set as flat arrays for the kernel, and the matrices of values and qualities of one block of events."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.calibration import Calibration
from smartmoney_pipeline.profiles.conditions import ASSEMBLY, STRUCTURE, Columns, Condition
from smartmoney_pipeline.profiles.memberships import ConditionArrays, condition_arrays
from smartmoney_pipeline.profiles.quality import QUALITY_COLUMNS, qualities
from smartmoney_pipeline.profiles.ruleset import RuleSet
from smartmoney_pipeline.profiles.vocabulary import CLASSES, Effect, Family, Rests

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BASES: tuple[tuple[Rests, ...], ...] = (
    (),
    (Rests.SIGN,),
    (Rests.QUOTES,),
    (Rests.JOIN,),
    (Rests.SIGN, Rests.QUOTES),
    (Rests.SIGN, Rests.JOIN),
)
"""What evidence may rest on, together; a row of the quality matrix each."""


class RuleArrays(NamedTuple):
    """Evidence rows R, (class, family) groups G, guards K, (guard, class) pairs P; `*_start` delimit runs of the array after."""

    row_start: Ints
    row_condition: Ints
    weight: Floats
    basis: Ints
    deviation: Floats
    group_of: Ints
    group_class: Ints
    group_cap: Floats
    group_slope: Floats
    class_of: Ints
    shown: Ints
    """Row of the value matrix that stands beside each evidence row, -1 none: structures and assemblies show none."""
    positive_weight: Floats
    guard_start: Ints
    guard_condition: Ints
    guard_order: Ints
    """Caps first, then vetoes and abstentions, each in table order."""
    guard_is_cap: NDArray[np.bool_]
    pair_start: Ints
    pair_class: Ints


def conditions_of(rules: RuleSet) -> tuple[Condition, ...]:
    """Return every distinct condition, in order of first use: the rows of the membership matrix."""
    of_evidence = [condition for row in rules.evidence for condition in row.when]
    of_guards = [condition for guard in rules.guards for condition in guard.when]
    return tuple(dict.fromkeys(of_evidence + of_guards))


def columns_of(rules: RuleSet) -> list[str]:
    """Return every column that conditions, qualities or the evidence table read, sorted."""
    used = {name for condition in conditions_of(rules) for name in condition.columns()}
    return sorted(used | set(QUALITY_COLUMNS))


def kernel_arrays(rules: RuleSet, fitted: Calibration) -> tuple[ConditionArrays, RuleArrays]:
    """Return conditions and rules in flat form, with the family slopes of `fitted`."""
    conditions, position = condition_arrays(conditions_of(rules), columns_of(rules))
    return conditions, _rule_arrays(rules, fitted, position)


def _rule_arrays(rules: RuleSet, fitted: Calibration, position: dict[Condition, int]) -> RuleArrays:
    weights = np.array([row.weight for row in rules.evidence])
    positive = np.bincount(rules.profile_of, weights=np.maximum(weights, 0.0), minlength=len(CLASSES)).astype(np.float64)
    is_cap = np.array([guard.effect is Effect.CAP for guard in rules.guards], dtype=bool)
    row_start, row_condition = _runs([[position[c] for c in row.when] for row in rules.evidence])
    guard_start, guard_condition = _runs([[position[c] for c in guard.when] for guard in rules.guards])
    pair_start, pair_class = _runs([[CLASSES.index(profile) for profile in guard.profiles] for guard in rules.guards])
    families = list(Family)
    return RuleArrays(
        row_start,
        row_condition,
        weights,
        np.array([BASES.index(row.rests) if row.weight > 0 else 0 for row in rules.evidence]),
        np.array([row.grade.deviation for row in rules.evidence]),
        rules.group_of,
        rules.group_profile,
        np.array([family.cap for family in rules.group_family]),
        np.array([fitted.slopes[families.index(family)] for family in rules.group_family]),
        rules.profile_of,
        _shown(rules),
        positive,
        guard_start,
        guard_condition,
        np.argsort(~is_cap, kind="stable"),
        is_cap,
        pair_start,
        pair_class,
    )


def _runs(lists: list[list[int]]) -> tuple[Ints, Ints]:
    starts = np.cumsum([0, *(len(items) for items in lists)])
    return starts.astype(np.int64), np.array([item for items in lists for item in items], dtype=np.int64)


def _shown(rules: RuleSet) -> Ints:
    names = columns_of(rules)
    features = [row.feature for row in rules.evidence]
    return np.array([-1 if name in {STRUCTURE, ASSEMBLY} else names.index(name) for name in features], dtype=np.int64)


def value_matrix(columns: Columns) -> Floats:
    """Return the columns as rows, float64[columns, n + 8]: the last eight are empty and keep rows of 2^k events off each other's cache
    lines."""
    size = len(columns[ASSEMBLY])
    matrix = np.empty((len(columns), size + 8))
    for row, values in zip(matrix, columns.values(), strict=True):
        row[:size] = values
    return matrix


def quality_matrix(columns: Columns) -> Floats:
    """Return the quality of each combination in `BASES`, float64[n, bases], 1 where evidence rests on nothing."""
    by_basis = qualities(columns)
    size = len(columns["assembly"])
    return np.array([np.prod([np.ones(size), *(by_basis[rest] for rest in bases)], axis=0) for bases in BASES]).T.copy()
