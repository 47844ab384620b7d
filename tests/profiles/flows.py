"""Events as tables of features that an options reader can check. What is not named is that of a plain single-leg print."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from smartmoney_pipeline.features.build import DTYPES
from smartmoney_pipeline.profiles.inputs import USED_FLAGS, ScoreInputs
from smartmoney_pipeline.schemas.codes import Assembly, QualityFlag, Structure

SOUND = {
    "quoted_share": 1.0, "stale_share": 0.0, "crossed_or_locked_share": 0.0, "late_share": 0.0, "extended_hours_share": 0.0,
    "cross_share": 0.0, "floor_share": 0.0, "complex_share": 0.0, "stock_tied_share": 0.0, "auction_share": 0.0,
    "small_auction_share": 0.0, "relative_spread": 0.04, "sign_stability": 1.0, "reconstruction_confidence": 1.0,
    "quote_drift_half_spreads": 0.0, "quote_age_move_half_spreads": 0.1,
}  # fmt: skip
"""Sound two-sided quotes, regular single-leg prints."""

PLAIN = SOUND | {
    "contracts": 5, "print_count": 1, "premium_usd": 1_500.0, "delta_notional_usd": 25_000.0, "largest_print_contracts": 5,
    "premium_z": 0.0, "underlying_volume_share": 0.01, "small_ticket_share": 1.0, "same_size_share": 1.0, "venue_count": 1,
    "iso_share": 0.0, "aggressor_mix": 0.44, "buy_probability": 0.72, "two_sidedness": 0.0, "spread_widening": 0.0,
    "minutes_since_open": 120.0, "minutes_to_close": 270.0, "strike_count": 1, "leg_count": 1, "call_share": 1.0, "dte_days": 25,
    "otm_amount": 0.03, "abs_delta": 0.4, "premium_per_contract_usd": 3.0, "iv": 0.35, "vega_notional_usd": 60.0,
    "dollar_gamma_1pct": 2_000.0, "underlying_move_sigmas": 0.2, "underlying_return_open": 0.002, "underlying_move_alignment": 0.1,
    "index_or_etf": False, "net_delta_ratio": 1.0, "net_vega_ratio": 1.0, "iv_shock_half_spreads": 0.0, "attention_z": -1.0,
    "contracts_over_own_p99": 0.04, "usual_option_volume": 60_000.0, "largest_print_over_depth": 0.1, "day_return_sigmas": 0.1,
    "day_move_alignment": 0.1, "net_delta_per_unit": 0.4, "participation_share": 1.0, "net_premium_usd": 1_500.0,
    "days_from_monthly_expiry": 8,
}  # fmt: skip
"""Five calls at the ask, four weeks out, nothing remarkable."""

SWEEP = PLAIN | {
    "contracts": 1_200, "print_count": 14, "premium_usd": 420_000.0, "delta_notional_usd": 6_000_000.0, "largest_print_contracts": 200,
    "small_ticket_share": 0.02, "venue_count": 6, "iso_share": 0.9, "aggressor_mix": 0.6, "buy_probability": 0.9, "dte_days": 46,
    "abs_delta": 0.42, "open_interest_share": 1.4, "iv_shock_half_spreads": 0.9, "vega_notional_usd": 14_000.0, "size_variation": 0.6,
    "contracts_over_own_p99": 9.0, "net_premium_usd": 420_000.0,
}  # fmt: skip
"""1,200 six-week calls of delta 0.42 swept at the ask over six venues, above open interest."""

HERD = PLAIN | {
    "contracts": 900, "print_count": 160, "premium_usd": 95_000.0, "delta_notional_usd": 1_400_000.0, "largest_print_contracts": 10,
    "small_ticket_share": 1.0, "auction_share": 0.45, "small_auction_share": 0.45,
    "venue_count": 9, "aggressor_mix": 0.35, "buy_probability": 0.8,
    "size_variation": 0.9, "inter_fill_variation": 1.1, "dte_days": 3, "abs_delta": 0.22,
    "premium_per_contract_usd": 1.05, "relative_spread": 0.12,
    "iv_shock_half_spreads": 1.2, "attention_z": 1.8, "underlying_return_open": 0.06, "strike_count": 3,
    "contracts_over_own_p99": 7.0, "largest_print_over_depth": 0.5, "day_return_sigmas": 3.0,
}  # fmt: skip
"""160 tickets of at most ten three-day calls of delta 0.22 within a minute, nearly half in price-improvement auctions."""

EVENT = PLAIN | {
    "contracts": 600, "print_count": 9, "premium_usd": 210_000.0, "delta_notional_usd": 2_700_000.0, "largest_print_contracts": 150,
    "small_ticket_share": 0.05, "venue_count": 5, "iso_share": 0.7, "aggressor_mix": 0.55, "buy_probability": 0.85, "dte_days": 9,
    "abs_delta": 0.45, "attention_z": 2.0, "underlying_volume_share": 0.25, "spread_widening": 0.45, "iv_shock_half_spreads": 1.6,
    "trading_days_to_event": 3, "expiry_days_after_event": 4, "expiry_brackets_event": True, "pre_event_concentration": 1.0,
    "scheduled_earnings": True,
    "contracts_over_own_p99": 4.5,
}  # fmt: skip
"""600 calls of delta 0.45 in the first expiry after earnings three sessions away, swept while spreads and volatility rise."""

OVERWRITE = PLAIN | {
    "contracts": 800, "print_count": 20, "premium_usd": 180_000.0, "delta_notional_usd": 4_000_000.0, "largest_print_contracts": 60,
    "small_ticket_share": 0.05, "venue_count": 3, "aggressor_mix": -0.5, "buy_probability": 0.12, "dte_days": 32, "otm_amount": 0.025,
    "abs_delta": 0.34, "vega_notional_usd": 9_000.0, "net_delta_ratio": -1.0, "net_vega_ratio": -1.0, "iv_shock_half_spreads": -0.8,
    "iv_minus_realised_points": 4.0, "size_variation": 0.1, "inter_fill_variation": 0.2,
    "contracts_over_own_p99": 6.0, "net_delta_per_unit": -0.34, "net_premium_usd": -180_000.0, "volatility_premium_z": 1.4,
    "participation_share": 0.2,
}  # fmt: skip
"""800 calls 2.5 % out of the money, a month to run, sold in even clips at the bid while volatility slips."""

PACKAGE = PLAIN | {
    "aggressor_mix": None, "buy_probability": 0.8, "complex_share": 1.0, "leg_count": 2, "same_size_leg_symmetry": 1.0,
    "structure_margin": 3.0, "small_ticket_share": 0.0, "net_price_position": 0.6,
    "net_delta_per_unit": 0.3,
}  # fmt: skip
SHORT_STRADDLE = PACKAGE | {
    "contracts": 800, "premium_usd": 640_000.0, "delta_notional_usd": 8_000_000.0, "largest_print_contracts": 400, "dte_days": 30,
    "abs_delta": 0.5, "call_share": 0.5, "net_delta_ratio": 0.04, "net_vega_ratio": -1.0, "vega_notional_usd": 18_000.0,
    "iv_shock_half_spreads": -0.9, "iv_minus_realised_points": 5.0, "strike_count": 1,
    "contracts_over_own_p99": 6.0, "net_premium_usd": -640_000.0, "net_delta_per_unit": 0.04, "volatility_premium_z": 1.6,
}  # fmt: skip
BOX = PACKAGE | {
    "contracts": 2_000, "premium_usd": 9_000_000.0, "largest_print_contracts": 500, "leg_count": 4, "strike_count": 2, "call_share": 0.5,
    "abs_delta": 0.5, "dte_days": 200, "net_delta_ratio": 0.0, "net_vega_ratio": 0.0, "parity_residual_half_spreads": 0.4,
    "delta_notional_usd": 50_000_000.0, "net_price_position": 0.1, "buy_probability": 0.55,
    "contracts_over_own_p99": 15.0, "net_delta_per_unit": 0.0, "price_to_width": 0.98, "net_premium_usd": 4_900_000.0,
}  # fmt: skip
CONVERSION = BOX | {
    "complex_share": 0.0, "stock_tied_share": 1.0, "leg_count": 2, "strike_count": 1, "net_delta_ratio": 1.0, "contracts": 600,
    "price_to_width": None, "net_delta_per_unit": 1.0, "contracts_over_own_p99": 4.0,
}  # fmt: skip
GAMMA = PLAIN | {
    "contracts": 400, "print_count": 12, "premium_usd": 90_000.0, "delta_notional_usd": 12_000_000.0, "largest_print_contracts": 90,
    "small_ticket_share": 0.1, "venue_count": 4, "aggressor_mix": 0.45, "buy_probability": 0.8, "dte_days": 0,
    "abs_delta": 0.5, "otm_amount": 0.0,
    "premium_per_contract_usd": 2.2, "dollar_gamma_1pct": 2_500_000.0, "underlying_move_sigmas": 4.5, "underlying_move_alignment": 0.6,
    "index_or_etf": True, "minutes_to_close": 25.0, "iv_shock_half_spreads": 0.5,
    "contracts_over_own_p99": 3.0, "day_move_alignment": 0.5, "day_return_sigmas": 0.9,
}  # fmt: skip
"""400 index calls expiring today, at the money, bought seconds after a move of 4.5 deviations, 25 minutes before the close."""


def flow(
    features: Mapping[str, object],
    structure: Structure | None = None,
    assembly: Assembly | None = None,
    flags: tuple[QualityFlag, ...] = (),
    **changes: object,
) -> ScoreInputs:
    """One event: `features` with `changes`. Assembly: package where a structure is named, else sweep."""
    return flows([(dict(features) | changes, structure, assembly, flags)])


def flows(events: list[tuple[Mapping[str, object], Structure | None, Assembly | None, tuple[QualityFlag, ...]]]) -> ScoreInputs:
    """Several events."""
    rows = [features for features, *_ in events]
    unknown = {name for row in rows for name in row} - set(DTYPES)
    assert not unknown, unknown
    frame = pd.DataFrame(
        {name: pd.array([_value(row.get(name)) for row in rows], dtype=_extension(dtype)) for name, dtype in DTYPES.items()}
    )
    structures = np.array([-1 if code is None else list(Structure).index(code) for _, code, *_ in events], dtype=np.int8)
    joined = [assembly or (Assembly.PACKAGE if code else Assembly.SWEEP) for _, code, assembly, _ in events]
    assemblies = np.array([list(Assembly).index(assembly) for assembly in joined], dtype=np.int8)
    raised = {flag: np.array([flag in given for *_, given in events]) for flag in USED_FLAGS}
    return ScoreInputs(frame, structures, assemblies, raised)


def _value(value: object) -> object:
    return pd.NA if value is None else value


def _extension(dtype: str) -> str:
    return {"float64": "Float64"}.get(dtype, dtype)
