"""Two events written by hand, one published and one abstained, as rows of smart_money_events."""

import copy

import pandas as pd
import pyarrow as pa
import pytest

from smartmoney_pipeline.schemas.arrow import arrow_schema, to_frame
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES
from smartmoney_pipeline.schemas.output_tables import SmartMoneyEvents


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("ns")


def score(profile: str, probability: float, band: str = "medium", direction: str = "bullish") -> dict:
    interval = {"probability_low": probability * 0.8, "probability_high": min(1.0, probability * 1.2)}
    return {
        "profile_id": profile,
        "probability": probability,
        **interval,
        "confidence_band": band,
        "direction": direction,
        "reasons": ["A"],
    }


def features(**known: float) -> dict:
    return {name: known.get(name) for name in FEATURE_NAMES}


PUBLISHED = {
    "event_id": "e1",
    "packet_ids": ["k1", "k2"],
    "member_print_ids": ["p1", "p2", "p3"],
    "underlying_id": "AAPL",
    "event_kind": "single_leg_event",
    "start_ts": at("2025-01-17 14:30:00.000000001"),
    "end_ts": at("2025-01-17 14:30:00.012999999"),
    "event_window_ms": 12,
    "features": features(contracts=500, aggressor_mix=0.75, index_or_etf=False),
    "profile_scores": [
        score("institutional_directional", 0.5),
        score("event_driven", 0.125),
        score("retail_whale", 0.125),
        score("vol_seller", 0.0625),
        score("arbitrage", 0.03125),
        score("hedge_reactive", 0.03125, "low", "unknown"),
    ],
    "primary_profile_id": "institutional_directional",
    "primary_direction": "bullish",
    "abstained": False,
    "suppressed_reasons": [],
    "abstention_reasons": [],
    "closed_at": at("2025-01-17 14:30:00.250000000"),
    "revision": 0,
    "none_probability": 0.125,
    "structure": None,
    "assembly": "sweep",
    "provisional": False,
    "reconstruction_confidence": 0.97,
    "quality_flags": ["opening"],
    "ruleset_version": "r1",
    "calibration_version": "c1",
}

ABSTAINED = {
    **PUBLISHED,
    "event_id": "e2",
    "packet_ids": ["k3"],
    "member_print_ids": ["p4"],
    "event_kind": "multi_leg_event",
    "start_ts": at("2025-01-17 14:31:00"),
    "end_ts": at("2025-01-17 14:31:00"),
    "event_window_ms": 0,
    "closed_at": at("2025-01-17 14:31:00.250"),
    "primary_profile_id": None,
    "primary_direction": "unknown",
    "abstained": True,
    "suppressed_reasons": ["PARITY_LIKE_LEGS"],
    "abstention_reasons": ["no_profile", "low_margin"],
    "structure": "vertical",
    "assembly": "package",
    "reconstruction_confidence": None,
    "quality_flags": [],
}


@pytest.fixture
def rows() -> list[dict]:
    """Fresh copies that a test may spoil."""
    return copy.deepcopy([PUBLISHED, ABSTAINED])


@pytest.fixture
def as_table():
    def build(some_rows: list[dict]) -> pa.Table:
        return pa.Table.from_pylist(some_rows, schema=arrow_schema(SmartMoneyEvents))

    return build


@pytest.fixture
def as_frame(as_table):
    return lambda some_rows: to_frame(as_table(some_rows))
