"""Structure and net exposure of an event, given the likely side of its legs."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.exposure import net, net_over_gross
from smartmoney_pipeline.features.groups import Groups
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import first, largest, ratio, smallest
from smartmoney_pipeline.features.registry import feature, once

POINTS = 100.0


def _from_event(name: str, inputs: FeatureInputs) -> Floats:
    return np.asarray(inputs.events[name], dtype=np.float64)


@feature(
    formula="smallest / largest leg, each in contracts over its contracts per unit; null for one leg",
    source="OPTIONS-REGULATION",
    needs=("contract", "contracts", "leg_ratio"),
)
def same_size_leg_symmetry(inputs: FeatureInputs) -> Floats:
    """How well the legs match in size."""
    groups = inputs.groups("contract")
    units = _units_of_legs(groups, inputs)
    symmetry = ratio(groups.event_min(units), groups.event_max(units))
    return np.where(groups.count() >= 2, symmetry, np.nan)


def _units_of_legs(groups: Groups, inputs: FeatureInputs) -> Floats:
    """Units that each leg makes up: its contracts over its contracts per unit."""
    return groups.totals(inputs.contracts) / np.maximum(groups.peaks(inputs.packets["leg_ratio"]), 1.0)


@once
def _unit_shares(inputs: FeatureInputs) -> Floats:
    """Shares of the underlying that the whole units of an event stand for: units of its smallest leg x multiplier."""
    groups = inputs.groups("contract")
    return groups.event_min(_units_of_legs(groups, inputs)) * first(inputs.terms.multiplier, inputs)


@feature(
    formula="sum of side x delta x size x multiplier; side = leg sign in a package, else the sign of the aggressor mix",
    source="HU2014",
    needs=("delta_first", "leg_sign", "aggressor_size_sum", "contracts", "multiplier"),
)
def net_delta_shares(inputs: FeatureInputs) -> Floats:
    """Signed delta in shares of the underlying, given the likely side."""
    return net(inputs.packets["delta_first"] * inputs.shares, inputs)


@feature(formula="net delta / sum of |delta| x size x multiplier", source="LMP", needs=("delta_first", "leg_sign", "aggressor_size_sum"))
def net_delta_ratio(inputs: FeatureInputs) -> Floats:
    """Net over gross delta: 0 a flat structure, +-1 one-way exposure."""
    return net_over_gross(inputs.packets["delta_first"] * inputs.shares, inputs)


@feature(
    formula="net delta shares / (units of the smallest leg x multiplier)",
    source="LMP",
    needs=("delta_first", "leg_sign", "leg_ratio", "aggressor_size_sum", "contracts", "multiplier"),
)
def net_delta_per_unit(inputs: FeatureInputs) -> Floats:
    """Signed delta of one unit of the structure, as a share of 100 shares; a bought at-the-money call has about 0.5."""
    return ratio(net_delta_shares(inputs), _unit_shares(inputs))


@feature(
    formula="sum of side x vega x size x multiplier / 100",
    source="FS2010",
    needs=("vega_first", "leg_sign", "aggressor_size_sum", "contracts", "multiplier"),
)
def net_vega_usd(inputs: FeatureInputs) -> Floats:
    """Signed vega, USD per volatility point, given the likely side."""
    return net(inputs.packets["vega_first"] * inputs.shares, inputs) / POINTS


@feature(formula="net vega / gross vega", source="FS2010", needs=("vega_first", "leg_sign", "aggressor_size_sum"))
def net_vega_ratio(inputs: FeatureInputs) -> Floats:
    """Net over gross vega."""
    return net_over_gross(inputs.packets["vega_first"] * inputs.shares, inputs)


@feature(formula="sum of side x premium", source="SEED", needs=("premium_ticks", "leg_sign", "aggressor_size_sum"))
def net_premium_usd(inputs: FeatureInputs) -> Floats:
    """Premium paid less premium received, given the likely side."""
    return net(inputs.premium_usd, inputs)


@feature(
    formula="(package price - package mid) / package half-spread, for the leg signs as given",
    source="SW2003",
    needs=("net_price_position",),
)
def net_price_position(inputs: FeatureInputs) -> Floats:
    """Price of the package in its own spread; null where not a package."""
    return _from_event("net_price_position", inputs)


@feature(
    formula="|package price - carry value| / package half-spread, for parity structures",
    source="BOX-SPX",
    needs=("parity_residual_half_spreads",),
)
def parity_residual_half_spreads(inputs: FeatureInputs) -> Floats:
    """Distance of a parity structure from its carry value."""
    return np.abs(_from_event("parity_residual_half_spreads", inputs))


@feature(formula="log support of the structure - that of its runner-up", source="SEED", needs=("structure_margin",))
def structure_margin(inputs: FeatureInputs) -> Floats:
    """Support of the structure over its runner-up, nats."""
    return _from_event("structure_margin", inputs)


@feature(
    formula="|net premium| / (units of the smallest leg x multiplier x (highest - lowest strike)); null for one strike",
    source="BOX-SPX",
    needs=("premium_ticks", "leg_sign", "leg_ratio", "strike", "contracts", "multiplier"),
)
def price_to_width(inputs: FeatureInputs) -> Floats:
    """Net price of one unit over the distance of its strikes: a box trades near 1, a vertical well below."""
    width = largest(inputs.terms.strike, inputs) - smallest(inputs.terms.strike, inputs)
    return ratio(np.abs(net_premium_usd(inputs)), _unit_shares(inputs) * width)


@feature(
    formula="posterior probability of the joins against chance arrivals",
    source="CHANCE-GAP",
    needs=("reconstruction_confidence",),
)
def reconstruction_confidence(inputs: FeatureInputs) -> Floats:
    """Probability that the prints belong together."""
    return _from_event("reconstruction_confidence", inputs)
