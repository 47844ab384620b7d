"""Worked examples of contract, volatility, underlying, structure and calendar. All answers by hand."""

from math import exp, log, nan

from tiny_inputs import OPEN_NS, SECOND, SESSION_DAY
from worked_example import example

MINUTE = 60 * SECOND
CALL_PUT = ({"contract": 1, "contracts": 30}, {"contract": 2, "contracts": 10, "is_call": False})
SPREAD = (
    {"contract": 1, "contracts": 10, "delta_first": 0.5, "vega_first": 12.0, "premium_ticks": 300_000, "leg_sign": 1},
    {"contract": 2, "contracts": 10, "delta_first": 0.3, "vega_first": 8.0, "premium_ticks": 100_000, "leg_sign": -1},
)
SOLD = {"signed_contracts": 10, "aggressor_size_sum": -4.0, "logit_size_sum": -9.0, "delta_first": 0.5, "vega_first": 12.0}
LIKELY = {"package_buy_probability": 0.8}
EARNINGS = {
    "event_type": "earnings", "event_date": "2026-03-19", "event_time": "amc", "trading_days_to_event": 13,
    "event_instant_ns": OPEN_NS + (17 * 86_400 + 390 * 60) * SECOND,
}  # fmt: skip
BEFORE_EVENT = {"contract": 1, "expiry_day": SESSION_DAY + 4, "settle_ns": OPEN_NS + 4 * 86_400 * SECOND, "vega_first": 10.0}
AFTER_EVENT = {"contract": 2, "expiry_day": SESSION_DAY + 18, "settle_ns": OPEN_NS + 18 * 86_400 * SECOND, "vega_first": 20.0}
MUCH_LATER = {"contract": 3, "expiry_day": SESSION_DAY + 46, "settle_ns": OPEN_NS + 46 * 86_400 * SECOND, "vega_first": 20.0}

