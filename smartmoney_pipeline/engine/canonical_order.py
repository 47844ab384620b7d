"""The order in which the parts of a day are put together: events by (closed_at, event_id), their rows in the order of the events."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def canonical_order(events: pa.Table) -> pa.Array:
    """Return the places of the rows of `events` (columns closed_at and event_id) in canonical order."""
    return pc.sort_indices(events.select(["closed_at", "event_id"]), sort_keys=[("closed_at", "ascending"), ("event_id", "ascending")])


def by_event(event_id: pa.ChunkedArray, names: pa.Array) -> NDArray[np.int64]:
    """Return the places of rows in the order of their events, `names`; rows of one event, which lie in one part, keep their order."""
    places = pc.index_in(event_id, value_set=names).to_numpy()
    return np.argsort(places, kind="stable")
