"""Classifier hits: each profile that a published event is consistent with, by the legacy choice. Abstained events have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.bridge_tables import MAX_HITS, ClassifierHits
from smartmoney_pipeline.schemas.units import NS_PER_MS

ALSO_FROM = 0.5
"""Beside the published profile, every other one from this probability on is a hit."""

NEEDED = (
    "event_id",
    "packet_ids",
    "member_print_ids",
    "profile_scores",
    "primary_profile_id",
    "abstained",
    "suppressed_reasons",
    "start_ts",
    "end_ts",
    "features",
)
"""Columns of smart_money_events that hits and alerts are made from."""


@dataclass(frozen=True, slots=True)
class Source:
    """One published event with its place in the tape; `row` has the columns of NEEDED as Python values."""

    row: Mapping[str, Any]
    first_order: int

    def meta(self, trace_id: str) -> dict[str, Any]:
        """What every record of the event begins with."""
        start, end = (pd.Timestamp(self.row[name]).value // NS_PER_MS for name in ("start_ts", "end_ts"))
        return {"source_ts": start, "ingest_ts": end, "seq": self.first_order, "trace_id": trace_id}


def chosen(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the scores of the event that are hits, highest first."""
    if row["abstained"]:
        return []
    primary = row["primary_profile_id"]
    return [score for score in row["profile_scores"] if score["profile_id"] == primary or score["probability"] >= ALSO_FROM][:MAX_HITS]


def hit(score: Mapping[str, Any], guards: Sequence[str]) -> dict[str, Any]:
    """Return one hit as a legacy object."""
    return {
        "classifier_id": f"smart_money_{score['profile_id']}",
        "confidence": score["probability"],
        "direction": score["direction"],
        "explanations": _explanations(score, guards),
    }


def hit_records(source: Source) -> list[dict[str, Any]]:
    """Return the hits of one event as records, likeliest first."""
    row = source.row
    hits = [hit(score, row["suppressed_reasons"]) for score in chosen(row)]
    packet = row["packet_ids"][0]
    return [source.meta(f"classifier:{one['classifier_id']}:{packet}") | one | {"event_id": row["event_id"]} for one in hits]


def hits_table(sources: Sequence[Source]) -> pa.Table:
    """Return the hits of events in the order given, with the columns of ClassifierHits."""
    records = [record for source in sources for record in hit_records(source)]
    return conform(pa.Table.from_pylist(records, schema=arrow_schema(ClassifierHits)), ClassifierHits)


def _explanations(score: Mapping[str, Any], guards: Sequence[str]) -> list[str]:
    """The probability in words, the reason codes, and a sentence for each guard that fired."""
    percent = int(score["probability"] * 100 + 0.5)
    head = f"Consistent with {score['profile_id']} at {percent}%."
    return [head, *score["reasons"], *(f"Guard {code} fired." for code in guards)]
