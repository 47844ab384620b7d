"""Guards, with near misses on both sides of each. One row: the event that the guard stops, and the change that lets it pass."""

from typing import NamedTuple

import pytest
from flows import BOX, CONVERSION, EVENT, GAMMA, HERD, OVERWRITE, PACKAGE, PLAIN, SHORT_STRADDLE, SWEEP, flow

from smartmoney_pipeline.profiles.explain import Explanation, explain
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.schemas.codes import AbstentionReason, Assembly, QualityFlag, Structure

S, R = Structure, AbstentionReason


class Twin(NamedTuple):
    guard: str
    features: dict
    fires: dict
    """Changes with which the guard fires."""
    passes: dict
    """Changes just on its other side."""
    structure: Structure | None = None
    reason: AbstentionReason | None = None


SHORT_CALL_BEFORE_EARNINGS = EVENT | {
    "contracts": 200, "dte_days": 5, "abs_delta": 0.25, "iso_share": 0.0, "venue_count": 1, "aggressor_mix": 0.44,
}  # fmt: skip
INDEX_PUT = SWEEP | {"call_share": 0.0, "net_delta_ratio": -1.0, "index_or_etf": True, "abs_delta": 0.25}
DEEP = SWEEP | {"abs_delta": 0.95, "dte_days": 18}
VERTICAL = PACKAGE | {"net_delta_ratio": 0.28, "contracts": 900, "delta_notional_usd": 5e6, "dte_days": 60}

TWINS = [
    Twin("QUOTES_MISSING", SWEEP, {"quoted_share": 0.5}, {"quoted_share": 0.6}, None, R.NO_QUOTES),
    Twin("QUOTES_STALE", SWEEP, {"stale_share": 0.5}, {"stale_share": 0.4}, None, R.STALE_QUOTES),
    Twin("QUOTES_CROSSED_OR_LOCKED", SWEEP, {"crossed_or_locked_share": 0.5, "quoted_share": 0.5},
         {"crossed_or_locked_share": 0.4, "quoted_share": 0.6}, None, R.CROSSED_OR_LOCKED_QUOTES),
    Twin("MARKET_WIDE", SWEEP, {"relative_spread": 0.6}, {"relative_spread": 0.4}, None, R.WIDE_MARKET),
    Twin("MARKET_WIDE", SWEEP, {"relative_spread": 0.6}, {"relative_spread": 0.6, "premium_per_contract_usd": 0.08}, None, R.WIDE_MARKET),
    Twin("PRINTS_LATE", SWEEP, {"late_share": 0.5}, {"late_share": 0.4}, None, R.LATE_PRINTS),
    Twin("STRUCTURE_AMBIGUOUS", SHORT_STRADDLE, {"structure_margin": 0.4}, {"structure_margin": 0.6}, S.STRADDLE, R.AMBIGUOUS_STRUCTURE),
    Twin("JOIN_BY_CHANCE", SWEEP, {"reconstruction_confidence": 0.5}, {"reconstruction_confidence": 0.6}),
    Twin("CROSS_PRINT", SWEEP, {"cross_share": 0.5}, {"cross_share": 0.4}),
    Twin("FLOOR_PRINT", SWEEP, {"floor_share": 0.5}, {"floor_share": 0.4}),
    Twin("AUCTION_PRINT", SWEEP, {"auction_share": 0.5}, {"auction_share": 0.4}),
    Twin("STOCK_TIED_OPTIONS", SWEEP, {"stock_tied_share": 0.6}, {"stock_tied_share": 0.4}),
    Twin("COMPLEX_WITHOUT_DIRECTION", VERTICAL, {"net_delta_ratio": 0.09}, {"net_delta_ratio": 0.28}, S.VERTICAL),
    Twin("COMPLEX_WITHOUT_DIRECTION", VERTICAL, {"net_delta_ratio": None}, {"net_delta_ratio": -0.28}, S.VERTICAL),
    Twin("COMPLEX_WITHOUT_EVENT_VIEW", BOX, {}, {"complex_share": 0.4}, S.BOX),
    Twin("EXTENDED_HOURS", SWEEP, {"extended_hours_share": 0.5}, {"extended_hours_share": 0.4}),
    Twin("SIDE_UNKNOWN", SWEEP, {"aggressor_mix": None, "buy_probability": None}, {}),
    Twin("RETAIL_FRENZY", HERD, {}, {"small_ticket_share": 0.4}),
    Twin("RETAIL_FRENZY", HERD, {}, {"dte_days": 8}),
    Twin("RETAIL_FRENZY", HERD, {}, {"abs_delta": 0.4}),
    Twin("FACILITATED_BLOCK", HERD, {"auction_share": 0.6, "largest_print_contracts": 50},
         {"auction_share": 0.6, "largest_print_contracts": 49}),
    Twin("DATED_BY_EVENT", EVENT, {"trading_days_to_event": 10}, {"trading_days_to_event": 11}),
    Twin("DATED_BY_EVENT", EVENT, {"dte_days": 29}, {"dte_days": 30}),
    Twin("PRE_EVENT_SHORT_DATED_CALL", SHORT_CALL_BEFORE_EARNINGS, {}, {"abs_delta": 0.4}, None, R.PRE_EVENT_TIE),
    Twin("PRE_EVENT_SHORT_DATED_CALL", SHORT_CALL_BEFORE_EARNINGS, {}, {"call_share": 0.0}, None, R.PRE_EVENT_TIE),
    Twin("PRE_EVENT_SHORT_DATED_CALL", SHORT_CALL_BEFORE_EARNINGS, {}, {"iso_share": 0.5}, None, R.PRE_EVENT_TIE),
    Twin("PREMIUM_WRITTEN", OVERWRITE, {}, {"dte_days": 90}),
    Twin("PREMIUM_WRITTEN", OVERWRITE, {}, {"otm_amount": -0.05}),
    Twin("LONG_CONVEXITY", SHORT_STRADDLE, {"net_vega_ratio": 1.0}, {}, S.STRADDLE),
    Twin("RESIDUAL_EXPOSURE", BOX, {"net_delta_ratio": 0.16}, {"net_delta_ratio": 0.14}, S.BOX),
    Twin("UNMATCHED_LEG_SIZES", BOX, {"same_size_leg_symmetry": 0.8}, {"same_size_leg_symmetry": 0.85}, S.BOX),
    Twin("SYNTHETIC_WITHOUT_STOCK", CONVERSION, {"stock_tied_share": 0.0}, {}, S.CONVERSION_REVERSAL),
    Twin("DIVIDEND_PLAY", DEEP, {"ex_dividend_next_session": True}, {"ex_dividend_next_session": False}),
    Twin("ZERO_DTE_AFTER_MOVE", GAMMA, {}, {"underlying_move_sigmas": 2.5}),
    Twin("ZERO_DTE_AFTER_MOVE", GAMMA, {}, {"dte_days": 3}),
    Twin("PROTECTION_NOT_VIEW", INDEX_PUT, {"underlying_return_open": -0.015}, {"underlying_return_open": -0.005}),
]  # fmt: skip