CONTRACT = [
    example(
        "strike_concentration",
        0.6,
        0.4,
        "the most frequent strike",
        {"contract": 1, "strike": 90.0, "premium_ticks": 60},
        {"contract": 2, "strike": 95.0, "premium_ticks": 20},
        {"contract": 2, "strike": 95.0, "premium_ticks": 20},
    ),
    example(
        "expiry_concentration",
        0.8,
        0.5,
        "the share of packets",
        {"contract": 1, "premium_ticks": 80},
        {"contract": 2, "premium_ticks": 20, "expiry_day": SESSION_DAY + 46},
    ),
    example("strike_count", 1, 2, "counting contracts", {"contract": 1}, {"contract": 2, "is_call": False}),
    example("leg_count", 2, 1, "counting strikes", {"contract": 1}, {"contract": 2, "is_call": False}),
    example("call_share", 0.75, 0.5, "the share of legs", *CALL_PUT),
    example(
        "dte_days",
        30,
        2,
        "the nearest expiry",
        {"contract": 1, "dte_days": 2, "expiry_day": SESSION_DAY + 2, "premium_ticks": 10},
        {"contract": 2, "dte_days": 30, "expiry_day": SESSION_DAY + 30, "premium_ticks": 90},
    ),
    example("minutes_to_expiry", 389 + 390, 389 + 1_440, "nights counted", {"dte_days": 1, "settle_ns": OPEN_NS + (1_440 + 390) * MINUTE}),
    example("log_moneyness", log(110 / 100), log(100 / 110), "forward over strike", {"strike": 110.0, "forward_first": 100.0}),
    example(
        "otm_amount",
        log(100 / 90),
        log(90 / 100),
        "the sign of a call for a put",
        {"strike": 90.0, "forward_first": 100.0, "is_call": False},
    ),
    example(
        "atm_distance",
        1.0,
        0.5,
        "years instead of their root",
        {"strike": exp(0.1) * 100, "forward_first": 100.0, "iv_first": 0.2, "years_first": 0.25},
    ),
    example(
        "abs_delta",
        0.4,
        0.1,
        "weighing by contracts",
        {"contract": 1, "contracts": 10, "premium_ticks": 90, "delta_first": -0.4},
        {"contract": 2, "contracts": 30, "premium_ticks": 0, "delta_first": 0.0},
    ),
    example(
        "premium_per_contract_usd",
        1.25,
        125.0,
        "the price of a contract",
        {"premium_ticks": 200_000, "contracts": 10},
        {"premium_ticks": 50_000, "contracts": 10},
    ),
]
VOLATILITY = [
    example(
        "iv",
        0.35,
        0.3,
        "the plain mean",
        {"contract": 1, "iv_first": 0.2, "vega_first": 5.0},
        {"contract": 2, "iv_first": 0.4, "vega_first": 15.0},
    ),
    example(
        "iv_shock_points",
        2.0,
        4.0,
        "state from within the event",
        {"iv_shock_points": 2.0, "vega_first": 10.0},
        {"iv_shock_points": 6.0, "vega_first": 10.0},
    ),
    example(
        "iv_shock_half_spreads",
        2.0,
        3.0,
        "the ratio of means",
        {"contract": 1, "iv_shock_points": 3.0, "iv_half_spread_points": 1.0, "vega_first": 10.0},
        {"contract": 2, "iv_shock_points": 3.0, "iv_half_spread_points": 3.0, "vega_first": 10.0},
    ),
    example(
        "iv_minus_realised_points",
        15.0,
        0.15,
        "fractions for points",
        {"iv_first": 0.35, "vega_first": 10.0},
        underlying={"realised_volatility": 0.2},
    ),
    example("volatility_premium_z", 1.5, 0.0, "always usual", {}, underlying={"volatility_premium_z": 1.5}),
    example("vega_notional_usd", 120.0, 12_000.0, "vega for a move of 1.00", {"contracts": 10, "vega_first": 12.0}),
    example("dollar_gamma_1pct", 2_000.0, 200_000.0, "not for one percent", {"contracts": 10, "gamma_first": 0.02}),
]
UNDERLYING = [
    example(
        "underlying_move_sigmas",
        -3.0,
        -3.0 * 30**0.5,
        "not scaled to 30 s",
        {"u_return_30s_first": -0.003, "u_sigma_1s_first": 0.001 / 30**0.5},
    ),
    example("underlying_return_open", 0.01, 0.02, "the last packet's state", {"u_return_open_first": 0.01}, {"u_return_open_first": 0.02}),
    example("underlying_move_alignment", -(1 / (1 + exp(-0.9)) * 2 - 1), -1.0, "certainty left out", SOLD | {"u_return_30s_first": 0.002}),
    example("index_or_etf", 1.0, 0.0, "always a single name", {}, underlying={"index_or_etf": 1.0}),
    example(
        "attention_z",
        2.0,
        0.0,
        "leaving this event out",
        {"contracts": 90, "underlying_volume_before": 10},
        underlying={"log_volume_mean": log(10), "log_volume_deviation": log(10) / 2},
    ),
    example("usual_option_volume", 5_000.0, log(5_000), "the logarithm", {}, underlying={"log_volume_mean": log(5_000)}),
    example(
        "day_return_sigmas",
        -1.0,
        -(252**-0.5),
        "the deviation of a year",
        {"u_return_open_first": -0.02},
        underlying={"realised_volatility": 0.02 * 252**0.5},
    ),
    example("day_move_alignment", -(1 / (1 + exp(-0.9)) * 2 - 1), -1.0, "certainty left out", SOLD | {"u_return_open_first": 0.002}),
]
STRUCTURE = [
    example(
        "same_size_leg_symmetry",
        1.0,
        0.5,
        "contracts without the ratio",
        {"contract": 1, "contracts": 10, "leg_ratio": 1},
        {"contract": 2, "contracts": 20, "leg_ratio": 2},
    ),
    example("net_delta_shares", 200.0, 800.0, "leg signs left out", *SPREAD, event=LIKELY),
    example("net_delta_ratio", 0.25, 0.2, "net over contracts", *SPREAD, event=LIKELY),
    example("net_delta_per_unit", 0.2, 0.1, "both legs counted as units", *SPREAD, event=LIKELY),
    example(
        "price_to_width",
        0.4,
        0.8,
        "gross premium",
        SPREAD[0] | {"strike": 100.0},
        SPREAD[1] | {"strike": 105.0},
        event=LIKELY,
    ),
    example("net_vega_usd", 40.0, 200.0, "leg signs left out", *SPREAD, event=LIKELY),
    example("net_vega_ratio", -1.0, 1.0, "the side left out", SOLD),
    example("net_premium_usd", 2_000.0, 4_000.0, "gross premium", *SPREAD, event=LIKELY),
    example("net_price_position", 0.5, -0.5, "the seller positive", {}, event={"net_price_position": 0.5}),
    example("parity_residual_half_spreads", 0.7, -0.7, "a signed distance", {}, event={"parity_residual_half_spreads": -0.7}),
    example("structure_margin", 1.2, 0.0, "no margin", {}, event={"structure_margin": 1.2}),
    example("reconstruction_confidence", 0.9, 1.0, "taken as certain", {}, event={"reconstruction_confidence": 0.9}),
]
CALENDAR = [
    example("trading_days_to_event", 13, 17, "calendar days", {}, next_event=EARNINGS),
    example(
        "expiry_days_after_event", 1, -13, "the first traded expiry of all", BEFORE_EVENT, AFTER_EVENT, MUCH_LATER, next_event=EARNINGS
    ),
    example(
        "expiry_brackets_event",
        0.0,
        1.0,
        "an expiry on the day of an announcement after the close",
        {"expiry_day": SESSION_DAY + 17, "settle_ns": EARNINGS["event_instant_ns"]},
        next_event=EARNINGS,
    ),
    example(
        "pre_event_concentration", 0.4, 0.8, "all expiries after the event", BEFORE_EVENT, AFTER_EVENT, MUCH_LATER, next_event=EARNINGS
    ),
    example("scheduled_earnings", 0.0, 1.0, "any event", {}, next_event=EARNINGS | {"event_type": "fda"}),
    example("ex_dividend_next_session", 0.0, nan, "false read as unknown", {}, next_event={"ex_dividend_next_session": False}),
    # 2026-03-02: the third Fridays around it are 20 February and 20 March
    example("days_from_monthly_expiry", 10, 18, "the third Friday of this month", {}),
]

EXAMPLES = [*CONTRACT, *VOLATILITY, *UNDERLYING, *STRUCTURE, *CALENDAR]
