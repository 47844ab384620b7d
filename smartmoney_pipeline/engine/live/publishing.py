"""Tables of what all buckets made in one advance: features and scores in one go, then each bucket's share by rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.engine.blocks import joined_slices
from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.live.bucket import BucketAdvance
from smartmoney_pipeline.engine.live.linking import Link, links_table
from smartmoney_pipeline.engine.live.said import Part, Said, Saying
from smartmoney_pipeline.engine.live.update import OF_EVENTS, Retraction, Update, quarantine_table, retractions_table
from smartmoney_pipeline.engine.live.window import NamedSlice, renumbered
from smartmoney_pipeline.engine.slice_tables import PublishedSlice, publish_slice

Rows = NDArray[np.int64]


class _Sheet:
    """Slices that are published together, and which of their events are said. An event is in one sheet at most once."""

    def __init__(self) -> None:
        self._slices: list[NamedSlice] = []
        self._provisional: list[bool] = []
        self._tables: PublishedSlice | None = None
        self._said: list[tuple[Rows, Rows]] = []
        self._rows = 0

    def add(self, part: NamedSlice, provisional: bool) -> Rows:
        """Take in a slice; the rows that its events will have."""
        self._slices.append(part)
        self._provisional.append(provisional)
        first, self._rows = self._rows, self._rows + len(part.events)
        return np.arange(first, self._rows)

    def publish(self, context: DayContext) -> None:
        """Make the tables of all slices."""
        if not self._slices:
            return
        starts = np.cumsum([0, *(len(part.print_id) for part in self._slices)])
        moved = [renumbered(part.events, int(start)) for part, start in zip(self._slices, starts[:-1], strict=True)]
        lengths = [len(part.events) for part in self._slices]
        ids = pa.concat_arrays([part.print_id for part in self._slices])
        self._tables = publish_slice(context, joined_slices(moved), ids, np.repeat(self._provisional, lengths))

    def events(self, rows: list[Rows]) -> pa.Table | None:
        """Events at these rows, None where there are none."""
        if not rows or self._tables is None:
            return None
        return self._tables.smart_money_events.take(pa.array(np.concatenate(rows)))

    def say(self, rows: list[Rows], chosen: NDArray[np.bool_], revision: Rows) -> None:
        """Say the chosen ones of these rows, with the revision of each."""
        if rows:
            self._said.append((np.concatenate(rows)[chosen], revision[chosen]))

    def spoken(self) -> dict[str, pa.Table]:
        """Rows of the four tables of events that are said."""
        if self._tables is None or not sum(len(rows) for rows, _ in self._said):
            return {}
        rows, revision = (np.concatenate(columns) for columns in zip(*self._said, strict=True))
        events = self._tables.smart_money_events.take(pa.array(rows))
        place = events.column_names.index("revision")
        events = events.set_column(place, events.schema.field("revision"), pa.array(revision))
        rest = (self._tables.parent_event_members, self._tables.event_legs, self._tables.event_evidence)
        if len(rows) < self._rows:
            names = events["event_id"].combine_chunks()
            rest = tuple(table.filter(pc.is_in(table["event_id"].cast(pa.string()), value_set=names)) for table in rest)
        return {"events": events, **dict(zip(OF_EVENTS, rest, strict=True))}


def publish(context: DayContext, done: Sequence[tuple[Said, BucketAdvance]], quarantined: list[pa.Table], at: int) -> Update:
    """The update of one advance of all buckets; `at` is the event time reached, ns UTC."""
    final = _Sheet()
    # What is made anew may hold an event twice, provisional and final; otherwise one sheet costs half of two.
    early = _Sheet() if any(advance.cause for _, advance in done) else final
    sheets = [final] if early is final else [final, early]
    placed = [_placed(final, early, advance) for _, advance in done]
    for sheet in sheets:
        sheet.publish(context)
    sayings = []
    for (said, advance), (final_rows, early_rows) in zip(done, placed, strict=True):
        saying = _said(said, advance, (final, final_rows), (early, early_rows), at)
        final.say([rows for rows in final_rows if len(rows)], saying.final, saying.revision)
        early.say(early_rows, saying.provisional, np.zeros(len(saying.provisional), np.int64))
        sayings.append(saying)
    parts = [*quarantined, *(part for _, advance in done for part in advance.quarantined)]
    return _update([sheet.spoken() for sheet in sheets], sayings, quarantine_table(parts))


def _placed(final: _Sheet, early: _Sheet, advance: BucketAdvance) -> tuple[list[Rows], list[Rows]]:
    """Rows of the final events by stretch (empty where one has none), and of the provisional ones."""
    none = np.zeros(0, np.int64)
    final_rows = [none if stretch.final is None else final.add(stretch.final, False) for stretch in advance.stretches]
    early_rows = [early.add(stretch.provisional, True) for stretch in advance.stretches if stretch.provisional is not None]
    return final_rows, early_rows


def _said(said: Said, advance: BucketAdvance, final: tuple[_Sheet, list[Rows]], early: tuple[_Sheet, list[Rows]], at: int) -> Saying:
    """What one bucket says."""
    parts = [
        Part(stretch.since, final[0].events([rows]) if len(rows) else None, stretch.links)
        for stretch, rows in zip(advance.stretches, final[1], strict=True)
    ]
    provisional = early[0].events(early[1])
    return said.add(parts[0], provisional, at) if advance.cause is None else said.replace(parts, provisional, advance.cause)


def _update(spoken: list[dict[str, pa.Table]], sayings: list[Saying], quarantine: pa.Table) -> Update:
    links: list[Link] = []
    withdrawn: list[Link] = []
    retractions: list[Retraction] = []
    for saying in sayings:
        links, withdrawn = links + saying.links, withdrawn + saying.withdrawn_links
        retractions += saying.retractions
    tables = {
        "links": links_table(links),
        "withdrawn_links": links_table(withdrawn),
        "retractions": retractions_table(retractions),
        "quarantine": quarantine,
    }
    for name in ("events", *OF_EVENTS):
        parts = [part[name] for part in spoken if part]
        if parts:
            tables[name] = parts[0] if len(parts) == 1 else pa.concat_tables(parts).unify_dictionaries()
    if "events" in tables:
        tables["events"] = tables["events"].sort_by([("closed_at", "ascending"), ("event_id", "ascending")])
    return Update(**{**vars(Update.empty()), **tables})
