"""Legacy records of a source, session after session, in the order (ts, seq), with the two ways of paging through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.api.catalog import Catalog, SessionKey
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.bridge.derive import first_orders
from smartmoney_pipeline.bridge.smart_money import legacy_events
from smartmoney_pipeline.schemas.legacy import ABSENT_WHERE_NULL, FlowPacketFeatures, JoinQuality
from smartmoney_pipeline.schemas.units import NS_PER_MS
from smartmoney_pipeline.store.manifest import EVENTS_TABLE

Ints = NDArray[np.int64]
PACKET_ABSENT = frozenset(FlowPacketFeatures.model_fields) | frozenset(JoinQuality.model_fields)
TABLES = {"flow": "flow_packets", "classifier-hits": "classifier_hits", "alerts": "alerts"}
ABSENT: dict[str, frozenset[str]] = {
    "flow": PACKET_ABSENT,
    "classifier-hits": frozenset(),
    "alerts": frozenset({"primary_profile_id"}),
    "smart-money": ABSENT_WHERE_NULL,
}
EMPTY = frozenset({"nbbo", "equities", "equity-quotes", "equity-joins"})
"""Channels of records that no session publishes: their pages are empty."""

OFF_THE_WIRE = "event_id"
MAX_PLACE = 2**53


@dataclass(frozen=True, slots=True)
class Place:
    """A place between records."""

    ts: int
    seq: int


@dataclass(frozen=True)
class Shelf:
    """Records of one session and channel: their places in rising order, and how to read some of them."""

    ts: Ints
    seq: Ints
    read: Callable[[Ints], pa.Table]

    def position(self, place: Place, after: bool) -> int:
        """Return how many records lie before the place, those at it among them if `after`."""
        first, last = np.searchsorted(self.ts, place.ts, "left"), np.searchsorted(self.ts, place.ts, "right")
        return int(first + np.searchsorted(self.seq[first:last], place.seq, "right" if after else "left"))

    def same_place(self, one: int, other: int) -> bool:
        """Whether two records share their place."""
        return bool(self.ts[one] == self.ts[other] and self.seq[one] == self.seq[other])


@dataclass(frozen=True)
class LegacyPage:
    """Records of one page, and the place of the last one; None for an empty page."""

    records: list[pa.Table]
    last: Place | None


class LegacyStore:
    """Pages over the published sessions of one source."""

    def __init__(self, catalog: Catalog, source: str | None) -> None:
        self._catalog, self._source = catalog, source

    def sessions(self) -> list[SessionKey]:
        """Return the sessions that the legacy surface shows, oldest first: those of the stated source, else of the newest one."""
        keys = self._catalog.keys()
        source = self._source or (keys[-1].source if keys else None)
        return [key for key in keys if key.source == source]

    def views(self, newest_first: bool) -> Iterator[SessionView]:
        """Yield the sessions."""
        keys = self.sessions()
        for key in reversed(keys) if newest_first else keys:
            yield self._catalog.view(key)

    def newest(self, channel: str, limit: int) -> LegacyPage:
        """Return the newest records, newest first."""
        return self.before(channel, Place(MAX_PLACE, MAX_PLACE), limit)

    def before(self, channel: str, place: Place, limit: int) -> LegacyPage:
        """Return the records before a place, newest first."""
        parts: list[pa.Table] = []
        last, left = None, limit
        for view in self.views(newest_first=True) if channel not in EMPTY else ():
            shelf = shelf_of(view, channel)
            stop = shelf.position(place, after=False)
            start = _whole_start(shelf, max(0, stop - left), stop, bool(parts))
            if start < stop:
                rows = np.arange(stop - 1, start - 1, -1)
                parts.append(shelf.read(rows))
                last = Place(int(shelf.ts[start]), int(shelf.seq[start]))
                left -= stop - start
            if left <= 0 or start > 0:
                break
        return LegacyPage(parts, last)

    def after(self, channel: str, place: Place, limit: int) -> LegacyPage:
        """Return the records after a place, oldest first."""
        parts: list[pa.Table] = []
        last, left = None, limit
        for view in self.views(newest_first=False) if channel not in EMPTY else ():
            shelf = shelf_of(view, channel)
            start = shelf.position(place, after=True)
            stop = _whole_stop(shelf, start, min(len(shelf.ts), start + left), bool(parts))
            if start < stop:
                parts.append(shelf.read(np.arange(start, stop)))
                last = Place(int(shelf.ts[stop - 1]), int(shelf.seq[stop - 1]))
                left -= stop - start
            if left <= 0 or stop < len(shelf.ts):
                break
        return LegacyPage(parts, last)

    def packet(self, packet_id: str) -> pa.Table | None:
        """Return one flow packet, None where no session has it."""
        for view in self.views(newest_first=True):
            if view.has("flow_packets"):
                ids = view.column("flow_packets", "id")
                found = ids.index(pa.scalar(packet_id, pa.string())).as_py()
                if found >= 0:
                    return shelf_of(view, "flow").read(np.array([found]))
        return None


def _whole_start(shelf: Shelf, start: int, stop: int, may_be_empty: bool) -> int:
    """A page never ends between records of one place, for the place is the cursor: give the last ones up, or take all of them."""
    if 0 < start < stop and shelf.same_place(start, start - 1):
        later = start
        while later < stop and shelf.same_place(later, start):
            later += 1
        if later < stop or may_be_empty:
            return later
        while start > 0 and shelf.same_place(start - 1, start):
            start -= 1
    return start


def _whole_stop(shelf: Shelf, start: int, stop: int, may_be_empty: bool) -> int:
    """The same for a page that runs forward."""
    if start < stop < len(shelf.ts) and shelf.same_place(stop, stop - 1):
        earlier = stop
        while earlier > start and shelf.same_place(earlier - 1, stop):
            earlier -= 1
        if earlier > start or may_be_empty:
            return earlier
        while stop < len(shelf.ts) and shelf.same_place(stop, stop - 1):
            stop += 1
    return stop


def shelf_of(view: SessionView, channel: str) -> Shelf:
    """Return the records of one channel and session, kept with the session."""
    shelves: dict[str, Shelf] = view.__dict__.setdefault("_shelves", {})
    if channel not in shelves:
        shelves[channel] = _events_shelf(view) if channel == "smart-money" else _table_shelf(view, TABLES[channel], channel)
    return shelves[channel]


def _table_shelf(view: SessionView, table: str, channel: str) -> Shelf:
    if not view.has(table):
        none = np.zeros(0, np.int64)
        return Shelf(none, none, lambda rows: pa.table({}))
    places = view.table(table).columns(["source_ts", "seq"])
    return Shelf(
        places["source_ts"].to_numpy(), places["seq"].to_numpy(), lambda rows: view.table(table).take(rows).drop_columns([OFF_THE_WIRE])
    )


def _events_shelf(view: SessionView) -> Shelf:
    """Events in the order of their first prints."""
    events = view.table(EVENTS_TABLE)
    orders = first_orders(view.index, view.table("parent_events").columns(["event_id", "first_order"]))
    by_place = np.argsort(orders, kind="stable")
    starts = view.index["start_ts"].cast(pa.int64()).to_numpy()[by_place] // NS_PER_MS

    def read(rows: Ints) -> pa.Table:
        taken = by_place[rows]
        found = events.take(taken)
        return legacy_events(found, _legs(view, found["event_id"].combine_chunks()), orders[taken])

    return Shelf(starts, orders[by_place], read)


def _legs(view: SessionView, ids: pa.Array) -> pa.Table:
    """Legs of these events."""
    mine = pa.compute.is_in(view.column("event_legs", "event_id"), value_set=ids)
    return view.table("event_legs").take(np.flatnonzero(mine.to_numpy()))
