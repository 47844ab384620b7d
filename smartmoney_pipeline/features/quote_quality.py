"""State of the quotes behind the prints: soundness, age, width and widening."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import at_opening, largest, ratio, share_of_contracts, total, weighted_mean
from smartmoney_pipeline.features.registry import feature

US_PER_MS = 1000.0


@feature(formula="contracts with a sound two-sided quote / contracts", source="SEED", needs=("quoted_contracts", "contracts"))
def quoted_share(inputs: FeatureInputs) -> Floats:
    """Contracts with a two-sided quote that is neither locked nor crossed."""
    return share_of_contracts(inputs.packets["quoted_contracts"], inputs)


@feature(
    formula="sum of size x quote age / contracts whose quote age is known",
    source="SEED",
    needs=("age_us_sum", "age_known_contracts"),
)
def quote_age_ms(inputs: FeatureInputs) -> Floats:
    """Contract-weighted age of the quote."""
    return ratio(total(inputs.packets["age_us_sum"], inputs), total(inputs.packets["age_known_contracts"], inputs)) / US_PER_MS


@feature(formula="greatest known quote age", source="SEED", needs=("age_us_max",))
def quote_age_ms_max(inputs: FeatureInputs) -> Floats:
    """Greatest age of the quote."""
    age = inputs.packets["age_us_max"].astype(np.float64)
    return largest(np.where(age >= 0, age, np.nan), inputs) / US_PER_MS


@feature(
    formula="contracts on a quote older than the stale limit / contracts whose quote age is known",
    source="SEED",
    needs=("stale_contracts", "age_known_contracts"),
)
def stale_share(inputs: FeatureInputs) -> Floats:
    """Contracts on a stale quote, among those whose quote age is known."""
    return ratio(total(inputs.packets["stale_contracts"], inputs), total(inputs.packets["age_known_contracts"], inputs))


@feature(
    formula="contracts on a locked or crossed quote / contracts",
    source="SEED",
    needs=("locked_contracts", "crossed_contracts", "contracts"),
)
def crossed_or_locked_share(inputs: FeatureInputs) -> Floats:
    """Contracts on a crossed or locked quote."""
    return share_of_contracts(inputs.packets["locked_contracts"] + inputs.packets["crossed_contracts"], inputs)


@feature(
    formula="sum of size x (ask - bid) / mid over quoted contracts / quoted contracts",
    source="BPS2023",
    needs=("relative_spread_size_sum", "quoted_contracts"),
)
def relative_spread(inputs: FeatureInputs) -> Floats:
    """Contract-weighted relative spread."""
    return ratio(total(inputs.packets["relative_spread_size_sum"], inputs), total(inputs.packets["quoted_contracts"], inputs))


def _width(bid: Floats, ask: Floats) -> Floats:
    """Width of a sound two-sided quote, ticks; NaN for any other quote."""
    return np.where((bid > 0) & (ask > bid), (ask - bid).astype(np.float64), np.nan)


@feature(
    formula="(ask - bid before the first print) / (ask - bid 30 to 60 s earlier) - 1, per contract at its first packet, by contracts",
    source="ABS2019",
    needs=("bid_first", "ask_first", "ref_bid_first", "ref_ask_first", "contracts"),
)
def spread_widening(inputs: FeatureInputs) -> Floats:
    """Relative widening of the quoted spread before the event."""
    packets = inputs.packets
    now = _width(packets["bid_first"], packets["ask_first"])
    before = _width(packets["ref_bid_first"], packets["ref_ask_first"])
    opening = at_opening(now / before - 1.0, inputs)
    weights = np.where(np.isfinite(at_opening(inputs.contracts, inputs)), inputs.contracts, 0.0)
    return weighted_mean(opening, weights, inputs, known_share=0.5)
