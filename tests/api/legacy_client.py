"""A client of the earlier surface, written against its description alone: routes, paging, envelopes, shapes. No test is here.

It imports nothing of this project. Shapes: field to kind, `?` for one that may be absent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

META = {"source_ts": "ms", "ingest_ts": "ms", "seq": "int", "trace_id": "text"}
DIRECTION = ("bullish", "bearish", "neutral", "mixed", "unknown")
PROFILES = ("institutional_directional", "retail_whale", "event_driven", "vol_seller", "arbitrage", "hedge_reactive")
SIDES = ("AA", "A", "MID", "B", "BB", "MISSING", "STALE")
BANDS = ("low", "medium", "high")
SCORE = {"profile_id": PROFILES, "probability": "share", "confidence_band": BANDS, "direction": DIRECTION, "reasons": "texts"}
HIT = {"classifier_id": "text", "confidence": "share", "direction": DIRECTION, "explanations": "texts"}
EVENT_FEATURES = {
    "contract_count": "int", "print_count": "int", "total_size": "number", "total_premium": "number", "total_notional": "number",
    "start_ts": "ms", "end_ts": "ms", "window_ms": "int", "option_contract_id?": "text", "option_type?": ("C", "P"),
    "dte_days": "number|null", "moneyness": "number|null", "atm_proximity": "number|null", "aggressor_buy_ratio": "share",
    "aggressor_sell_ratio": "share", "aggressor_ratio": "share", "nbbo_coverage_ratio": "share", "nbbo_inside_ratio": "share",
    "nbbo_stale_ratio": "share", "quote_age_ms": "number|null", "venue_count": "int", "inter_fill_ms_mean": "number|null",
    "strike_count": "int", "strike_concentration": "share", "structure_type?": "text", "structure_legs": "int",
    "same_size_leg_symmetry": "share", "net_directional_bias": "number", "synthetic_iv_shock": "number|null",
    "spread_widening": "number|null", "underlying_move_bps": "number|null", "days_to_event": "number|null",
    "expiry_after_event": "bool|null", "pre_event_concentration": "share|null", "special_print_ratio": "share",
}  # fmt: skip
SHAPES: dict[str, dict[str, Any]] = {
    "options": META | {
        "ts": "ms", "option_contract_id": "text", "price": "number", "size": "int", "exchange": "text", "conditions": "texts",
        "underlying_id?": "text", "option_type?": ("call", "put"), "notional?": "number", "nbbo_side?": SIDES,
        "execution_nbbo_bid?": "number",
        "execution_nbbo_ask?": "number", "execution_nbbo_mid?": "number", "execution_nbbo_spread?": "number", "execution_nbbo_ts?": "ms",
        "execution_nbbo_age_ms?": "number", "execution_nbbo_side?": SIDES, "execution_underlying_spot?": "number",
        "execution_underlying_bid?": "number", "execution_underlying_ask?": "number", "execution_underlying_mid?": "number",
        "execution_underlying_spread?": "number", "execution_underlying_source?": ("equity_quote_mid",), "is_etf": "bool",
        "signal_pass": "bool", "signal_reasons": "texts", "signal_profile?": ("smart-money", "balanced", "all"),
    },
    "flow": META | {"id": "text", "members": "texts", "features": "map", "join_quality": "map"},
    "smart-money": META | {
        "event_id": "text", "packet_ids": "texts", "member_print_ids": "texts", "underlying_id": "text",
        "event_kind": ("single_leg_event", "multi_leg_event"), "event_window_ms": "int", "features": EVENT_FEATURES,
        "profile_scores": [SCORE], "primary_profile_id": (*PROFILES, None), "primary_direction": DIRECTION, "abstained": "bool",
        "suppressed_reasons": "texts",
    },
    "classifier-hits": META | HIT,
    "alerts": META | {
        "score": "number", "severity": BANDS, "hits": [HIT], "evidence_refs": "texts", "primary_profile_id?": PROFILES,
        "profile_scores?": [SCORE],
    },
}  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


KINDS: dict[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int and value >= 0,
    "ms": lambda value: type(value) is int and 1_000_000_000_000 < value < 10_000_000_000_000,
    "text": lambda value: isinstance(value, str) and value != "",
    "texts": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "number": _is_number,
    "share": lambda value: _is_number(value) and 0 <= value <= 1,
    "bool": lambda value: isinstance(value, bool),
    "map": lambda value: isinstance(value, dict) and all(isinstance(one, str | int | float | bool) for one in value.values()),
}


def check(value: Any, shape: Any, where: str = "") -> None:
    """Raise `AssertionError` that names the field unless the value has the shape: every field, in order, and no other."""
    if isinstance(shape, dict):
        wanted = [name.rstrip("?") for name in shape]
        assert list(value) == [name for name in wanted if name in value], f"{where}: {list(value)}"
        for name, part in shape.items():
            plain = name.rstrip("?")
            assert plain in value or name.endswith("?"), f"{where}.{plain} is missing"
            if plain in value:
                check(value[plain], part, f"{where}.{plain}")
    elif isinstance(shape, list):
        for place, one in enumerate(value):
            check(one, shape[0], f"{where}[{place}]")
    elif isinstance(shape, tuple):
        assert value in shape, f"{where}: {value}"
    else:
        kind, _, null = shape.partition("|")
        assert (value is None and null) or KINDS[kind](value), f"{where}: {value!r} is no {shape}"


class LegacyClient:
    """Reads a server of the earlier surface. `get` takes an address and gives status and text."""

    def __init__(self, get: Callable[[str], tuple[int, str]]) -> None:
        self._get = get

    def read(self, path: str) -> Any:
        """Return the body of an address that answers 200."""
        status, text = self._get(path)
        assert status == 200, f"{path}: {status} {text}"
        return json.loads(text)

    def newest(self, path: str, channel: str) -> list[Any]:
        """Return the newest records of a route, checked against their shape."""
        body = self.read(path)
        assert list(body) == ["data"]
        return self._checked(body["data"], channel)

    def history(self, channel: str, limit: int, query: str = "") -> Iterator[Any]:
        """Yield every record, newest first, page by page."""
        ts, seq = 9_999_999_999_999, 0
        while True:
            body = self.read(f"/history/{channel}?before_ts={ts}&before_seq={seq}&limit={limit}{query}")
            assert list(body) == ["data", "next_before"]
            yield from self._checked(body["data"], channel)
            if body["next_before"] is None:
                assert body["data"] == []
                return
            ts, seq = body["next_before"]["ts"], body["next_before"]["seq"]

    def replay(self, channel: str, limit: int, query: str = "") -> Iterator[Any]:
        """Yield every record, oldest first, page by page."""
        ts, seq = 0, 0
        while True:
            body = self.read(f"/replay/{channel}?after_ts={ts}&after_seq={seq}&limit={limit}{query}")
            assert list(body) == ["data", "next"]
            yield from self._checked(body["data"], channel)
            if body["next"] is None:
                assert body["data"] == []
                return
            ts, seq = body["next"]["ts"], body["next"]["seq"]

    @staticmethod
    def _checked(records: list[Any], channel: str) -> list[Any]:
        for record in records:
            check(record, SHAPES[channel], channel)
        return records
