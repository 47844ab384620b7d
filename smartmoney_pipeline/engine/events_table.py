"""smart_money_events from the tables of the stages before: parent events, features and scores of the same events, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.engine.columns import known_array
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform, struct_type
from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.output_tables import SmartMoneyEvents

FeatureColumns: TypeAlias = "Mapping[str, np.ndarray] | pd.DataFrame | pa.Table"
"""Features by name: float64 arrays with NaN unknown as scoring makes them, or a stored table."""


def features_array(features: FeatureColumns) -> pa.StructArray:
    """Structs of the feature columns, one a row; NaN and missing are null. Raises `KeyError` that names missing features."""
    kind = struct_type(EventFeatures)
    there = features.column_names if isinstance(features, pa.Table) else features.keys()
    missing = [field.name for field in kind if field.name not in there]
    if missing:
        raise KeyError(f"features lack {', '.join(missing)}")
    return pa.StructArray.from_arrays([_feature(features[field.name], field.type) for field in kind], fields=list(kind))


def _feature(column: np.ndarray | pd.Series | pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks().cast(kind)
    if isinstance(column, np.ndarray) and column.dtype == np.float64:
        return known_array(column).cast(kind)
    return pa.array(column, from_pandas=True).cast(kind)


def smart_money_events(
    parent_events: pa.Table,
    features: FeatureColumns,
    scores: pa.Table,
    revision: int | np.ndarray = 0,
    provisional: bool | np.ndarray = False,
) -> pa.Table:
    """Table with the columns of SmartMoneyEvents, in the order of `parent_events`.

    `features` and `scores` have one row an event in that order, and tables name it; `revision` and `provisional` hold for all events or
    one each. Raises `ValueError` where the tables are not about the same events.
    """
    _require_same_events(parent_events, features, scores)
    count = parent_events.num_rows
    columns = {name: parent_events[name] for name in parent_events.column_names}
    columns |= {name: scores[name] for name in scores.column_names}
    columns |= {
        "features": features_array(features),
        "revision": pa.array(np.broadcast_to(np.asarray(revision, dtype=np.int64), count)),
        "provisional": pa.array(np.broadcast_to(np.asarray(provisional, dtype=bool), count)),
    }
    return conform(pa.table({name: columns[name] for name in arrow_schema(SmartMoneyEvents).names}), SmartMoneyEvents)


def _require_same_events(parent_events: pa.Table, features: FeatureColumns, scores: pa.Table) -> None:
    ids = _whole(parent_events["event_id"])
    named = {"scores": _whole(scores["event_id"])}
    if isinstance(features, pd.DataFrame | pa.Table):
        column = features["event_id"]
        named["features"] = _whole(column) if isinstance(column, pa.ChunkedArray) else pa.array(column)
    for name, other in named.items():
        if not other.cast(pa.string()).equals(ids.cast(pa.string())):
            raise ValueError(f"{name} are not about the same events in the same order as parent_events")


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
