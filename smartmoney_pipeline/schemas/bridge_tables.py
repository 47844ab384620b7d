"""Tables of the bridge: legacy records derived from events and packets, one row each, in legacy names and types.

Times are whole milliseconds since 1970 UTC. `event_id` names the event behind a row and is not on the legacy wire.
"""

from typing import Any

import pandas as pd
import pandera.pandas as pa

from smartmoney_pipeline.schemas import event_rules as rules
from smartmoney_pipeline.schemas.arrow import arrow_type, struct_type
from smartmoney_pipeline.schemas.codes import Direction, ProfileId, RetractionReason
from smartmoney_pipeline.schemas.input_tables import Price, Text, Timestamp, Whole
from smartmoney_pipeline.schemas.legacy import SEVERITIES, AlertEvent, EventMeta, FlowPacketFeatures, JoinQuality
from smartmoney_pipeline.schemas.table_fields import Listed, StrictTable, listed, rule, texts, values

CLASSIFIERS = tuple(f"smart_money_{profile}" for profile in ProfileId)
"""Classifier id of each profile, in the order of the profiles."""

MAX_HITS = 3
HITS = arrow_type(AlertEvent.model_fields["hits"].annotation)
LEGACY_SCORES = arrow_type(AlertEvent.model_fields["profile_scores"].annotation)


def _meta(name: str, **constraints: Any) -> Any:
    return pa.Field(description=EventMeta.model_fields[name].description, **constraints)


def _nested(kind: Any, label: str, description: str) -> Any:
    return pa.Field(description=description, metadata={"arrow": kind, "label": label})


class FlowPackets(StrictTable):
    """One row per packet, in tape order: prints of one contract that belong together, as the earlier surface showed them."""

    source_ts: Whole = _meta("source_ts", ge=0)
    ingest_ts: Whole = _meta("ingest_ts", ge=0)
    seq: Whole = _meta("seq", ge=0, unique=True)
    trace_id: Text = _meta("trace_id", unique=True)
    id: Text = pa.Field(unique=True, description="the packet")
    members: Any = texts("trace ids of its prints, in tape order")
    features: Any = _nested(struct_type(FlowPacketFeatures), "struct<FlowPacketFeatures>", "legacy features; null ones stay off the wire")
    join_quality: Any = _nested(struct_type(JoinQuality), "struct<JoinQuality>", "how well the quotes joined; null ones are absent")
    event_id: Text = pa.Field(description="parent event of the packet")

    @rule("members counts features.count")
    @classmethod
    def _members_are_counted(cls, frame: pd.DataFrame) -> pd.Series:
        counted = frame["features"].struct.field("count") if len(frame) else pd.Series([], dtype="int64")
        return rules.items_counted(frame["members"]) == counted.to_numpy()


class ClassifierHits(StrictTable):
    """One row per hit: a published event with each profile that it is consistent with, three at most. Abstained events have none."""

    source_ts: Whole = _meta("source_ts", ge=0)
    ingest_ts: Whole = _meta("ingest_ts", ge=0)
    seq: Whole = _meta("seq", ge=0)
    trace_id: Text = _meta("trace_id", unique=True)
    classifier_id: Text = pa.Field(isin=list(CLASSIFIERS), description="smart_money_ and the profile")
    confidence: Price = pa.Field(ge=0, le=1, description="calibrated probability of the profile")
    direction: Text = pa.Field(isin=values(Direction), description="sign of the exposure, read through the profile")
    explanations: Any = texts("the probability in words, reason codes, guards that fired")
    event_id: Text = pa.Field(description="the event")


class Alerts(StrictTable):
    """One row per event with hits."""

    source_ts: Whole = _meta("source_ts", ge=0)
    ingest_ts: Whole = _meta("ingest_ts", ge=0)
    seq: Whole = _meta("seq", ge=0, unique=True)
    trace_id: Text = _meta("trace_id", unique=True)
    score: Price = pa.Field(ge=0, le=100, description="0 to 100, by the legacy formula, whose premium is without multiplier")
    severity: Text = pa.Field(isin=list(SEVERITIES), description="high from 80, medium from 45")
    hits: Any = _nested(HITS, "list<ClassifierHit>", "the hits of the event, likeliest first")
    evidence_refs: Any = texts("event id, packet ids, print ids")
    primary_profile_id: Text = pa.Field(nullable=True, isin=values(ProfileId), description="the published profile")
    profile_scores: Any = _nested(LEGACY_SCORES, "list<LegacyProfileScore>", "all six, highest first, with legacy bands")
    event_id: Text = pa.Field(unique=True, description="the event")

    @rule("an alert has hits, three at most")
    @classmethod
    def _has_hits(cls, frame: pd.DataFrame) -> pd.Series:
        return _counted(frame["hits"]).between(1, MAX_HITS)


class LegacyWithdrawals(StrictTable):
    """Hits and alerts that hold no more, because their event was withdrawn or said anew."""

    kind: Text = pa.Field(isin=["classifier-hit", "alert"], description="what is withdrawn")
    trace_id: Text = pa.Field(description="the withdrawn record")
    event_id: Text = pa.Field(description="its event")
    withdrawn_at: Timestamp = pa.Field(description="event time of the withdrawal")
    reason: Listed = listed("why the event was withdrawn; null where it was said anew", values(RetractionReason), nullable=True)


def _counted(column: pd.Series) -> pd.Series:
    return column.map(len).astype("int64") if len(column) else pd.Series([], dtype="int64")


BRIDGE_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "flow_packets": FlowPackets,
    "classifier_hits": ClassifierHits,
    "alerts": Alerts,
}
"""Table name to its model: what is stored and published with the events."""
