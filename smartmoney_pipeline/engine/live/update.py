"""What the live engine says at one time: rows of the output tables, in one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

import pyarrow as pa

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
class Update:
    """Events in the order (closed_at, event_id), provisional ones among them; members, legs and evidence are those of these events.

    An event said again replaces what was said of it before. `links` are new, `withdrawn_links` hold no more.
    """

    events: pa.Table
    members: pa.Table
    legs: pa.Table
    evidence: pa.Table
    links: pa.Table
    withdrawn_links: pa.Table
    retractions: pa.Table
    quarantine: pa.Table

    @classmethod
    def empty(cls) -> Update:
        """Nothing said."""
        return _nothing()

    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not any(len(getattr(self, field.name)) for field in fields(self))


@cache
def _nothing() -> Update:
    return Update(**{name: empty_table(OUTPUT_TABLES[table]) for name, table in NAMES.items()})


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


def quarantine_table(parts: Sequence[pa.Table]) -> pa.Table:
    """One table of all parts."""
    return merge_quarantine(parts) if parts else QUARANTINE_SCHEMA.empty_table()
