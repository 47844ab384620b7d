"""Ramps, steps and alternatives. Expected values by hand."""

from math import nan

import numpy as np
import pytest

from smartmoney_pipeline.profiles.conditions import (
    Condition,
    any_of,
    at_least,
    at_most,
    between,
    describe,
    is_true,
    is_unknown,
    membership,
    structure_is,
    structure_is_not,
)
from smartmoney_pipeline.schemas.codes import Structure

X = np.array([0.0, 1.0, 2.0, 3.0, nan])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (at_least("x", 1, 3), [0, 0, 0.5, 1, nan]),
        (at_least("x", 2, 2), [0, 0, 1, 1, nan]),
        (at_most("x", 1, 3), [1, 1, 0.5, 0, nan]),
        (at_most("x", 2, 2), [1, 1, 1, 0, nan]),
        (between("x", 0, 1, 2, 4), [0, 1, 1, 0.5, nan]),
        (between("x", 1, 1, 2, 2), [0, 1, 1, 0, nan]),
        (is_unknown("x"), [0, 0, 0, 0, 1]),
        (any_of(at_least("x", 3, 3), at_most("x", 0, 0)), [1, 0, 0, 1, nan]),
    ],
)
def test_membership(condition: Condition, expected: list[float]) -> None:
    np.testing.assert_allclose(membership(condition, {"x": X}), expected)


def test_a_known_alternative_decides_where_the_other_is_unknown() -> None:
    either = any_of(is_true("a"), is_true("b"))
    np.testing.assert_array_equal(membership(either, {"a": np.array([nan, nan]), "b": np.array([1.0, nan])}), [1.0, nan])


def test_structures() -> None:
    columns = {"structure": np.array([-1.0, float(list(Structure).index(Structure.BOX))])}
    assert membership(structure_is(Structure.BOX), columns).tolist() == [0.0, 1.0]
    assert membership(structure_is_not(Structure.BOX), columns).tolist() == [1.0, 0.0]


def test_description_states_the_ramp() -> None:
    assert describe(at_least("dte_days", 20, 30)) == "dte_days from 20 (0) to 30 (1)"
    assert describe(at_most("dte_days", 7, 7)) == "dte_days <= 7"
    assert describe(structure_is(Structure.BOX)) == "structure is box"
