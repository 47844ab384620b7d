"""A lake with two sessions of three events each, small enough to check by hand. No test is here.

The first session is 2025-01-17; the second repeats it three days later under another date, so that pages run over two sessions.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
from legacy_tape import CALL, FUND, PUT, START, packets, prints

from smartmoney_pipeline.bridge.derive import bridge_events, first_orders
from smartmoney_pipeline.bridge.flow_packets import flow_packets
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import publish

FIRST, SECOND, SOURCE = date(2025, 1, 17), date(2025, 1, 20), "tape"
VERSIONS = {"code": "0.1.0", "ruleset": "rules-1", "calibration": "identity-1"}
PROFILES = ("event_driven", "institutional_directional", "retail_whale", "vol_seller", "arbitrage", "hedge_reactive")


def build_lake(root: Path) -> Path:
    """Write and publish both sessions."""
    lake = Lake(root)
    for day, name in ((FIRST, "a"), (SECOND, "b")):
        tables = session_tables(name, pd.Timedelta(days=(day - FIRST).days))
        for table, rows in tables.items():
            lake.write(table, day, SOURCE, rows)
        publish(lake, day, SOURCE, tables, VERSIONS)
    return root


def session_tables(name: str, shift: pd.Timedelta) -> dict[str, pa.Table]:
    """Tables of one session; `name` begins every id."""

    def at(ms: float) -> pd.Timestamp:
        return START + shift + pd.Timedelta(ms, "ms")

    tape = prints(
        [
            {"print_id": f"{name}-p1", "ts": at(0), "option_symbol": CALL, "price_usd": 2.0, "size": 600, "condition": "S", "bid": 1.9,
             "ask": 2.0, "quote_age_ms": 5.0, "spread_position": 1.0, "is_stale": False, "underlying_bid": 148.0, "underlying_ask": 148.1,
             "p_buy": 0.9, "sign_layer": "nbbo_quote", "sign_stability": 1.0, "packet_number": 0},
            {"print_id": f"{name}-p2", "ts": at(4), "option_symbol": CALL, "price_usd": 2.1, "size": 100, "condition": "S", "bid": 2.0,
             "ask": 2.1, "quote_age_ms": 3.0, "spread_position": 1.0, "is_stale": False, "packet_number": 0},
            {"print_id": f"{name}-p3", "ts": at(500), "option_symbol": CALL, "price_usd": 2.05, "size": 10, "condition": "I", "bid": 2.0,
             "ask": 2.1, "quote_age_ms": 3.0, "packet_number": 1},
            {"print_id": f"{name}-p4", "ts": at(500), "option_symbol": PUT, "price_usd": 1.0, "size": 10, "condition": "I", "bid": 1.0,
             "ask": 1.2, "quote_age_ms": 8.0, "packet_number": 2},
            {"print_id": f"{name}-p5", "ts": at(900), "option_symbol": FUND, "price_usd": 0.5, "size": 1, "packet_number": 3},
        ]
    )  # fmt: skip
    made = packets(
        [
            _packet(f"{name}-k1", f"{name}-e1", CALL, 0, at(0), at(4), 0, 2, 700, 14_100_000),
            _packet(f"{name}-k2", f"{name}-e2", CALL, 1, at(500), at(500), 2, 1, 10, 205_000),
            _packet(f"{name}-k3", f"{name}-e2", PUT, 2, at(500), at(500), 3, 1, 10, 100_000),
            _packet(f"{name}-k4", f"{name}-e3", FUND, 3, at(900), at(900), 4, 1, 1, 5_000),
        ]
    )
    events = _table("smart_money_events", [_first(name, at), _second(name, at), _third(name, at)])
    parents = _parents(events, [0, 2, 4])
    bridged = bridge_events(events, first_orders(events, parents))
    return {
        "quoted_prints": tape,
        "packets": made,
        "parent_events": parents,
        "parent_event_members": _table("parent_event_members", _members(name)),
        "event_legs": _table("event_legs", _legs(name)),
        "event_links": _table(
            "event_links", [{"event_id": f"{name}-e2", "linked_event_id": f"{name}-e1", "kind": "campaign", "gap_ms": 496}]
        ),
        "event_evidence": _table("event_evidence", []),
        "smart_money_events": events,
        "retractions": _table("retractions", [_retraction(name, at)]),
        "flow_packets": flow_packets(made, tape, parents),
        "classifier_hits": bridged.classifier_hits,
        "alerts": bridged.alerts,
    }


def _table(name: str, rows: list[dict]) -> pa.Table:
    model = OUTPUT_TABLES[name]
    plain = pa.schema([pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in arrow_schema(model)])
    return conform(pa.Table.from_pylist(rows, schema=plain), model)


def _packet(packet, event, symbol, number, start, end, order, count, contracts, ticks) -> dict:
    return {
        "packet_id": packet, "event_id": event, "option_symbol": symbol, "packet_number": number, "start_ts": start, "end_ts": end,
        "first_order": order, "print_count": count, "contracts": contracts, "premium_ticks": ticks, "price_first": 20_000,
        "price_last": 21_000, "u_bid_first": 1_480_000, "u_ask_first": 1_481_000, "u_age_us_first": 4_000,
    }  # fmt: skip


def _event(event_id, packet_ids, print_ids, underlying, kind, start, end, **rest) -> dict:
    shares = rest.pop("shares")
    scores = [
        {"profile_id": profile, "probability": share, "probability_low": share / 2, "probability_high": min(1.0, share * 1.5),
         "confidence_band": "medium", "direction": "bullish" if share > 0.5 else "unknown",
         "reasons": ["EVENT_AHEAD"] if share > 0.5 else []}
        for profile, share in zip(PROFILES, shares, strict=True)
    ]  # fmt: skip
    features = dict.fromkeys(FEATURE_NAMES) | rest.pop("features")
    return {
        "event_id": event_id, "packet_ids": packet_ids, "member_print_ids": print_ids, "underlying_id": underlying, "event_kind": kind,
        "start_ts": start, "end_ts": end, "event_window_ms": int((end - start) / pd.Timedelta(1, "ms")), "features": features,
        "profile_scores": scores, "none_probability": 1.0 - sum(shares), "closed_at": end + pd.Timedelta(250, "ms"), "revision": 0,
        "provisional": False, "suppressed_reasons": [], "abstention_reasons": [], "structure": None, "assembly": "fill",
        "reconstruction_confidence": 0.97, "quality_flags": [], "ruleset_version": "rules-1", "calibration_version": "identity-1",
        "primary_profile_id": None, "primary_direction": "unknown", "abstained": True, **rest,
    }  # fmt: skip


def _first(name, at) -> dict:
    features = {
        "contracts": 700, "print_count": 2, "premium_usd": 141_000.0, "premium_per_contract_usd": 1_410.0 / 700, "leg_count": 1,
        "dte_days": 35, "log_moneyness": 0.0, "ask_lift_share": 1.0, "quoted_share": 1.0, "quote_age_ms": 4.7, "venue_count": 1,
        "strike_count": 1, "strike_concentration": 1.0, "inter_fill_ms": 4.0, "buy_probability": 0.9, "trading_days_to_event": 3,
    }  # fmt: skip
    return _event(
        f"{name}-e1", [f"{name}-k1"], [f"{name}-p1", f"{name}-p2"], "AAPL", "single_leg_event", at(0), at(4),
        shares=(0.7, 0.1, 0.05, 0.02, 0.02, 0.01), features=features, primary_profile_id="event_driven", primary_direction="bullish",
        abstained=False, suppressed_reasons=["COMPLEX_WITHOUT_DIRECTION"], assembly="sweep",
    )  # fmt: skip


def _second(name, at) -> dict:
    features = {
        "contracts": 20,
        "print_count": 2,
        "premium_usd": 3_050.0,
        "premium_per_contract_usd": 1.525,
        "leg_count": 2,
        "strike_count": 2,
    }
    return _event(
        f"{name}-e2", [f"{name}-k2", f"{name}-k3"], [f"{name}-p3", f"{name}-p4"], "AAPL", "multi_leg_event", at(500), at(500),
        shares=(0.2, 0.1, 0.1, 0.05, 0.03, 0.02), features=features, abstention_reasons=["no_profile"], structure="strangle",
        assembly="package", quality_flags=["complex"], reconstruction_confidence=None,
    )  # fmt: skip


def _third(name, at) -> dict:
    return _event(
        f"{name}-e3", [f"{name}-k4"], [f"{name}-p5"], "SPY", "single_leg_event", at(900), at(900), shares=(0.1,) * 6,
        features={"contracts": 1, "print_count": 1, "premium_usd": 50.0, "premium_per_contract_usd": 0.5, "leg_count": 1},
        abstention_reasons=["no_profile", "no_quotes"], quality_flags=["quote_missing"],
    )  # fmt: skip


def _parents(events: pa.Table, orders: list[int]) -> pa.Table:
    kept = {f.name for f in arrow_schema(OUTPUT_TABLES["parent_events"])} & set(events.column_names)
    rows = events.select(sorted(kept)).to_pylist()
    more = [
        {"first_order": order, "stock_tied": False, "print_count": len(row["member_print_ids"])}
        for order, row in zip(orders, rows, strict=True)
    ]
    return _table("parent_events", [row | extra for row, extra in zip(rows, more, strict=True)])


def _members(name) -> list[dict]:
    pairs = [("e1", "p1", 0), ("e1", "p2", 0), ("e2", "p3", 1), ("e2", "p4", 0), ("e3", "p5", 0)]
    return [{"event_id": f"{name}-{event}", "print_id": f"{name}-{one}", "leg": leg} for event, one, leg in pairs]


def _legs(name) -> list[dict]:
    rows = [
        ("e1", 0, CALL, 1, 700, 141_000.0),
        ("e2", 0, PUT, -1, 10, 1_000.0),
        ("e2", 1, CALL, -1, 10, 2_050.0),
        ("e3", 0, FUND, 0, 1, 50.0),
    ]
    names = ("event_id", "leg", "option_symbol", "leg_sign", "leg_ratio", "contracts", "premium_usd")
    return [
        dict(zip(names, (f"{name}-{event}", leg, symbol, sign, 1, contracts, premium), strict=True))
        for event, leg, symbol, sign, contracts, premium in rows
    ]


def _retraction(name, at) -> dict:
    return {"event_id": f"{name}-e0", "retracted_at": at(700), "reason": "print_cancelled", "replaced_by": [f"{name}-e1"]}
