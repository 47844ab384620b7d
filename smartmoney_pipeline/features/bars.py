"""What a minute bar does not tell: features of the prints inside it, of their prices and quotes, and of how they belong together."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.schemas.packet_columns import CONDITION_BITS

TOLD_BY_BARS: frozenset[str] = frozenset(
    {
        *("contracts", "delta_notional_usd", "contract_volume_share", "underlying_volume_share", "open_interest_share"),
        *("relative_spread", "spread_widening", "quoted_share", "crossed_or_locked_share"),
        *("minutes_since_open", "minutes_to_close", "strike_concentration", "expiry_concentration", "strike_count", "leg_count"),
        *("call_share", "dte_days", "minutes_to_expiry", "log_moneyness", "otm_amount", "atm_distance", "abs_delta"),
        *("iv", "iv_shock_points", "iv_shock_half_spreads", "iv_minus_realised_points", "volatility_premium_z"),
        *("vega_notional_usd", "dollar_gamma_1pct", "underlying_return_open", "index_or_etf"),
        *("attention_z", "usual_option_volume", "day_return_sigmas"),
        *("trading_days_to_event", "expiry_days_after_event", "expiry_brackets_event", "pre_event_concentration"),
        *("scheduled_earnings", "ex_dividend_next_session", "days_from_monthly_expiry"),
    }
)
"""Features of a bar's volume, its contract, the market at its end and the calendar. A bar knows its last price alone: no premium; no
move of 30 s is seen in a minute; and when inside its minute a closing quote came is not told: no age."""


def only_told(features: dict[str, Floats], inputs: FeatureInputs) -> dict[str, Floats]:
    """Return the features with NaN for what a bar does not tell, where the event is one."""
    is_bar = (inputs.packets["condition_bits"][inputs.starts] >> CONDITION_BITS["minute_bar"]) & 1 == 1
    if not is_bar.any():
        return features
    return {name: values if name in TOLD_BY_BARS else np.where(is_bar, np.nan, values) for name, values in features.items()}
