"""Which events a query wants, as rows of the index of a session, in the order asked for. Filters are Arrow expressions, never text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.api.parameters import EventQuery
from smartmoney_pipeline.api.session_view import SessionView

EQUAL = {
    "profile": "primary_profile_id",
    "likeliest": "likeliest",
    "direction": "primary_direction",
    "kind": "event_kind",
    "assembly": "assembly",
    "structure": "structure",
    "abstained": "abstained",
}
"""Parameter to the column that must equal it."""

HOLDS = {"reason": "abstention_reasons", "flag": "quality_flags"}
"""Parameter to the list column that must hold it."""


def wanted_rows(view: SessionView, query: EventQuery) -> NDArray[np.int64]:
    """Return the rows of the events that pass every filter, in the order of `sort`; ties by closing time and id."""
    index = view.index
    keep = np.ones(len(index), dtype=bool)
    for mask in _masks(view, query):
        keep &= pc.fill_null(mask, False).to_numpy() if isinstance(mask, pa.ChunkedArray) else mask
    rows = np.flatnonzero(keep)
    return _ordered(index, rows, query.sort)


def _masks(view: SessionView, query: EventQuery) -> Iterator[pa.ChunkedArray | NDArray[np.bool_]]:
    index = view.index
    for name, column in EQUAL.items():
        value = getattr(query, name)
        if value is not None:
            yield pc.equal(index[column], value if isinstance(value, bool) else str(value))
    for name, column in HOLDS.items():
        value = getattr(query, name)
        if value is not None:
            yield _holds(index[column].combine_chunks(), str(value))
    if query.underlying is not None:
        tickers = pa.array([ticker.upper() for ticker in query.underlying.split(",")], pa.string())
        yield pc.is_in(index["underlying_id"].cast(pa.string()), value_set=tickers)
    if query.suppressed is not None:
        yield pc.equal(pc.greater(pc.list_value_length(index["suppressed_reasons"]), 0), query.suppressed)
    if query.p_gte is not None:
        yield pc.greater_equal(index["probability"], query.p_gte)
    if query.premium_gte is not None:
        yield pc.greater_equal(index["premium_usd"], query.premium_gte)
    if query.dte_lt is not None:
        yield pc.less(index["dte_days"], query.dte_lt)
    if query.time_gte is not None:
        yield view.closed_ns >= query.time_gte
    if query.time_lt is not None:
        yield view.closed_ns < query.time_lt


def _holds(lists: pa.ListArray, code: str) -> NDArray[np.bool_]:
    """Which lists hold the code."""
    found = np.zeros(len(lists), dtype=bool)
    items = pc.equal(lists.flatten(), code).to_numpy(zero_copy_only=False)
    found[pc.list_parent_indices(lists).to_numpy()[items]] = True
    return found


def _ordered(index: pa.Table, rows: NDArray[np.int64], sort: str) -> NDArray[np.int64]:
    if sort == "closed_at":
        return rows
    if sort == "-closed_at":
        return rows[::-1]
    values = index[sort.removeprefix("-")].cast(pa.float64()).to_numpy()[rows]
    return rows[np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")]
