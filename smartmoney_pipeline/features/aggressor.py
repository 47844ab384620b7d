"""Aggressor mix and spread position: who crossed the spread, how surely, and where in the quote the prints lie."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import ratio, share_of_contracts, total
from smartmoney_pipeline.features.registry import feature

CHILD_CORRELATION = 0.7
MAX_EFFECTIVE_CHILDREN = 2.0
"""Children of one parent are one order in one state of the market: n_eff = 1 + (n - 1)(1 - rho), at most 2 counted."""


def _per_signed_contract(name: str, inputs: FeatureInputs) -> Floats:
    return ratio(total(inputs.packets[name], inputs), total(inputs.packets["signed_contracts"], inputs))


@feature(
    formula="sum of size x (2 p_buy - 1) over signed prints / signed contracts",
    source="BILZ-THESIS",
    needs=("aggressor_size_sum", "signed_contracts"),
)
def aggressor_mix(inputs: FeatureInputs) -> Floats:
    """Contract-weighted mean of 2 p_buy - 1; null where no print is signed, as in a package."""
    return _per_signed_contract("aggressor_size_sum", inputs)


@feature(
    formula="logistic(size-weighted mean log-odds x min(n_eff, 2)), n_eff = 1 + 0.3 (n - 1); "
    "for a package the probability that its leg signs as given are right",
    source="SEED",
    needs=("logit_size_sum", "signed_contracts", "print_count", "package_buy_probability"),
)
def buy_probability(inputs: FeatureInputs) -> Floats:
    """Probability that the parent was bought; for a package, that its legs were traded with the signs as given."""
    prints = total(inputs.packets["print_count"], inputs)
    effective = np.minimum(1.0 + (prints - 1.0) * (1.0 - CHILD_CORRELATION), MAX_EFFECTIVE_CHILDREN)
    single = 1.0 / (1.0 + np.exp(-_per_signed_contract("logit_size_sum", inputs) * effective))
    package = inputs.events["package_buy_probability"]
    return np.where(np.isfinite(package), package, single)


@feature(formula="contracts lifted at or above the ask / signed contracts", source="BILZ-THESIS", needs=("ask_lift_contracts",))
def ask_lift_share(inputs: FeatureInputs) -> Floats:
    """Signed contracts bought at or above the ask."""
    return _per_signed_contract("ask_lift_contracts", inputs)


@feature(formula="contracts sold at or below the bid / signed contracts", source="BILZ-THESIS", needs=("bid_hit_contracts",))
def bid_hit_share(inputs: FeatureInputs) -> Floats:
    """Signed contracts sold at or below the bid."""
    return _per_signed_contract("bid_hit_contracts", inputs)


@feature(
    formula="(contracts at the mid + inside the quote) / contracts; null where no print had a sound quote",
    source="SW2003",
    needs=("mid_contracts", "inside_contracts", "contracts", "quoted_contracts"),
)
def inside_share(inputs: FeatureInputs) -> Floats:
    """Contracts inside the quote or at the mid."""
    inside = inputs.packets["mid_contracts"] + inputs.packets["inside_contracts"]
    return np.where(total(inputs.packets["quoted_contracts"], inputs) > 0, share_of_contracts(inside, inputs), np.nan)


@feature(
    formula="contracts outside the quote / contracts; null where no print had a sound quote",
    source="SW2003",
    needs=("outside_contracts", "contracts", "quoted_contracts"),
)
def outside_share(inputs: FeatureInputs) -> Floats:
    """Contracts outside the quote."""
    quoted = total(inputs.packets["quoted_contracts"], inputs) > 0
    return np.where(quoted, share_of_contracts(inputs.packets["outside_contracts"], inputs), np.nan)


@feature(
    formula="sum of size x (price - bid) / (ask - bid) over quoted contracts / quoted contracts",
    source="BILZ-THESIS",
    needs=("spread_position_size_sum", "quoted_contracts"),
)
def spread_position(inputs: FeatureInputs) -> Floats:
    """Contract-weighted place in the spread: 0 the bid, 1 the ask."""
    return ratio(total(inputs.packets["spread_position_size_sum"], inputs), total(inputs.packets["quoted_contracts"], inputs))


@feature(
    formula="sum of size x share of the quote lags (1, 10, 100 ms) that give the same sign / signed contracts; "
    "null where no lagged quote was seen",
    source="SEED",
    needs=("stability_size_sum", "signed_contracts", "aggressor_size_sum"),
)
def sign_stability(inputs: FeatureInputs) -> Floats:
    """Agreement of the sign over quote lags. A sign that agrees with no lag has no log-odds, so a sum of 0 beside a side is unknown."""
    stability = _per_signed_contract("stability_size_sum", inputs)
    unseen = (stability == 0.0) & (total(inputs.packets["aggressor_size_sum"], inputs) != 0.0)
    return np.where(unseen, np.nan, stability)


@feature(
    formula="min(bought, sold) / max(bought, sold) in contracts; null where nothing is signed",
    source="SEED",
    needs=("buy_contracts", "sell_contracts"),
)
def two_sidedness(inputs: FeatureInputs) -> Floats:
    """Smaller over larger of bought and sold contracts."""
    bought, sold = total(inputs.packets["buy_contracts"], inputs), total(inputs.packets["sell_contracts"], inputs)
    return ratio(np.minimum(bought, sold), np.maximum(bought, sold))
