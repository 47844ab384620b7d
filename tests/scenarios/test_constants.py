"""No number of the generator is a threshold of a rule for the same quantity: otherwise templates would sit on the edges of rules."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from smartmoney_pipeline.profiles.conditions import ASSEMBLY, STRUCTURE, Condition
from smartmoney_pipeline.profiles.ruleset import ruleset

ROOT = Path(__file__).resolve().parents[2]
DATA, CODE = ROOT / "scenario_data", ROOT / "smartmoney_pipeline" / "scenarios"

TRIVIAL = {0.0, 0.5, 1.0}
"""Nothing, half and all: ends of a share and of a sign, which stand in any description of a market whatever a rule says."""

SIZES = ("contracts", "largest_print_contracts")
SAME = {
    "days": ("dte_days",),
    "far_days": ("dte_days",),
    "tenor_days": ("dte_days",),
    "abs_delta": ("abs_delta",),
    "iso_share": ("iso_share",),
    "auction_share": ("auction_share", "small_auction_share"),
    "delta_dollars": ("delta_notional_usd",),
    "premium": ("premium_usd",),
    "size": SIZES,
    "ticket_size": SIZES,
    "quantity": SIZES,
    "size_variation": ("size_variation",),
    "same_side_share": ("two_sidedness", "abs_aggressor_mix"),
    "sessions_ahead": ("trading_days_to_event",),
}
"""Key of a declarative file: columns of rules that measure the same thing in the same unit."""

TYPED_LOTS = {2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 250.0, 500.0}
"""Sizes that people type. A market without them would be unlike any, and they bear no label: background draws them alone."""

MODULES = {
    "sizes.py": (SIZES, TYPED_LOTS),
    "background.py": (SIZES, TYPED_LOTS),
    "background_packages.py": (SIZES, TYPED_LOTS),
    "events.py": (("trading_days_to_event", "expiry_days_after_event"), set()),
}
"""Module: rule columns of the quantity that its numbers are about, and numbers that are allowed for a stated reason."""


def conditions(condition: Condition) -> Iterator[Condition]:
    yield condition
    for member in condition.members:
        yield from conditions(member)


@pytest.fixture(scope="module")
def thresholds() -> dict[str, set[float]]:
    """Ramp ends by column over all rules and guards, trivial numbers left out; a flag or a code has none."""
    found: dict[str, set[float]] = defaultdict(set)
    for row in (*ruleset().evidence, *ruleset().guards):
        for condition in (part for whole in row.when for part in conditions(whole)):
            if condition.column not in {STRUCTURE, ASSEMBLY, ""}:
                found[condition.column] |= {abs(number) for number in condition.numbers} - TRIVIAL
    return found


def declared(node: Any, key: str = "") -> Iterator[tuple[str, float]]:
    """Numbers of a declarative file with the key that holds them, ranges opened."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from declared(value, str(name))
    elif isinstance(node, list):
        for value in node:
            yield from declared(value, key)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield key, abs(float(node))


def numbers_of(path: Path) -> set[float]:
    """Numeric literals of a module."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return {
        float(n.value) for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, int | float) and not isinstance(n.value, bool)
    }


FILES = sorted([*DATA.glob("templates/*.yaml"), *DATA.glob("packs/*.yaml"), DATA / "underlyings.yaml"])


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_no_number_of_a_file_is_a_threshold_for_the_same_quantity(file, thresholds):
    found = {
        (key, number)
        for key, number in declared(yaml.safe_load(file.read_text()))
        for column in SAME.get(key, ())
        if number in thresholds[column]
    }
    assert not found


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_number_of_a_module_is_a_threshold_for_the_same_quantity(name, thresholds):
    columns, allowed = MODULES[name]
    wanted = set().union(*(thresholds[column] for column in columns)) - allowed
    assert not numbers_of(CODE / name) & wanted


def test_the_columns_that_are_compared_are_columns_of_rules(thresholds):
    assert {column for columns in SAME.values() for column in columns} <= set(thresholds)
    assert {column for columns, _ in MODULES.values() for column in columns} <= set(thresholds)


def test_every_key_that_is_compared_is_a_key_of_some_file():
    keys = {key for file in FILES for key, _ in declared(yaml.safe_load(file.read_text()))}
    assert set(SAME) <= keys
