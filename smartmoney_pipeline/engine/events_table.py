"""smart_money_events from the tables of the stages before: parent events, features and scores of the same events, side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.schemas.arrow import arrow_schema, conform, struct_type
from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.output_tables import SmartMoneyEvents


def features_array(features: pd.DataFrame | pa.Table) -> pa.StructArray:
    """Structs of the feature columns, one a row; NaN and missing are null. Raises `KeyError` that names missing features."""
    kind = struct_type(EventFeatures)
    there = features.column_names if isinstance(features, pa.Table) else features.columns
    missing = [field.name for field in kind if field.name not in there]
    if missing:
        raise KeyError(f"features lack {', '.join(missing)}")
    columns = [_feature(features, field) for field in kind]
    return pa.StructArray.from_arrays(columns, fields=list(kind))


def _feature(features: pd.DataFrame | pa.Table, field: pa.Field) -> pa.Array:
    column = features[field.name]
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else pa.array(column, from_pandas=True)
    return whole.cast(field.type)


def smart_money_events(
    parent_events: pa.Table,
    features: pd.DataFrame | pa.Table,
    scores: pa.Table,
    revision: int | np.ndarray = 0,
    provisional: bool | np.ndarray = False,
) -> pa.Table:
    """Table with the columns of SmartMoneyEvents, in the order of `parent_events`.

    `features` and `scores` have one row an event in that order; `revision` and `provisional` hold for all events or one each. Raises
    `ValueError` where the tables are not about the same events.
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


def _require_same_events(parent_events: pa.Table, features: pd.DataFrame | pa.Table, scores: pa.Table) -> None:
    ids = parent_events["event_id"].combine_chunks()
    named = {"features": pa.array(features["event_id"]) if isinstance(features, pd.DataFrame) else features["event_id"].combine_chunks()}
    named["scores"] = scores["event_id"].combine_chunks()
    for name, other in named.items():
        if not other.cast(pa.string()).equals(ids.cast(pa.string())):
            raise ValueError(f"{name} are not about the same events in the same order as parent_events")
