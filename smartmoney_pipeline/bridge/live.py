"""Hits and alerts of a live session: said with their events, withdrawn with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.bridge.alerts import alert_record
from smartmoney_pipeline.bridge.derive import sources
from smartmoney_pipeline.bridge.hits import hit_records
from smartmoney_pipeline.engine.live.update import Update
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.bridge_tables import Alerts, ClassifierHits, LegacyWithdrawals

HIT, ALERT = "classifier-hit", "alert"
Record = dict[str, Any]
Places = Callable[[pa.Table], NDArray[np.int64]]
"""Takes events, gives the place in the tape of each one's first print."""


@dataclass(frozen=True)
class BridgeUpdate:
    """What one update of the engine means on the legacy surface; withdrawals come before what is new."""

    withdrawals: pa.Table
    classifier_hits: pa.Table
    alerts: pa.Table


class LiveBridge:
    """Remembers which hits and alerts of which events stand, so that a retraction takes back the right ones.

    An event that is said again takes back those of its records that changed, and says the new ones; records that did not change are
    not said twice.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._standing: dict[str, dict[str, tuple[str, Record]]] = {}

    def add(self, update: Update) -> BridgeUpdate:
        """Take in the next update of the engine."""
        gone: list[Record] = []
        for row in update.retractions.to_pylist():
            gone += self._withdrawn(row["event_id"], row["retracted_at"], row["reason"])
        records: dict[str, list[Record]] = {HIT: [], ALERT: []}
        for event_id, closed_at, made in self._made(update.events):
            before = self._standing.pop(event_id, {})
            changed = {trace: kept for trace, kept in before.items() if made.get(trace) != kept}
            gone += [_withdrawal(kind, trace, event_id, closed_at, None) for trace, (kind, _) in changed.items()]
            for trace, (kind, record) in made.items():
                if before.get(trace) != (kind, record):
                    records[kind].append(record)
            if made:
                self._standing[event_id] = made
        return BridgeUpdate(_table(gone, LegacyWithdrawals), _table(records[HIT], ClassifierHits), _table(records[ALERT], Alerts))

    def _withdrawn(self, event_id: str, at: Any, reason: str) -> list[Record]:
        standing = self._standing.pop(event_id, {})
        return [_withdrawal(kind, trace, event_id, at, reason) for trace, (kind, _) in standing.items()]

    def _made(self, events: pa.Table) -> Iterable[tuple[str, Any, dict[str, tuple[str, Record]]]]:
        """Records of every event that has or had some, by trace."""
        said = pc.is_in(events["event_id"], value_set=pa.array(sorted(self._standing), pa.string()))
        concerned = events.filter(pc.or_(said, pc.invert(events["abstained"])))
        closed = dict(zip(concerned["event_id"].to_pylist(), concerned["closed_at"].to_pylist(), strict=True))
        published = {source.row["event_id"]: source for source in sources(concerned, self._places(concerned))}
        for event_id, at in closed.items():
            made: dict[str, tuple[str, Record]] = {}
            if source := published.get(event_id):
                made = {record["trace_id"]: (HIT, record) for record in hit_records(source)}
                if alert := alert_record(source):
                    made[alert["trace_id"]] = (ALERT, alert)
            yield event_id, at, made


def _withdrawal(kind: str, trace: str, event_id: str, at: Any, reason: str | None) -> Record:
    return {"kind": kind, "trace_id": trace, "event_id": event_id, "withdrawn_at": at, "reason": reason}


def _table(records: list[Record], model: Any) -> pa.Table:
    return conform(pa.Table.from_pylist(records, schema=arrow_schema(model)), model)
