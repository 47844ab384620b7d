"""What the live engine says at one time: rows of the output tables, in one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.ledger import EventSlice
from smartmoney_pipeline.engine.live.linking import Link, links_table
from smartmoney_pipeline.engine.live.packets import PacketTables, packet_tables
from smartmoney_pipeline.engine.live.window import NamedSlice, joined_named, taken_named
from smartmoney_pipeline.engine.slice_tables import PublishedSlice, publish_slice
from smartmoney_pipeline.schemas.arrow import conform, empty_table
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES, Retractions
from smartmoney_pipeline.tape.quarantine import QUARANTINE_SCHEMA, merge_quarantine

NAMES = {
    "events": "smart_money_events",
    "members": "parent_event_members",
    "legs": "event_legs",
    "evidence": "event_evidence",
    "links": "event_links",
    "withdrawn_links": "event_links",
    "retractions": "retractions",
    "quarantine": "quarantine",
}
"""Field of an update to the output table whose columns it has."""

OF_EVENTS = ("members", "legs", "evidence")


@dataclass(frozen=True)
class Spoken:
    """Events that are said: final or provisional ones, with the revision of each."""

    events: NamedSlice
    provisional: bool
    revision: NDArray[np.int64]


class Update:
    """Events in the order (closed_at, event_id), provisional ones among them; members, legs and evidence are those of these events.

    An event said again replaces what was said of it before. `links` are new, `withdrawn_links` hold no more. Features, scores and
    tables are made when one of the tables is first read: an update that nobody reads costs nothing.
    """

    def __init__(
        self,
        context: DayContext | None = None,
        spoken: Sequence[Spoken] = (),
        links: Sequence[Link] = (),
        withdrawn_links: Sequence[Link] = (),
        retractions: Sequence[Retraction] = (),
        quarantined: Sequence[pa.Table] = (),
    ) -> None:
        """`context` is that of the events, None where nothing is said."""
        self._context, self._spoken = context, spoken
        self._links, self._withdrawn, self._retractions, self._quarantined = links, withdrawn_links, retractions, quarantined

    @classmethod
    def of_tables(cls, **tables: pa.Table) -> Update:
        """Return an update whose tables are at hand, by the names of its fields; those left out are empty.

        Raises `ValueError` for a name that is none of `NAMES` or of `PacketTables`.
        """
        of_packets = PacketTables.__dataclass_fields__
        if unknown := tables.keys() - NAMES.keys() - of_packets.keys():
            raise ValueError(f"an update has no {', '.join(sorted(unknown))}")
        made, empty = cls(), _no_events()
        published = {name: tables.get(field, getattr(empty, name)) for field, name in NAMES.items() if hasattr(empty, name)}
        packets = {name: tables.get(name, getattr(made.packet_tables, name)) for name in of_packets}
        made.__dict__ |= {"_published": PublishedSlice(**published), "packet_tables": PacketTables(**packets)}
        made.__dict__ |= {name: table for name, table in tables.items() if name in NAMES and not hasattr(empty, NAMES[name])}
        return made

    def __len__(self) -> int:
        """Events said, without making the tables."""
        return self._count() or len(self.events)

    def is_empty(self) -> bool:
        """Whether nothing is said."""
        at_hand = sum(len(table) for name, table in vars(self).items() if name in NAMES)
        return not (len(self) or at_hand or self._links or self._withdrawn or self._retractions or self._quarantined)

    @property
    def events(self) -> pa.Table:
        """smart_money_events."""
        return self._published.smart_money_events

    @property
    def members(self) -> pa.Table:
        """parent_event_members."""
        return self._published.parent_event_members

    @property
    def legs(self) -> pa.Table:
        """event_legs."""
        return self._published.event_legs

    @property
    def evidence(self) -> pa.Table:
        """event_evidence."""
        return self._published.event_evidence

    @cached_property
    def links(self) -> pa.Table:
        """event_links that hold now."""
        return links_table(self._links)

    @cached_property
    def withdrawn_links(self) -> pa.Table:
        """event_links that hold no more."""
        return links_table(self._withdrawn)

    @cached_property
    def retractions(self) -> pa.Table:
        """Events that are withdrawn, with the reason."""
        return retractions_table(self._retractions)

    @cached_property
    def quarantine(self) -> pa.Table:
        """Rows that were put aside."""
        return merge_quarantine(self._quarantined) if self._quarantined else QUARANTINE_SCHEMA.empty_table()

    @cached_property
    def packet_tables(self) -> PacketTables:
        """Packets of the events, and their prints with the quotes before them."""
        return packet_tables(self._context, None if self._context is None or not self._count() else self._joined[0])

    def _count(self) -> int:
        return sum(len(spoken.events) for spoken in self._spoken)

    @cached_property
    def _published(self) -> PublishedSlice:
        if self._context is None or not self._count():
            return _no_events()
        whole, provisional, revision = self._joined
        return publish_slice(self._context, whole.events, whole.print_id, provisional, revision)

    @cached_property
    def _joined(self) -> tuple[NamedSlice, NDArray[np.bool_], NDArray[np.int64]]:
        """Events in canonical order, whether each is provisional, its revision."""
        whole = joined_named([spoken.events for spoken in self._spoken])
        counts = [len(spoken.events) for spoken in self._spoken]
        provisional = np.repeat([spoken.provisional for spoken in self._spoken], counts)
        revision = np.concatenate([spoken.revision for spoken in self._spoken])
        if len(self._spoken) > 1:
            order = canonical_order(whole.events)
            whole, provisional, revision = taken_named(whole, order), provisional[order], revision[order]
        return whole, provisional, revision


def canonical_order(events: EventSlice) -> NDArray[np.int64]:
    """Order of events by (closed_at, event_id)."""
    names = events.event_id.to_numpy(zero_copy_only=False).astype("U32")
    return np.lexsort((names, events.events["closed_at"]))


@cache
def _no_events() -> PublishedSlice:
    return PublishedSlice(*(empty_table(OUTPUT_TABLES[name]) for name in PublishedSlice.__dataclass_fields__))


@dataclass(frozen=True)
class Retraction:
    """One row of retractions; `at` in ns UTC."""

    event_id: str
    at: int
    reason: str
    replaced_by: tuple[str, ...]


def retractions_table(rows: Sequence[Retraction]) -> pa.Table:
    """Retractions by the id of the withdrawn event."""
    if not rows:
        return empty_table(Retractions)
    kept = sorted(rows, key=lambda row: row.event_id)
    columns = {
        "event_id": pa.array([row.event_id for row in kept]),
        "retracted_at": pa.array([row.at for row in kept], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
        "reason": pa.array([row.reason for row in kept]),
        "replaced_by": pa.array([list(row.replaced_by) for row in kept], pa.list_(pa.string())),
    }
    return conform(pa.table(columns), Retractions)
