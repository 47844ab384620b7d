"""The registry refuses what would make it lie, and the generated page equals it."""

from pathlib import Path

import numpy as np
import pytest

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.features import build  # noqa: F401  (fills the registry)
from smartmoney_pipeline.features.reference import render
from smartmoney_pipeline.features.registry import REGISTRY, RegistryError, feature
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

PAGE = Path(__file__).parents[2] / "docs" / "features.md"


def _declare(name: str, source: str = "SEED") -> None:
    def compute(inputs: object) -> np.ndarray:
        raise AssertionError(inputs)

    compute.__name__ = name
    feature(formula="x", source=source, needs=())(compute)  # type: ignore[arg-type]


def test_every_field_has_exactly_one_function() -> None:
    assert sorted(REGISTRY) == sorted(FEATURE_NAMES)


def test_duplicate_name_is_refused() -> None:
    with pytest.raises(RegistryError, match="contracts is declared twice"):
        _declare("contracts")


def test_name_without_a_field_is_refused() -> None:
    with pytest.raises(RegistryError, match="no field of EventFeatures"):
        _declare("moon_phase")


def test_unknown_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(REGISTRY, "contracts")
    with pytest.raises(KeyError, match="NOWHERE-1999"):
        _declare("contracts", source="NOWHERE-1999")
    assert "contracts" not in REGISTRY


def test_every_feature_states_formula_needs_and_source() -> None:
    incomplete = [name for name, f in REGISTRY.items() if not (f.formula and f.needs and f.unit and f.source in SOURCES)]
    assert incomplete == []


def test_page_equals_the_registry() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "docs/features.md is out of date: write smartmoney_pipeline.features.reference.render()"
    )
