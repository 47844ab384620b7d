"""The registry of features: name, formula, source and needs of each. Unit and meaning come from `EventFeatures`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from smartmoney_pipeline.citations import source as find_source
from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.schemas.event_features import EventFeatures

Compute = Callable[[FeatureInputs], Floats]
T = TypeVar("T")


class RegistryError(ValueError):
    """A feature is declared twice, or under a name that `EventFeatures` does not have."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: how it is computed and where that comes from."""

    name: str
    family: str
    unit: str
    description: str
    formula: str
    source: str
    needs: tuple[str, ...]
    compute: Compute


REGISTRY: dict[str, Feature] = {}


def feature(*, formula: str, source: str, needs: tuple[str, ...]) -> Callable[[Compute], Compute]:
    """Register the decorated function under its own name; it takes `FeatureInputs` and returns float64[events], NaN = unknown.

    Raises `RegistryError` for a duplicate or a name that is no field of `EventFeatures`, `KeyError` for an unlisted source.
    """

    def register(compute: Compute) -> Compute:
        kept = once(compute)
        _add(kept, formula, source, needs)
        return kept

    return register


def once(compute: Callable[[FeatureInputs], T]) -> Callable[[FeatureInputs], T]:
    """The same function, computed once for each inputs: several features start from the same sums. Its answer must not be changed."""
    key = f"{compute.__module__}.{compute.__qualname__}"

    @wraps(compute)
    def kept(inputs: FeatureInputs) -> T:
        if key not in inputs.made:
            inputs.made[key] = compute(inputs)
        return inputs.made[key]

    return kept


def _add(compute: Compute, formula: str, source: str, needs: tuple[str, ...]) -> None:
    name = compute.__name__
    if name in REGISTRY:
        raise RegistryError(f"feature {name} is declared twice")
    if name not in EventFeatures.model_fields:
        raise RegistryError(f"feature {name} is no field of EventFeatures")
    find_source(source)
    field = EventFeatures.model_fields[name]
    unit = str(_extra(field.json_schema_extra)["unit"])
    family = compute.__module__.rpartition(".")[2]
    REGISTRY[name] = Feature(name, family, unit, str(field.description), formula, source, needs, compute)


def _extra(extra: object) -> dict[str, object]:
    if not isinstance(extra, dict):
        raise RegistryError("a field of EventFeatures has no unit")
    return extra
