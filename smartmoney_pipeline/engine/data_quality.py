"""The data quality of a day: what the import counted, and how the events came out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.engine.context import DayContext


@dataclass
class EventCounts:
    """Counts over the events of a day, added up slice by slice."""

    events: int = 0
    prints: int = 0
    abstained: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    by_assembly: Counter[str] = field(default_factory=Counter)
    by_flag: Counter[str] = field(default_factory=Counter)
    published: Counter[str] = field(default_factory=Counter)
    abstention_reasons: Counter[str] = field(default_factory=Counter)

    def add(self, events: pa.Table) -> None:
        """Count one slice of smart_money_events."""
        self.events += len(events)
        self.prints += len(pc.list_flatten(events["member_print_ids"]))
        self.abstained += pc.sum(events["abstained"]).as_py() or 0
        self.by_kind.update(_counts(events["event_kind"]))
        self.by_assembly.update(_counts(events["assembly"]))
        self.by_flag.update(_counts(pc.list_flatten(events["quality_flags"])))
        self.published.update(_counts(events["primary_profile_id"]))
        self.abstention_reasons.update(_counts(pc.list_flatten(events["abstention_reasons"])))

    def report(self) -> dict[str, Any]:
        """The counts by name."""
        numbers = {"count": self.events, "member_prints": self.prints, "abstained": self.abstained}
        return {**numbers, **{name: dict(sorted(getattr(self, name).items())) for name in _COUNTERS}}


def quality_report(context: DayContext, counts: EventCounts) -> dict[str, Any]:
    """Return the report that `data_quality.json` holds: import counts by table and reason, then the events."""
    quality, given = context.day.quality, context.given_calendar
    tables = {} if given is None else {"tables": given.counted(quality["tables"])}
    return {**quality, **tables, "events": counts.report()}


_COUNTERS = ("by_kind", "by_assembly", "by_flag", "published", "abstention_reasons")


def _counts(values: pa.ChunkedArray | pa.Array) -> dict[str, int]:
    found = pc.value_counts(pc.drop_null(values)).to_pylist()
    return {row["values"]: row["counts"] for row in found}
