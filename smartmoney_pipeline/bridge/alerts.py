"""Alerts: one an event with hits, with the legacy score, whose formula and units are frozen with the surface that shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from smartmoney_pipeline.bridge.hits import Source, chosen, hit
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.bridge_tables import Alerts

MOST_FOR_PREMIUM = 70
PREMIUM_A_POINT = 1_000.0
POINTS_FOR_CONFIDENCE = 20
POINTS_A_HIT, MOST_FOR_HITS = 5, 20
HIGH_FROM, MEDIUM_FROM = 80, 45
MEDIUM_BAND_FROM, HIGH_BAND_FROM = 0.52, 0.72


def alert_record(source: Source) -> dict[str, Any] | None:
    """Return the alert of one event, None where it has no hits."""
    row = source.row
    hits = [hit(score, row["suppressed_reasons"]) for score in chosen(row)]
    if not hits:
        return None
    score = alert_score(total_premium(row["features"]), max(one["confidence"] for one in hits), len(hits))
    return {
        **source.meta(f"alert:{row['event_id']}"),
        "score": score,
        "severity": severity(score),
        "hits": hits,
        "evidence_refs": [row["event_id"], *row["packet_ids"], *row["member_print_ids"]],
        "primary_profile_id": row["primary_profile_id"],
        "profile_scores": [legacy_score(one) for one in row["profile_scores"]],
        "event_id": row["event_id"],
    }


def alerts_table(sources: Sequence[Source]) -> pa.Table:
    """Return the alerts of events in the order given, with the columns of Alerts."""
    records = [record for source in sources if (record := alert_record(source)) is not None]
    return conform(pa.Table.from_pylist(records, schema=arrow_schema(Alerts)), Alerts)


def alert_score(premium: float, confidence: float, hits: int) -> float:
    """Return the legacy score, 0 to 100. `premium` is the sum of price x size, without multiplier."""
    points = min(MOST_FOR_PREMIUM, half_up(premium / PREMIUM_A_POINT))
    points += half_up(POINTS_FOR_CONFIDENCE * confidence) + min(MOST_FOR_HITS, POINTS_A_HIT * hits)
    return float(min(100, max(0, points)))


def severity(score: float) -> str:
    """Return the legacy severity of a score."""
    return "high" if score >= HIGH_FROM else "medium" if score >= MEDIUM_FROM else "low"


def band(probability: float) -> str:
    """Return the legacy confidence band of a probability."""
    return "high" if probability >= HIGH_BAND_FROM else "medium" if probability >= MEDIUM_BAND_FROM else "low"


def total_premium(features: Mapping[str, Any]) -> float:
    """Return the sum of price x size of an event, 0 where its prints have no price that is known."""
    each, contracts = features["premium_per_contract_usd"], features["contracts"]
    return 0.0 if each is None or contracts is None else round(each * contracts, 4)


def legacy_score(score: Mapping[str, Any]) -> dict[str, Any]:
    """Return one profile score as a legacy object."""
    kept = {name: score[name] for name in ("profile_id", "probability", "direction", "reasons")}
    return kept | {"confidence_band": band(score["probability"])}


def half_up(value: float) -> int:
    """Return the nearest whole number, a half upwards."""
    return math.floor(value + 0.5)
