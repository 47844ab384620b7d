"""The kernel of memberships against `conditions.membership`, which says in NumPy what each condition means."""

import numpy as np
import pytest

from smartmoney_pipeline.profiles.conditions import any_of, assembly_is, at_least, at_most, between, is_true, is_unknown, membership
from smartmoney_pipeline.profiles.conditions import structure_is as one_of
from smartmoney_pipeline.profiles.conditions import structure_is_not as none_of
from smartmoney_pipeline.profiles.layout import columns_of, conditions_of, value_matrix
from smartmoney_pipeline.profiles.memberships import condition_arrays, fill_held
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.schemas.codes import Assembly, Structure

EDGES = np.array([-np.inf, -1.0, -0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 50_000.0, np.inf, np.nan])
BY_HAND = (
    at_least("x", 0.25, 1.0), at_least("x", 0.5, 0.5), at_most("x", 0.25, 1.0), at_most("x", 0.5, 0.5),
    between("x", 0.0, 0.25, 0.5, 1.0), between("x", 0.25, 0.25, 1.0, 1.0), is_true("flag"), is_unknown("x"),
    one_of(Structure.VERTICAL, Structure.CUSTOM), none_of(Structure.VERTICAL), assembly_is(Assembly.FILL),
    any_of(at_least("x", 0.5, 1.0), any_of(is_true("flag"), at_most("y", 0.0, 1.0))),
)  # fmt: skip


def columns(names: list[str], events: int) -> dict[str, np.ndarray]:
    """Edge cases and random numbers, a quarter of them unknown; codes and flags within their lists."""
    random = np.random.Generator(np.random.Philox(11))
    made = {}
    for name in names:
        values = np.where(random.random(events) < 0.5, random.choice(EDGES, events), random.normal(0.5, 1.0, events))
        made[name] = np.where(random.random(events) < 0.25, np.nan, values)
        if name in {"structure", "assembly"}:
            made[name] = random.integers(-1, len(Structure if name == "structure" else Assembly), events).astype(float)
        if name.startswith("flag"):
            made[name] = random.integers(0, 2, events).astype(float)
    return made


def of_rule_set() -> tuple[tuple, list[str]]:
    return conditions_of(ruleset()), columns_of(ruleset())


@pytest.mark.parametrize(("conditions", "names"), [(BY_HAND, ["assembly", "flag", "structure", "x", "y"]), of_rule_set()])
def test_the_kernel_says_what_the_conditions_mean(conditions, names):
    read = columns(names, 403)
    arrays, place = condition_arrays(conditions, names)
    values, held = value_matrix(read), np.empty((len(arrays.form) + len(arrays.member_start) - 1, 16))
    found = np.empty((len(held), 403))
    for start in range(0, 403, 16):
        stop = min(start + 16, 403)
        fill_held(values, start, stop, *arrays, held)
        found[:, start:stop] = held[:, : stop - start]
    with np.errstate(invalid="ignore"):
        for condition in conditions:
            np.testing.assert_array_equal(found[place[condition]], membership(condition, read), err_msg=str(condition))
