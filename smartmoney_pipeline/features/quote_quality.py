"""State of the quotes behind the prints: soundness, age, width and widening."""

import numpy as np

from smartmoney_pipeline.features.aggressor import aggressor_mix
from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import at_opening, largest, ratio, share_of_contracts, total, weighted_mean
from smartmoney_pipeline.features.registry import feature
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

US_PER_MS = 1000.0
US_PER_SECOND = 1e6


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


def _half_spreads(move_usd: Floats, inputs: FeatureInputs) -> Floats:
    """A move of the underlying, USD, as what it does to each packet's option, in half-spreads of its quote."""
    half = _width(inputs.packets["bid_first"], inputs.packets["ask_first"]) / (2.0 * TICKS_PER_DOLLAR)
    return ratio(np.abs(inputs.packets["delta_first"] * move_usd), half)


@feature(
    formula="|delta x (underlying mid - its mid 30 to 60 s earlier)| / half-spread where the option's quote is still the one of then, "
    "else 0; by contracts",
    source="SEED",
    needs=("bid_first", "ask_first", "ref_bid_first", "ref_ask_first", "ref_mid_u_first", "delta_first"),
)
def quote_drift_half_spreads(inputs: FeatureInputs) -> Floats:
    """How far the underlying left a quote that did not follow: from 1 on, the fair price has crossed bid or ask."""
    packets = inputs.packets
    stands = (packets["bid_first"] == packets["ref_bid_first"]) & (packets["ask_first"] == packets["ref_ask_first"])
    drift = _half_spreads(inputs.underlying_price - packets["ref_mid_u_first"], inputs)
    return weighted_mean(np.where(stands | np.isnan(drift), drift, 0.0), inputs.contracts, inputs, known_share=0.5)


@feature(
    formula="|delta| x underlying price x deviation of one-second returns x sqrt(quote age in s) / half-spread, by contracts",
    source="SEED",
    needs=("age_us_sum", "age_known_contracts", "u_sigma_1s_first", "delta_first", "bid_first", "ask_first"),
)
def quote_age_move_half_spreads(inputs: FeatureInputs) -> Floats:
    """How far the underlying usually moves in the age of the quote: the same age says more of a lively name and a narrow quote."""
    packets = inputs.packets
    age = ratio(packets["age_us_sum"], packets["age_known_contracts"]) / US_PER_SECOND
    move = inputs.underlying_price * packets["u_sigma_1s_first"] * np.sqrt(age)
    return weighted_mean(_half_spreads(move, inputs), inputs.contracts, inputs, known_share=0.5)


@feature(
    formula="largest over packets of largest print / size quoted at the ask (bought on balance) or at the bid (sold); null without a side",
    source="BPS2023",
    needs=("size_max", "bid_size_first", "ask_size_first", "aggressor_size_sum"),
)
def largest_print_over_depth(inputs: FeatureInputs) -> Floats:
    """Size against the displayed depth that it took."""
    bought = aggressor_mix(inputs)[inputs.event_row]
    depth = np.where(bought > 0, inputs.packets["ask_size_first"], inputs.packets["bid_size_first"]).astype(np.float64)
    known = (depth > 0) & (np.abs(bought) > 0)
    return largest(np.where(known, ratio(inputs.packets["size_max"], np.where(known, depth, np.nan)), np.nan), inputs)
