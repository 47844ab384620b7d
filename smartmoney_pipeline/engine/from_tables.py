"""Features and scores from stored tables: the same stages as in a streamed day, on what an earlier stage wrote."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.features_stage import build_features
from smartmoney_pipeline.engine.parent_tables import EVENT_KINDS, FLOAT_COLUMNS
from smartmoney_pipeline.engine.score_stage import ScoredTables, score_events, score_inputs
from smartmoney_pipeline.engine.slice_tables import TIME_COLUMNS, features_table
from smartmoney_pipeline.engine.stages import Columns
from smartmoney_pipeline.features.build import DTYPES
from smartmoney_pipeline.schemas.codes import Assembly, QualityFlag, Structure
from smartmoney_pipeline.schemas.units import NO_PRICE

CODED = {"event_kind": EVENT_KINDS, "assembly": tuple(Assembly), "structure": tuple(Structure), "runner_up": tuple(Structure)}


def features_of(context: DayContext, parent_events: pa.Table, packets: pa.Table) -> pa.Table:
    """Return event_features of stored parents and packets, in the order of `parent_events`."""
    events = event_arrays(parent_events, context.tickers)
    features = build_features(context, events, packet_arrays(packets, parent_events["event_id"]))
    return features_table(features, parent_events["event_id"].combine_chunks())


def scores_of(parent_events: pa.Table, features: pa.Table) -> ScoredTables:
    """Return profile_scores and event_evidence of stored features, in the order of `parent_events`."""
    frame = features.to_pandas(types_mapper=_nullable.get)
    events = event_arrays(parent_events, None)
    inputs = score_inputs(frame[list(DTYPES)], events, flag_masks(parent_events["quality_flags"]))
    return score_events(inputs, parent_events["event_id"].combine_chunks())


_nullable: dict[pa.DataType, object] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def event_arrays(parent_events: pa.Table, tickers: list[str] | None) -> Columns:
    """Arrays of stored parent events, `event` from 0 in their order; `underlying` only where `tickers` by id are given."""
    count = len(parent_events)
    events: Columns = {"event": np.arange(count)}
    events |= {name: _codes(parent_events[name], names) for name, names in CODED.items()}
    events["kind"] = events.pop("event_kind")
    events |= {name: _floats(parent_events[name]) for name in FLOAT_COLUMNS}
    events |= {name: _plain(parent_events[name]) for name in (*TIME_COLUMNS, "first_order", "print_count")}
    events["stock_tied"] = parent_events["stock_tied"].to_numpy()
    if tickers is not None:
        events["underlying"] = _codes(parent_events["underlying_id"], tickers)
    return events


def packet_arrays(packets: pa.Table, event_id: pa.ChunkedArray) -> Columns:
    """Arrays of stored packets; `event` is the place of their event in `event_id`, null becomes the kernels' mark for nothing."""
    names = [name for name in packets.column_names if name not in {"packet_id", "event_id", "option_symbol"}]
    arrays = {name: _plain(packets[name]) for name in names}
    arrays["event"] = _codes(packets["event_id"], event_id.combine_chunks())
    return arrays


def flag_masks(flags: pa.ChunkedArray) -> NDArray[np.int64]:
    """Bit masks of lists of quality flags."""
    lists = flags.combine_chunks()
    bits = np.int64(1) << _codes(pc.list_flatten(lists), list(QualityFlag)).astype(np.int64)
    masks = np.zeros(len(lists), dtype=np.int64)
    np.bitwise_or.at(masks, pc.list_parent_indices(lists).to_numpy(), bits)
    return masks


def _codes(names: pa.ChunkedArray | pa.Array, known: pa.Array | tuple[str, ...] | list[str]) -> NDArray[np.int64]:
    """Places of names in a list, -1 for null or unknown."""
    values = known if isinstance(known, pa.Array) else pa.array([str(name) for name in known], pa.string())
    found = pc.index_in(names.cast(pa.string()), value_set=values.cast(pa.string()), skip_nulls=True)
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64) if isinstance(found, pa.Array) else _codes_of(found)


def _codes_of(found: pa.ChunkedArray) -> NDArray[np.int64]:
    return pc.fill_null(found, -1).to_numpy().astype(np.int64)


def _floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy()


def _plain(column: pa.ChunkedArray) -> NDArray:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_integer(column.type):
        return pc.fill_null(column, NO_PRICE).to_numpy()
    return _floats(column)
