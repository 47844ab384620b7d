"""Laws that hold for every feature: bounds, nulls, order of rows, and scale."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_inputs import OPEN_NS, SECOND, SESSION_DAY, many_events, one_event

from smartmoney_pipeline.features.build import DTYPES, build
from smartmoney_pipeline.features.inputs import FeatureInputError, FeatureInputs, feature_inputs
from smartmoney_pipeline.features.registry import REGISTRY
from smartmoney_pipeline.schemas.event_features import EventFeatures

SHARES = [name for name, feature in REGISTRY.items() if feature.unit == "share"]
SIZES = (
    "contracts", "signed_contracts", "buy_contracts", "quoted_contracts", "small_ticket_contracts", "iso_contracts",
    "age_known_contracts", "stale_contracts", "ask_lift_contracts", "inside_contracts",
)  # fmt: skip


@st.composite
def packets(draw: st.DrawFn) -> dict:
    """A packet whose counts are possible: no part exceeds its whole."""
    whole = draw(st.integers(1, 500))
    part = st.integers(0, whole)
    signed, known = draw(part), draw(part)
    return {
        "contract": draw(st.integers(0, 3)), "contracts": whole, "print_count": draw(st.integers(1, 5)), "same_size_prints": 1,
        "premium_ticks": whole * draw(st.integers(1, 50_000)), "size_square_sum": whole * whole, "small_ticket_contracts": draw(part),
        "signed_contracts": signed, "aggressor_size_sum": signed * draw(st.floats(-1, 1)),
        "logit_size_sum": signed * draw(st.floats(-2, 2)),
        "buy_contracts": draw(st.integers(0, signed)), "ask_lift_contracts": draw(st.integers(0, signed)),
        "stability_size_sum": signed * draw(st.floats(0, 1)),
        "quoted_contracts": draw(part), "inside_contracts": 0,
        "age_known_contracts": known, "stale_contracts": draw(st.integers(0, known)), "family": draw(st.integers(0, 13)),
        "venue_mask": draw(st.integers(1, 63)), "contract_volume_before": draw(st.integers(0, 999)),
        "iso_contracts": draw(part),
        "underlying_volume_before": draw(st.integers(0, 999)), "delta_first": draw(st.floats(-1, 1)),
        "vega_first": draw(st.floats(0.1, 50)),
        "start_ts": OPEN_NS + draw(st.integers(0, 300)) * SECOND, "strike": float(draw(st.integers(90, 95))),
        "expiry_day": SESSION_DAY + draw(st.integers(0, 40)), "is_call": draw(st.booleans()), "forward_first": 92.0,
    }  # fmt: skip


EVENTS = st.lists(st.lists(packets(), min_size=1, max_size=5), min_size=1, max_size=4)


def _inputs(events: list[list[dict]]) -> FeatureInputs:
    return many_events(events, [{"package_buy_probability": np.nan}] * len(events))


@settings(max_examples=40, deadline=None)
@given(EVENTS)
def test_shares_lie_within_their_bounds(events: list[list[dict]]) -> None:
    """The model holds the bounds (0 to 1, or -1 to 1 for signed ones), so every row must validate."""
    table = build(_inputs(events))
    for row in table.astype(object).where(table.notna(), None).to_dict("records"):
        EventFeatures(**row)
    assert table[SHARES].notna().any().any()


@settings(max_examples=30, deadline=None)
@given(EVENTS, st.randoms())
def test_order_of_rows_does_not_matter(events: list[list[dict]], random) -> None:
    inputs = _inputs(events)
    order = list(range(len(inputs.packets["event"])))
    random.shuffle(order)
    mixed = {name: values[order] for name, values in inputs.packets.items()}
    again = feature_inputs(inputs.events, mixed, inputs.terms.take(np.array(order)), inputs.underlyings, inputs.next_event,
                           (inputs.session_open_ns, inputs.session_close_ns))  # fmt: skip
    pd.testing.assert_frame_equal(build(inputs), build(again), check_exact=True)


@settings(max_examples=30, deadline=None)
@given(EVENTS, st.integers(2, 9))
def test_scaling_all_sizes_leaves_shares_alone(events: list[list[dict]], factor: int) -> None:
    sums = (
        "aggressor_size_sum",
        "logit_size_sum",
        "stability_size_sum",
        "premium_ticks",
        "contract_volume_before",
        "underlying_volume_before",
    )
    larger = [
        [packet | {name: packet[name] * factor for name in (*SIZES, *sums) if name in packet} for packet in event] for event in events
    ]
    before, after = build(_inputs(events)), build(_inputs(larger))
    pd.testing.assert_frame_equal(before[SHARES], after[SHARES], rtol=1e-9)


def test_unknown_inputs_give_null_and_never_zero() -> None:
    """One print without quotes, sign, greeks, forward, history or calendar: only sizes, route and terms are known."""
    table = build(one_event({"u_bid_first": -1, "u_ask_first": -1, "u_return_30s_first": np.nan, "u_return_open_first": np.nan}))
    known = set(table.columns[table.notna().iloc[0]])
    unknown = {
        "aggressor_mix", "buy_probability", "ask_lift_share", "bid_hit_share", "inside_share", "outside_share", "spread_position",
        "sign_stability", "two_sidedness", "quote_age_ms", "stale_share", "relative_spread", "spread_widening", "premium_z",
        "delta_notional_usd", "open_interest_share", "log_moneyness", "otm_amount", "atm_distance", "abs_delta", "iv", "iv_shock_points",
        "iv_shock_half_spreads", "iv_minus_realised_points", "vega_notional_usd", "dollar_gamma_1pct", "underlying_move_sigmas",
        "underlying_move_alignment", "underlying_return_open", "index_or_etf", "attention_z", "same_size_leg_symmetry", "net_delta_shares",
        "net_delta_ratio", "net_vega_usd", "net_vega_ratio", "net_premium_usd", "net_price_position", "parity_residual_half_spreads",
        "structure_margin", "reconstruction_confidence", "trading_days_to_event", "expiry_days_after_event", "expiry_brackets_event",
        "pre_event_concentration", "scheduled_earnings", "ex_dividend_next_session", "inter_fill_ms", "inter_fill_variation",
        "size_variation", "minutes_to_expiry", "contracts_over_own_p99", "quote_drift_half_spreads", "quote_age_move_half_spreads",
        "largest_print_over_depth", "volatility_premium_z", "usual_option_volume", "day_return_sigmas", "day_move_alignment",
        "net_delta_per_unit", "price_to_width",
    }  # fmt: skip
    assert known == set(DTYPES) - unknown


def test_unpriced_leg_makes_net_exposure_unknown() -> None:
    """A third of the contracts has no delta: the net of the rest would be a number about another trade."""
    priced = {"contract": 1, "delta_first": 0.5, "leg_sign": 1}
    unpriced = {"contract": 2, "leg_sign": -1}
    table = build(one_event(priced, unpriced, event={"package_buy_probability": 0.9}))
    assert table["net_delta_shares"].isna().all()
    assert table["delta_notional_usd"].isna().all()


def test_likelier_reversed_reading_turns_the_signs() -> None:
    """Leg signs as given are the less likely reading: exposure is that of all signs reversed."""
    leg = {"contract": 1, "delta_first": 0.5, "leg_sign": 1}
    as_given = build(one_event(leg, event={"package_buy_probability": 0.8}))["net_delta_shares"].iloc[0]
    turned = build(one_event(leg, event={"package_buy_probability": 0.2}))["net_delta_shares"].iloc[0]
    assert as_given == 500.0
    assert turned == -500.0


def test_package_with_an_unsigned_leg_has_no_exposure() -> None:
    legs = ({"contract": 1, "delta_first": 0.5, "leg_sign": 1}, {"contract": 2, "delta_first": 0.5, "leg_sign": 0})
    table = build(one_event(*legs, event={"package_buy_probability": 0.8}))
    assert table[["net_delta_shares", "net_vega_usd", "net_premium_usd"]].isna().all(axis=None)


def test_no_events_give_an_empty_table_with_all_columns() -> None:
    inputs = one_event({})
    nothing = {name: values[:0] for name, values in inputs.packets.items()}
    events = {name: values[:0] for name, values in inputs.events.items()}
    empty = feature_inputs(
        events,
        nothing,
        inputs.terms.take(np.array([], dtype=int)),
        inputs.underlyings,
        inputs.next_event.take(np.array([], dtype=int)),
        (0, 1),
    )
    table = build(empty)
    assert table.dtypes.astype(str).to_dict() == DTYPES
    assert table.empty


def test_packet_of_an_unlisted_event_is_refused() -> None:
    inputs = one_event({})
    packets = inputs.packets | {"event": np.array([7])}
    with pytest.raises(FeatureInputError, match="not listed"):
        feature_inputs(inputs.events, packets, inputs.terms, inputs.underlyings, inputs.next_event, (0, 1))
