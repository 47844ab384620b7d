"""A builder of tiny feature inputs: packets as dicts, everything not named at a plain default."""

from dataclasses import fields

import numpy as np
import pandas as pd

from smartmoney_pipeline.features.inputs import ContractTerms, FeatureInputs, UnderlyingContext, feature_inputs
from smartmoney_pipeline.features.next_event import NextEvents
from smartmoney_pipeline.schemas.packet_columns import FLOAT_COLUMNS, INT_COLUMNS, PRICED_COLUMNS

SECOND = 1_000_000_000
OPEN_NS = 1_772_461_800 * SECOND  # 2026-03-02 14:30 UTC, a Monday, 09:30 in New York
CLOSE_NS = OPEN_NS + 390 * 60 * SECOND
SESSION_DAY = 20_514  # 2026-03-02 in days since 1970-01-01

_INT_DEFAULTS = {
    "print_count": 1,
    "contracts": 10,
    "premium_ticks": 100_000,
    "size_max": 10,
    "u_bid_first": 999_000,
    "u_ask_first": 1_001_000,
}
_TERMS = {
    "strike": 100.0, "expiry_day": SESSION_DAY + 18, "is_call": True, "multiplier": 100, "dte_days": 18,
    "settle_ns": CLOSE_NS + 18 * 86_400 * SECOND, "adjusted": False, "open_interest": np.nan,
}  # fmt: skip
_EVENT = {
    "underlying": 0, "kind": 0, "assembly": 0, "structure": -1, "package_buy_probability": np.nan, "net_price_position": np.nan,
    "parity_residual_half_spreads": np.nan, "structure_margin": np.nan, "reconstruction_confidence": np.nan,
}  # fmt: skip
_NO_EVENT = {
    "event_type": None, "event_date": None, "event_time": None, "trading_days_to_event": None, "event_instant_ns": None,
    "ex_dividend_next_session": None,
}  # fmt: skip
_NEXT_TYPES = {
    "event_type": "string", "event_date": "datetime64[s]", "event_time": "string", "trading_days_to_event": "Int64",
    "event_instant_ns": "Int64", "ex_dividend_next_session": "boolean",
}  # fmt: skip


def one_event(*packets: dict, event: dict | None = None, underlying: dict | None = None, next_event: dict | None = None) -> FeatureInputs:
    """Inputs of one event. A packet names columns of the packets table, terms of its contract, leg_sign or leg_ratio."""
    return many_events([list(packets)], [event or {}], underlying, [next_event or {}])


def many_events(packets: list[list[dict]], events: list[dict], underlying: dict | None = None, next_events: list[dict] | None = None):
    """Inputs of several events, one list of packets an event."""
    flat = [_packet(packet, number, row) for number, members in enumerate(packets) for row, packet in enumerate(members)]
    columns = {name: np.array([packet[name] for packet in flat]) for name in flat[0]}
    terms = ContractTerms(**{name: columns.pop(name) for name in _TERMS})
    frame = pd.DataFrame([_NO_EVENT | (next_event or {}) for next_event in next_events or [{}] * len(packets)]).astype(_NEXT_TYPES)
    upcoming = NextEvents.read(frame)
    return feature_inputs(_events(packets, events), columns, terms, _context(underlying or {}), upcoming, (OPEN_NS, CLOSE_NS))


def _packet(given: dict, event: int, row: int) -> dict:
    ints = {column.name: 0 for column in INT_COLUMNS} | _INT_DEFAULTS
    floats = {column.name: 0.0 for column in FLOAT_COLUMNS} | {column.name: np.nan for column in PRICED_COLUMNS}
    floats |= {"forward_first": np.nan, "premium_log_mean_first": np.nan, "premium_log_var_first": np.nan, "size_p99_first": np.nan}
    order = {"event": event, "first_order": 100 * event + row, "start_ts": OPEN_NS + 60 * SECOND, "leg": 0, "leg_sign": 0, "leg_ratio": 1}
    packet = ints | floats | order | _TERMS | given
    unknown = set(given) - set(packet) | (set(packet) - set(ints) - set(floats) - set(order) - set(_TERMS))
    assert not unknown, unknown
    packet["end_ts"] = given.get("end_ts", packet["start_ts"])
    return packet


def _events(packets: list[list[dict]], events: list[dict]) -> dict[str, np.ndarray]:
    rows = []
    for number, (members, event) in enumerate(zip(packets, events, strict=True)):
        starts = [packet.get("start_ts", OPEN_NS + 60 * SECOND) for packet in members]
        ends = [packet.get("end_ts", start) for packet, start in zip(members, starts, strict=True)]
        rows.append(_EVENT | {"event": number, "start_ts": min(starts), "end_ts": max(ends)} | event)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _context(given: dict) -> UnderlyingContext:
    names = [field.name for field in fields(UnderlyingContext)]
    return UnderlyingContext(*(np.array([given.get(name, np.nan)], dtype=float) for name in names))
