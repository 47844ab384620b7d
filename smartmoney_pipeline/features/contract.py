"""Tenor and moneyness of what was traded. Moneyness is measured against the forward."""

import numpy as np

from smartmoney_pipeline.calendar.clock import trading_minutes_to_expiry
from smartmoney_pipeline.features.arrays import Floats, Ints
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import ratio, total, weighted_mean
from smartmoney_pipeline.features.registry import feature, once
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

SHORT_DTE_DAYS = 2
"""Expiries up to this many days away are measured on the trading-time clock (design decision D7)."""


@once
def _leading_packet(inputs: FeatureInputs) -> Ints:
    """Packet row of the leg with the largest premium per event; the nearer expiry, then the lower strike, where premiums tie."""
    if inputs.one_packet_each:
        return inputs.starts
    groups = inputs.groups("contract")
    rows, premium = groups.first_rows(), groups.totals(inputs.premium_usd)
    order = np.lexsort((inputs.terms.strike[rows], inputs.terms.expiry_day[rows], -premium, groups.event_of_group))
    return rows[order][groups.starts]


@once
def _log_moneyness(inputs: FeatureInputs) -> Floats:
    """ln(strike / forward) per packet, NaN without a forward."""
    forward = inputs.packets["forward_first"]
    return np.log(ratio(inputs.terms.strike, np.where(forward > 0, forward, np.nan)))


@feature(
    formula="days from the session to the expiry of the leg with the largest premium", source="SEED", needs=("dte_days", "premium_ticks")
)
def dte_days(inputs: FeatureInputs) -> Floats:
    """Calendar days to the expiry of the leg with the largest premium."""
    return inputs.terms.dte_days[_leading_packet(inputs)].astype(np.float64)


@feature(
    formula="regular-session minutes from the first print to the settlement of that leg; null beyond two days",
    source="SEED",
    needs=("settle_ns", "dte_days", "start_ts"),
)
def minutes_to_expiry(inputs: FeatureInputs) -> Floats:
    """Trading minutes to settlement, for short-dated options only."""
    leading = _leading_packet(inputs)
    minutes = trading_minutes_to_expiry(inputs.events["start_ts"], inputs.terms.settle_ns[leading])
    return np.where(inputs.terms.dte_days[leading] <= SHORT_DTE_DAYS, minutes, np.nan)


@feature(formula="premium-weighted mean of ln(strike / forward)", source="SEED", needs=("strike", "forward_first", "premium_ticks"))
def log_moneyness(inputs: FeatureInputs) -> Floats:
    """Log distance of the strike from the forward, positive above it."""
    return weighted_mean(_log_moneyness(inputs), inputs.premium_usd, inputs)


@feature(
    formula="premium-weighted mean of ln(strike / forward) for calls, ln(forward / strike) for puts",
    source="SEED",
    needs=("strike", "forward_first", "is_call", "premium_ticks"),
)
def otm_amount(inputs: FeatureInputs) -> Floats:
    """Log distance out of the money, negative in the money."""
    distance = np.where(inputs.terms.is_call, 1.0, -1.0) * _log_moneyness(inputs)
    return weighted_mean(distance, inputs.premium_usd, inputs)


@feature(
    formula="premium-weighted mean of |ln(strike / forward)| / (iv x sqrt(years))",
    source="SEED",
    needs=("strike", "forward_first", "iv_first", "years_first", "premium_ticks"),
)
def atm_distance(inputs: FeatureInputs) -> Floats:
    """Distance from at the money in deviations to expiry."""
    years = inputs.packets["years_first"]
    deviation = inputs.packets["iv_first"] * np.sqrt(np.where(years > 0, years, np.nan))
    return weighted_mean(ratio(np.abs(_log_moneyness(inputs)), deviation), inputs.premium_usd, inputs)


@feature(formula="premium-weighted mean of |delta|", source="SEED", needs=("delta_first", "premium_ticks"))
def abs_delta(inputs: FeatureInputs) -> Floats:
    """Typical size of delta per option."""
    return weighted_mean(np.abs(inputs.packets["delta_first"]), inputs.premium_usd, inputs)


@feature(formula="sum of price x size / sum of size", source="SEED", needs=("premium_ticks", "contracts"))
def premium_per_contract_usd(inputs: FeatureInputs) -> Floats:
    """Mean option price, USD per share."""
    return ratio(total(inputs.packets["premium_ticks"], inputs), total(inputs.contracts, inputs)) / TICKS_PER_DOLLAR
