"""All features of all events in one pass, as a table in the order of `EventFeatures`."""

from types import UnionType
from typing import get_args

import numpy as np
import pandas as pd

from smartmoney_pipeline.features import (
    aggressor,
    concentration,
    contract,
    event_calendar,
    quote_quality,
    route,
    size,
    structure,
    underlying,
    volatility,
)
from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.bars import only_told
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.registry import REGISTRY
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES, EventFeatures

FAMILIES = (size, aggressor, quote_quality, route, concentration, contract, volatility, underlying, structure, event_calendar)
"""The modules whose import fills the registry, in the order of `EventFeatures`."""


def _dtype(name: str) -> str:
    annotation = EventFeatures.model_fields[name].annotation
    kinds = get_args(annotation) if isinstance(annotation, UnionType) or get_args(annotation) else (annotation,)
    if bool in kinds:
        return "boolean"
    return "Int64" if int in kinds else "float64"


DTYPES: dict[str, str] = {name: _dtype(name) for name in FEATURE_NAMES}
"""Nullable pandas dtype of each feature column."""


def build(inputs: FeatureInputs) -> pd.DataFrame:
    """Return one row an event and one column a feature: Int64, boolean or float64, null (NaN in float64) = unknown."""
    return pd.DataFrame({name: _typed(values, DTYPES[name]) for name, values in feature_arrays(inputs).items()})


def feature_arrays(inputs: FeatureInputs) -> dict[str, Floats]:
    """Return every feature as float64[events], NaN = unknown: what `build` returns, before it is typed. A bar tells few of them.

    Events of a single packet, the great majority, go apart from the others: nothing is summed or grouped for them.
    """
    counts = np.diff(inputs.offsets)
    single, several = np.flatnonzero(counts == 1), np.flatnonzero(counts > 1)
    if not (len(single) and len(several)):
        return only_told(_computed(inputs), inputs)
    apart, together = _computed(inputs.part(single)), _computed(inputs.part(several))
    made = {name: np.empty(len(counts)) for name in FEATURE_NAMES}
    for name, values in made.items():
        values[single], values[several] = apart[name], together[name]
    return only_told(made, inputs)


def _computed(inputs: FeatureInputs) -> dict[str, Floats]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: _finite(REGISTRY[name].compute(inputs)) for name in FEATURE_NAMES}


def _finite(values: Floats) -> Floats:
    """The values with NaN in place of infinities."""
    return np.where(np.isfinite(values), values, np.nan)


def _typed(values: Floats, dtype: str) -> pd.Series:
    """A float64 column with NaN as its nullable type."""
    if dtype == "float64":
        return pd.Series(values)
    missing = np.isnan(values)
    whole = np.where(missing, 0.0, values)
    array = pd.arrays.BooleanArray(whole != 0, missing) if dtype == "boolean" else pd.arrays.IntegerArray(whole.astype(np.int64), missing)
    return pd.Series(array)
