"""Events as flat columns: class probabilities and features as numbers, where the stored table nests them. Nested rows of many sessions
would take gigabytes as Python objects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.classes import NONE, PROFILES

Floats = NDArray[np.float64]

PROBABILITY, FEATURE = "probability.", "feature."
NONE_COLUMN = f"{PROBABILITY}{NONE}"
PROBABILITIES = [f"{PROBABILITY}{name}" for name in (*PROFILES, NONE)]


def flat_events(table: pa.Table) -> pd.DataFrame:
    """Return stored events with a column `probability.CLASS` for each class and `feature.NAME` (float64, NaN unknown) for each feature.

    `profile_scores`, `none_probability` and `features` go; every other column stays.
    """
    nested = {"profile_scores", "none_probability", "features"}
    plain = table.select([name for name in table.column_names if name not in nested]).to_pandas()
    columns = dict(zip(PROBABILITIES, probabilities_of(table).T, strict=True))
    if "features" in table.column_names:
        columns |= {FEATURE + name: values for name, values in _features(table["features"]).items()}
    return pd.concat([plain, pd.DataFrame(columns, index=plain.index)], axis=1)


def probabilities_of(table: pa.Table) -> Floats:
    """Return class probabilities of stored events, [n, 7], in the order of the profiles, then `none`."""
    lists = _whole(table["profile_scores"])
    rows, scores = pc.list_parent_indices(lists), pc.list_flatten(lists)
    matrix = np.full((len(table), len(PROBABILITIES)), np.nan)
    if len(scores):
        names = scores.field("profile_id").cast(pa.string())
        place = pc.index_in(names, value_set=pa.array(PROFILES, pa.string())).to_numpy(zero_copy_only=False)
        matrix[rows.to_numpy(zero_copy_only=False), place] = scores.field("probability").to_numpy(zero_copy_only=False)
    matrix[:, -1] = _whole(table["none_probability"]).to_numpy(zero_copy_only=False)
    return matrix


def _features(column: pa.ChunkedArray) -> dict[str, Floats]:
    structs = _whole(column)
    if not pa.types.is_struct(structs.type):
        return {}
    return {field.name: _numbers(structs.field(field.name)) for field in structs.type}


def _numbers(values: pa.Array) -> Floats:
    if pa.types.is_boolean(values.type) or pa.types.is_null(values.type):
        values = values.cast(pa.int8())
    return np.asarray(pc.fill_null(values.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False), dtype=np.float64)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def feature(events: pd.DataFrame, name: str) -> Floats:
    """Return one feature of flat events, all NaN where they carry none of that name."""
    column = FEATURE + name
    return events[column].to_numpy(np.float64) if column in events else np.full(len(events), np.nan)


def feature_names(events: pd.DataFrame) -> list[str]:
    """Return the names of the features that flat events carry."""
    return [str(name).removeprefix(FEATURE) for name in events if str(name).startswith(FEATURE)]


FIGURE_FEATURES = ("premium_usd", "dte_days", "abs_delta")
"""Features that figures over all events read: the premium baseline, and what controls are matched on."""


def slim(events: pd.DataFrame) -> pd.DataFrame:
    """Return flat events without the features that no figure over all events reads: memory then grows little with sessions."""
    kept = {FEATURE + name for name in FIGURE_FEATURES}
    return events[[name for name in events if not str(name).startswith(FEATURE) or name in kept]]
