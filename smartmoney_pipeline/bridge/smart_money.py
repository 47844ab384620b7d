"""Legacy smart-money events: the published events in the names and the 35 features of the earlier surface."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.bridge.alerts import HIGH_BAND_FROM, MEDIUM_BAND_FROM
from smartmoney_pipeline.bridge.contracts import legacy_contracts, whole_ms
from smartmoney_pipeline.bridge.flow_packets import struct_array
from smartmoney_pipeline.bridge.structures import structure_types
from smartmoney_pipeline.schemas.arrow import struct_type
from smartmoney_pipeline.schemas.bridge_tables import LEGACY_SCORES
from smartmoney_pipeline.schemas.legacy import LegacyEventFeatures

Floats = NDArray[np.float64]
SPECIAL = ("auction_share", "cross_share", "floor_share", "complex_share", "stock_tied_share", "late_share", "extended_hours_share")
"""Shares that the earlier surface called special; an event of several counts once at most."""

COPIED = {
    "dte_days": "dte_days",
    "quote_age_ms": "quote_age_ms",
    "inter_fill_ms_mean": "inter_fill_ms",
    "spread_widening": "spread_widening",
    "days_to_event": "trading_days_to_event",
    "pre_event_concentration": "pre_event_concentration",
}
"""Legacy feature to the feature that it is, nulls included."""

FILLED = {
    "contract_count": "leg_count",
    "print_count": "print_count",
    "total_size": "contracts",
    "venue_count": "venue_count",
    "strike_count": "strike_count",
    "strike_concentration": "strike_concentration",
    "same_size_leg_symmetry": "same_size_leg_symmetry",
    "net_directional_bias": "net_delta_ratio",
    "aggressor_buy_ratio": "ask_lift_share",
    "aggressor_sell_ratio": "bid_hit_share",
    "nbbo_coverage_ratio": "quoted_share",
    "nbbo_inside_ratio": "inside_share",
    "nbbo_stale_ratio": "stale_share",
}
"""Legacy features that cannot be null: 0 where the feature is unknown, for nothing was seen there."""


def legacy_events(events: pa.Table, legs: pa.Table, first_order: NDArray[np.int64]) -> pa.Table:
    """Return events in legacy columns, in the order given.

    `events` has the columns of smart_money_events, `legs` those of event_legs of these events at least, `first_order` the place in the
    tape of each event's first print.
    """
    start, end = (whole_ms(events[name]) for name in ("start_ts", "end_ts"))
    first_packet = pc.list_element(events["packet_ids"], 0)
    kept = ("packet_ids", "member_print_ids", "underlying_id", "event_kind", "event_window_ms")
    return pa.table(
        {
            "source_ts": start,
            "ingest_ts": end,
            "seq": first_order,
            "trace_id": pc.binary_join_element_wise("smartmoney", first_packet, ":"),
            "event_id": events["event_id"],
            **{name: events[name] for name in kept},
            "features": struct_array(_features(events, legs, start, end), struct_type(LegacyEventFeatures)),
            "profile_scores": legacy_scores(events["profile_scores"].combine_chunks()),
            "primary_profile_id": events["primary_profile_id"],
            "primary_direction": pc.if_else(events["abstained"], "unknown", events["primary_direction"]),
            "abstained": events["abstained"],
            "suppressed_reasons": events["suppressed_reasons"],
        }
    )


def legacy_scores(scores: pa.ListArray) -> pa.ListArray:
    """Return lists of profile scores with the legacy fields and bands."""
    flat = scores.flatten()
    probability = pc.struct_field(flat, "probability")
    band = pc.if_else(
        pc.greater_equal(probability, HIGH_BAND_FROM), "high", pc.if_else(pc.greater_equal(probability, MEDIUM_BAND_FROM), "medium", "low")
    )
    columns = {name: pc.struct_field(flat, name) for name in ("profile_id", "probability", "direction", "reasons")}
    kind = LEGACY_SCORES.value_type
    lengths = pc.list_value_length(scores).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), struct_array(columns | {"confidence_band": band}, kind))


def _features(events: pa.Table, legs: pa.Table, start: NDArray[np.int64], end: NDArray[np.int64]) -> dict[str, pa.Array | np.ndarray]:
    structs = events["features"].combine_chunks()

    def number(name: str) -> Floats:
        return pc.struct_field(structs, name).cast(pa.float64()).to_numpy(zero_copy_only=False)

    moneyness = np.exp(number("log_moneyness"))
    filled = {name: np.nan_to_num(number(feature)) for name, feature in FILLED.items()}
    kinds = structure_types(events["event_kind"], events["structure"])
    multi = kinds.is_valid().to_numpy(zero_copy_only=False)
    special = np.sum([np.nan_to_num(number(name)) for name in SPECIAL], axis=0)
    return {
        **filled,
        **{name: number(feature) for name, feature in COPIED.items()},
        **_premium(number),
        **_contract(events, legs),
        "start_ts": start,
        "end_ts": end,
        "window_ms": events["event_window_ms"].to_numpy(),
        "moneyness": moneyness,
        "atm_proximity": np.abs(moneyness - 1.0),
        "aggressor_ratio": np.minimum(filled["aggressor_buy_ratio"] + filled["aggressor_sell_ratio"], 1.0),
        "structure_type": kinds,
        "structure_legs": np.where(multi, filled["contract_count"], 0.0),
        "synthetic_iv_shock": number("iv_shock_points") / 100.0,
        "expiry_after_event": pc.struct_field(structs, "expiry_brackets_event"),
        "special_print_ratio": np.minimum(special, 1.0),
    }


def _premium(number: Callable[[str], Floats]) -> dict[str, Floats]:
    """Premium without the multiplier, as the earlier surface had it, and the same in dollars."""
    premium = np.nan_to_num(number("premium_per_contract_usd") * number("contracts"))
    return {"total_premium": premium.round(4), "total_notional": np.nan_to_num(number("premium_usd")).round(2)}


def _contract(events: pa.Table, legs: pa.Table) -> dict[str, pa.Array]:
    """Contract and right of events of one contract, null for the others."""
    ids = events["event_id"].combine_chunks()
    counts = pc.struct_field(events["features"].combine_chunks(), "leg_count")
    first = legs.filter(pc.equal(legs["leg"], 0))
    row = pc.index_in(ids, value_set=first["event_id"].cast(pa.string()).combine_chunks())
    single = pc.if_else(pc.fill_null(pc.equal(counts, 1), False), row, pa.scalar(None, pa.int32()))
    named = legacy_contracts(first["option_symbol"])
    return {"option_contract_id": named.option_contract_id.take(single), "option_type": named.right.take(single)}