def _explained(twin: Twin, changes: dict) -> Explanation:
    return explain(flow(twin.features, twin.structure, **changes))


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin.guard}-{'-'.join(map(str, twin.passes.values()))}")
def test_guard_fires_on_one_side_only(twin: Twin) -> None:
    stopped, passed = _explained(twin, twin.fires), _explained(twin, twin.passes)
    assert twin.guard in stopped.guards
    assert twin.guard not in passed.guards
    if twin.reason is not None:
        assert twin.reason in stopped.abstention_reasons
        assert twin.reason not in passed.abstention_reasons


def test_flags_and_structures_that_stop_everything() -> None:
    assert R.NONSTANDARD_DELIVERABLE in explain(flow(SWEEP, flags=(QualityFlag.ADJUSTED_CONTRACT,))).abstention_reasons
    assert "COMPRESSION_TRADE" in explain(flow(SWEEP, flags=(QualityFlag.COMPRESSION,))).guards
    leg = explain(flow(SWEEP, S.UNMATCHED_LEG, complex_share=1.0))
    assert "UNMATCHED_LEG" in leg.guards
    assert (leg.published, leg.direction) == (None, "unknown")


def test_every_guard_has_a_twin() -> None:
    elsewhere = {"DELIVERABLE_ADJUSTED", "COMPRESSION_TRADE", "UNMATCHED_LEG"}
    assert {guard.code for guard in ruleset().guards} == {twin.guard for twin in TWINS} | elsewhere


FALSE_POSITIVES = [
    ("block in an auction", SWEEP, {"auction_share": 1.0, "iso_share": 0.0}, None, "institutional_directional"),
    ("legs of a package read singly", SWEEP, {"complex_share": 1.0}, S.UNMATCHED_LEG, "institutional_directional"),
    ("late report", SWEEP, {"late_share": 1.0}, None, "institutional_directional"),
    ("stale quotes", SWEEP, {"stale_share": 0.9}, None, "institutional_directional"),
    ("illiquid and wide", SWEEP, {"relative_spread": 0.9}, None, "institutional_directional"),
    ("herd misread as institution", HERD, {}, None, "institutional_directional"),
    ("condor misread as direction", SHORT_STRADDLE, {"net_delta_ratio": 0.08}, S.IRON_CONDOR, "institutional_directional"),
    ("solicited block with the retail code", HERD, {"auction_share": 1.0, "largest_print_contracts": 500}, None, "retail_whale"),
    ("dividend play", DEEP, {"ex_dividend_next_session": True}, None, "institutional_directional"),
    ("roll on overwrite day", SHORT_STRADDLE, {"net_vega_ratio": 0.3}, S.ROLL, "vol_seller"),
    ("synthetic without stock", CONVERSION, {"stock_tied_share": 0.0, "complex_share": 1.0}, S.SYNTHETIC, "arbitrage"),
    ("small call before earnings", PLAIN | {"scheduled_earnings": True, "expiry_brackets_event": True, "trading_days_to_event": 3,
     "expiry_days_after_event": 3, "pre_event_concentration": 1.0, "abs_delta": 0.2, "dte_days": 6}, {}, None, "event_driven"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "features", "changes", "structure", "wrong"), FALSE_POSITIVES, ids=[row[0] for row in FALSE_POSITIVES])
def test_false_positive_is_not_published(story: str, features: dict, changes: dict, structure: Structure | None, wrong: str) -> None:
    assembly = Assembly.HERD if features is HERD else None
    assert explain(flow(features, structure, assembly, **changes)).published != wrong
