"""Hits and alerts of events: the legacy choice, score and severity, worked out by hand from section 4 of its description."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from legacy_tape import START, START_MS, at

from smartmoney_pipeline.bridge.alerts import alert_record, alert_score, band, half_up, severity
from smartmoney_pipeline.bridge.derive import bridge_events, first_orders
from smartmoney_pipeline.bridge.hits import Source, hit_records
from smartmoney_pipeline.schemas.arrow import to_frame
from smartmoney_pipeline.schemas.bridge_tables import Alerts, ClassifierHits
from smartmoney_pipeline.schemas.codes import ProfileId
from smartmoney_pipeline.schemas.legacy import AlertEvent, ClassifierHitEvent


def event(abstained=False, top=0.7, second=0.1, event_id="e1", guards=("COMPLEX_WITHOUT_DIRECTION",), premium=3.5, contracts=20_000):
    """An event of event_driven, retail_whale next; the four others share what is left in order."""
    rest = [0.04, 0.03, 0.02, 0.01]
    order = ["event_driven", "retail_whale", "institutional_directional", "vol_seller", "arbitrage", "hedge_reactive"]
    scores = [
        {"profile_id": name, "probability": share, "direction": "bullish", "confidence_band": "low", "reasons": ["EVENT_AHEAD"]}
        for name, share in zip(order, [top, second, *rest], strict=True)
    ]
    return {
        "event_id": event_id,
        "packet_ids": ["k1", "k2"],
        "member_print_ids": ["p1", "p2", "p3"],
        "profile_scores": scores,
        "primary_profile_id": None if abstained else "event_driven",
        "abstained": abstained,
        "suppressed_reasons": list(guards),
        "start_ts": START,
        "end_ts": at(12.9),
        "features": {"premium_per_contract_usd": premium, "contracts": contracts},
    }


def test_a_published_event_is_one_hit():
    (hit,) = hit_records(Source(event(), 42))
    assert hit == {
        "source_ts": START_MS,
        "ingest_ts": START_MS + 12,
        "seq": 42,
        "trace_id": "classifier:smart_money_event_driven:k1",
        "classifier_id": "smart_money_event_driven",
        "confidence": 0.7,
        "direction": "bullish",
        "explanations": ["Consistent with event_driven at 70%.", "EVENT_AHEAD", "Guard COMPLEX_WITHOUT_DIRECTION fired."],
        "event_id": "e1",
    }


def test_another_profile_of_one_half_is_a_hit_too():
    hits = hit_records(Source(event(top=0.5, second=0.5), 0))
    assert [hit["classifier_id"] for hit in hits] == ["smart_money_event_driven", "smart_money_retail_whale"]
    assert len(hit_records(Source(event(top=0.5, second=0.499), 0))) == 1


def test_an_abstained_event_has_neither_hits_nor_alert():
    source = Source(event(abstained=True, top=0.9), 0)
    assert hit_records(source) == []
    assert alert_record(source) is None


@pytest.mark.parametrize(
    ("premium", "confidence", "hits", "score", "level"),
    [
        # 70 points of premium + half-up(14) + 5 a hit
        (70_000.0, 0.7, 1, 89.0, "high"),
        (500_000.0, 0.7, 1, 89.0, "high"),
        (26_000.0, 0.7, 1, 45.0, "medium"),
        (25_499.0, 0.7, 1, 44.0, "low"),
        (25_500.0, 0.7, 1, 45.0, "medium"),
        (61_000.0, 0.7, 1, 80.0, "high"),
        (0.0, 0.425, 1, 14.0, "low"),
        (100_000.0, 1.0, 3, 100.0, "high"),
        (0.0, 0.5, 2, 20.0, "low"),
    ],
)
def test_score_and_severity(premium, confidence, hits, score, level):
    assert alert_score(premium, confidence, hits) == score
    assert severity(score) == level


def test_halves_are_rounded_up():
    # Python's own rounding would give 0 and 2.
    assert [half_up(value) for value in (0.5, 2.5, 2.4999, 0.0)] == [1, 3, 2, 0]


def test_legacy_bands_go_by_probability():
    assert [band(share) for share in (0.51, 0.52, 0.719, 0.72)] == ["low", "medium", "medium", "high"]


def test_an_alert_refers_to_event_packets_and_prints():
    alert = alert_record(Source(event(), 42))
    assert alert["evidence_refs"] == ["e1", "k1", "k2", "p1", "p2", "p3"]
    assert (alert["trace_id"], alert["primary_profile_id"]) == ("alert:e1", "event_driven")
    # 3.5 x 20,000 = 70,000 without the multiplier.
    assert (alert["score"], alert["severity"]) == (89.0, "high")
    assert [score["confidence_band"] for score in alert["profile_scores"]] == ["medium", *["low"] * 5]
    assert len(alert["profile_scores"]) == len(ProfileId)
    AlertEvent.model_validate({name: value for name, value in alert.items() if name != "event_id"})


def test_an_unknown_premium_gives_no_points():
    assert alert_record(Source(event(premium=None), 0))["score"] == 19.0


def test_tables_stand_in_tape_order_and_fit_their_models():
    rows = [event(event_id="e2"), event(event_id="e0", abstained=True), event(event_id="e1")]
    for row, packet in zip(rows, ("k2", "k0", "k1"), strict=True):
        row["packet_ids"] = [packet]
    made = bridge_events(pa.Table.from_pylist(rows), np.array([9, 1, 4]))
    assert made.alerts["event_id"].to_pylist() == ["e1", "e2"]
    assert made.classifier_hits["seq"].to_pylist() == [4, 9]
    assert len(Alerts.validate(to_frame(made.alerts), lazy=True)) == 2
    assert len(ClassifierHits.validate(to_frame(made.classifier_hits), lazy=True)) == 2
    for row in made.classifier_hits.drop_columns(["event_id"]).to_pylist():
        ClassifierHitEvent.model_validate(row)


def test_no_events_give_empty_tables():
    none = pa.Table.from_pylist([event()]).slice(0, 0)
    made = bridge_events(none, np.zeros(0, np.int64))
    assert (len(made.alerts), len(made.classifier_hits)) == (0, 0)
    assert Alerts.validate(to_frame(made.alerts), lazy=True).empty


def test_places_in_the_tape_come_from_the_parents():
    parents = pa.table({"event_id": ["b", "a"], "first_order": [7, 3]})
    assert first_orders(pa.table({"event_id": ["a", "b"]}), parents).tolist() == [3, 7]
    with pytest.raises(ValueError, match="not among the parent events"):
        first_orders(pa.table({"event_id": ["c"]}), parents)


def test_an_alert_without_hits_is_refused_by_the_model():
    made = bridge_events(pa.Table.from_pylist([event()]), np.array([0])).alerts
    frame = to_frame(made)
    frame["hits"] = pd.Series([[]], dtype=frame["hits"].dtype)
    with pytest.raises(Exception, match="an alert has hits"):
        Alerts.validate(frame, lazy=True)
