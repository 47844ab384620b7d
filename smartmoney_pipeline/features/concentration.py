"""Concentration of an event in strikes and expiries."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import largest_group_share, share_of_contracts
from smartmoney_pipeline.features.registry import feature


@feature(formula="largest strike's premium / premium", source="SEED", needs=("strike", "premium_ticks", "multiplier"))
def strike_concentration(inputs: FeatureInputs) -> Floats:
    """Largest strike's share of premium; a strike's calls and puts count together."""
    return largest_group_share(inputs.groups("strike"), inputs.premium_usd)


@feature(formula="largest expiry's premium / premium", source="SEED", needs=("expiry_day", "premium_ticks", "multiplier"))
def expiry_concentration(inputs: FeatureInputs) -> Floats:
    """Largest expiry's share of premium."""
    return largest_group_share(inputs.groups("expiry_day"), inputs.premium_usd)


@feature(formula="number of distinct strikes", source="SEED", needs=("strike",))
def strike_count(inputs: FeatureInputs) -> Floats:
    """Distinct strikes."""
    return inputs.groups("strike").count()


@feature(formula="number of distinct contracts", source="SEED", needs=("contract",))
def leg_count(inputs: FeatureInputs) -> Floats:
    """Distinct option contracts."""
    return inputs.groups("contract").count()


@feature(formula="contracts that are calls / contracts", source="SEED", needs=("is_call", "contracts"))
def call_share(inputs: FeatureInputs) -> Floats:
    """Contracts that are calls."""
    return share_of_contracts(np.where(inputs.terms.is_call, inputs.contracts, 0.0), inputs)
