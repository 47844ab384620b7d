"""Lineage of columns that the library states itself: features say what they need, rule tables what they read, events are put together.

Each function returns columns of one table, separated by spaces, to the `table.column`s that they are made from.
"""

import numpy as np

from smartmoney_pipeline.engine.parent_tables import FLOAT_COLUMNS
from smartmoney_pipeline.features import build, registry
from smartmoney_pipeline.profiles.direction import READ
from smartmoney_pipeline.profiles.inputs import DERIVED, Floats
from smartmoney_pipeline.profiles.layout import columns_of
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES
from smartmoney_pipeline.schemas.output_tables import ParentEvents, ProfileScores, SmartMoneyEvents

EVENT_ID = "parent_events.event_id"
TERMS = ("strike", "expiry_day", "is_call", "multiplier", "dte_days", "settle_ns", "open_interest")
OF_THE_NAME = ("log_volume_mean", "log_volume_deviation", "realised_volatility", "volatility_premium_z", "underlying")
OF_THE_PARENT = (*FLOAT_COLUMNS, "start_ts", "end_ts")
NEEDS: dict[str, str] = {
    **dict.fromkeys(TERMS, "packets.contract"),
    **dict.fromkeys(OF_THE_NAME, "parent_events.underlying_id"),
    **{name: f"parent_events.{name}" for name in OF_THE_PARENT},
    "next_events": "event_calendar.underlying event_calendar.event_type event_calendar.event_date event_calendar.event_time "
    "event_calendar.known_at parent_events.underlying_id parent_events.start_ts",
    "session_open_ns": "",
}
"""What features name and where that is looked up: by contract, by underlying, in the parent. All else are columns of packets."""

EXACTLY: dict[str, str] = {"inter_fill_variation": "packets.start_ts"}
"""Features whose need has the name of a column of the parent and is that of its packets."""

ALSO_READ: dict[str, str] = {
    "packets.contract": "spread_widening iv_shock_points iv_shock_half_spreads",
    "packets.contracts": "quote_drift_half_spreads quote_age_move_half_spreads iv iv_shock_points iv_shock_half_spreads "
    "iv_minus_realised_points underlying_move_alignment day_move_alignment net_delta_ratio net_vega_ratio pre_event_concentration",
    "packets.signed_contracts": "ask_lift_share bid_hit_share largest_print_over_depth underlying_move_alignment day_move_alignment "
    "net_delta_shares net_delta_ratio net_delta_per_unit net_vega_usd net_vega_ratio net_premium_usd",
    "packets.premium_ticks": "minutes_to_expiry",
    "packets.u_bid_first packets.u_ask_first": "quote_drift_half_spreads quote_age_move_half_spreads",
    "packets.print_count parent_events.package_buy_probability": "underlying_move_alignment day_move_alignment",
}
"""What features read beside what their formula names: weights and sides that several of them share."""


def features() -> dict[str, str]:
    """Features from the needs that each states."""
    found = {name: [NEEDS.get(need, f"packets.{need}") for need in registry.REGISTRY[name].needs] for name in build.DTYPES}
    for columns, features in ALSO_READ.items():
        for name in features.split():
            found[name].append(columns)
    words = {name: " ".join(dict.fromkeys(" ".join(parts).split())) for name, parts in found.items()}
    return {"event_id": EVENT_ID} | words | EXACTLY


def scores() -> dict[str, str]:
    """Scores and the decision on them, from the columns that rules and directions read."""
    decided = "profile_scores none_probability primary_profile_id primary_direction abstained suppressed_reasons abstention_reasons"
    return {"event_id": EVENT_ID, decided: _read((*columns_of(ruleset()), *READ))}


def evidence() -> dict[str, str]:
    """Evidence from what its rules read: the value that is shown, and the weight that it came to."""
    shown = tuple(sorted({row.feature for row in ruleset().evidence}))
    return {"event_id": EVENT_ID, "observed value": _read(shown), "contribution": _read(tuple(columns_of(ruleset())))}


def events() -> dict[str, str]:
    """Published events: parents and scores side by side, features as one struct."""
    parents, scores = (tuple(model.to_schema().columns) for model in (ParentEvents, ProfileScores))
    held = {name: f"parent_events.{name}" for name in parents} | {name: f"profile_scores.{name}" for name in scores}
    held |= {"event_id": EVENT_ID, "features": " ".join(f"event_features.{name}" for name in FEATURE_NAMES)}
    return {name: held[name] for name in SmartMoneyEvents.to_schema().columns if name in held}


def _place(name: str) -> str:
    """Where scoring reads a column that is no derived one."""
    if name in FEATURE_NAMES:
        return f"event_features.{name}"
    return "parent_events.quality_flags" if name.startswith("flag.") else f"parent_events.{name}"


def _read(names: tuple[str, ...]) -> str:
    """Where scoring reads these columns; a derived one stands for what it reads itself, which a reader that takes notes finds out."""
    found: dict[str, None] = {}

    def note(name: str) -> Floats:
        found[name] = None
        return np.zeros(1)

    for name in names:
        DERIVED[name](note) if name in DERIVED else note(name)
    return " ".join(dict.fromkeys(map(_place, sorted(found))))
