"""Campaign links under the ids of their events, said once both events are final."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.parent_events.assembled import Assembled
from smartmoney_pipeline.parent_events.links import END_OF_TIME, LinkBuilder
from smartmoney_pipeline.schemas.arrow import conform, empty_table
from smartmoney_pipeline.schemas.output_tables import EventLinks
from smartmoney_pipeline.schemas.units import NS_PER_MS


class Link(NamedTuple):
    """One row of event_links."""

    event_id: str
    linked_event_id: str
    kind: str
    gap_ms: int


class NamedLinks:
    """Links of one bucket; names are kept for the events that a later one may still be linked to."""

    def __init__(self) -> None:
        self._builder = LinkBuilder()
        self._names: dict[int, str] = {}
        self._pending: list[tuple[int, int, str, int]] = []

    def push(self, assembled: Assembled, settled: int) -> list[Link]:
        """Links that these parents complete, as far as both ends are named; without parents, links wait for the next ones."""
        if not len(assembled) and settled != END_OF_TIME:
            return []
        found = self._builder.push(assembled, settled)
        columns = (found["event"].tolist(), found["linked_event"].tolist(), found["kind"].tolist(), found["gap_ns"].tolist())
        self._pending += list(zip(*columns, strict=True))
        return self._take()

    def name(self, running: NDArray[np.int64], event_id: pa.Array) -> list[Link]:
        """Name final events by their running numbers; the links that wait for them."""
        wanted = self._builder.held_events()
        for earlier, later, _, _ in self._pending:
            wanted |= {earlier, later}
        self._names = {number: name for number, name in self._names.items() if number in wanted}
        if not wanted:
            return []
        mine = np.isin(running, np.fromiter(wanted, np.int64, len(wanted)))
        names = event_id.filter(pa.array(mine)).to_pylist()
        self._names |= dict(zip(running[mine].tolist(), names, strict=True))
        return self._take() if self._pending else []

    def _take(self) -> list[Link]:
        taken, left = [], []
        for earlier, later, kind, gap_ns in self._pending:
            if earlier in self._names and later in self._names:
                taken.append(Link(self._names[later], self._names[earlier], str(kind), gap_ns // NS_PER_MS))
            else:
                left.append((earlier, later, kind, gap_ns))
        self._pending = left
        return taken


def links_table(links: Sequence[Link]) -> pa.Table:
    """event_links in the order of its ids."""
    if not links:
        return empty_table(EventLinks)
    table = pa.Table.from_pylist([link._asdict() for link in links])
    return conform(table.sort_by([("event_id", "ascending"), ("linked_event_id", "ascending")]), EventLinks)
