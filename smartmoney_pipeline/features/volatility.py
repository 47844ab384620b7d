"""Implied volatility, its change before the event, and the volatility exposure that was traded."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import at_opening, known_total, ratio, weighted_mean
from smartmoney_pipeline.features.registry import feature

POINTS = 100.0


def _vega(inputs: FeatureInputs) -> Floats:
    """Gross vega of each packet, USD per 1.00 of volatility."""
    return inputs.packets["vega_first"] * inputs.shares


def _opening_vega_mean(values: Floats, inputs: FeatureInputs) -> Floats:
    """Vega-weighted mean over the first packet of each contract; null where less than half of the vega has a value."""
    weights = np.nan_to_num(at_opening(_vega(inputs), inputs))
    return weighted_mean(at_opening(values, inputs), weights, inputs, known_share=0.5)


@feature(formula="vega-weighted mean of implied volatility", source="SEED", needs=("iv_first", "vega_first"))
def iv(inputs: FeatureInputs) -> Floats:
    """Implied volatility per year."""
    return weighted_mean(inputs.packets["iv_first"], _vega(inputs), inputs)


@feature(
    formula="vega-weighted mean of the change of implied volatility since 30 to 60 s before, per contract at its first packet",
    source="BW2004",
    needs=("iv_shock_points", "vega_first"),
)
def iv_shock_points(inputs: FeatureInputs) -> Floats:
    """Change of implied volatility before the event, volatility points."""
    return _opening_vega_mean(inputs.packets["iv_shock_points"], inputs)


@feature(
    formula="vega-weighted mean of (change of implied volatility / half the quoted spread in volatility points)",
    source="SEED",
    needs=("iv_shock_points", "iv_half_spread_points", "vega_first"),
)
def iv_shock_half_spreads(inputs: FeatureInputs) -> Floats:
    """Change of implied volatility before the event, in half-spreads."""
    shock, half = inputs.packets["iv_shock_points"], inputs.packets["iv_half_spread_points"]
    return _opening_vega_mean(ratio(shock, np.where(half > 0, half, np.nan)), inputs)


@feature(
    formula="100 x (iv - trailing realised volatility of past sessions)",
    source="BTZ2009",
    needs=("iv_first", "vega_first", "realised_volatility"),
)
def iv_minus_realised_points(inputs: FeatureInputs) -> Floats:
    """Implied minus realised volatility, points; null without history."""
    realised = inputs.underlyings.realised_volatility[inputs.events["underlying"]]
    return POINTS * (iv(inputs) - realised)


@feature(
    formula="(IV30 - realised volatility of the last session - mean) / deviation, both over up to 60 earlier sessions; "
    "null below 10 of them",
    source="BTZ2009",
    needs=("volatility_premium_z",),
)
def volatility_premium_z(inputs: FeatureInputs) -> Floats:
    """How rich implied volatility was in the last session, against its own past."""
    return inputs.underlyings.volatility_premium_z[inputs.events["underlying"]]


@feature(
    formula="sum of vega x size x multiplier / 100",
    source="HULL",
    needs=("vega_first", "contracts", "multiplier"),
)
def vega_notional_usd(inputs: FeatureInputs) -> Floats:
    """Gross vega, USD per volatility point."""
    return known_total(_vega(inputs), inputs.contracts, inputs) / POINTS


@feature(
    formula="sum of gamma x size x multiplier x price^2 / 100",
    source="HULL",
    needs=("gamma_first", "contracts", "multiplier", "u_bid_first", "u_ask_first"),
)
def dollar_gamma_1pct(inputs: FeatureInputs) -> Floats:
    """Gross change of delta dollars for a move of 1 %."""
    gamma = inputs.packets["gamma_first"] * inputs.shares * inputs.underlying_price**2 / POINTS
    return known_total(gamma, inputs.contracts, inputs)
