"""Size of a parent event: contracts, premium, delta dollars, and shares of volume and open interest."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import (
    first,
    known_total,
    largest,
    ratio,
    share_of_contracts,
    total,
)
from smartmoney_pipeline.features.registry import feature

MIN_BASELINE_PRINTS = 20
"""Earlier prints of the underlying below which a premium has nothing to be compared with. A seed."""


@feature(formula="sum of size", source="SEED", needs=("contracts",))
def contracts(inputs: FeatureInputs) -> Floats:
    """Contracts over all member prints."""
    return total(inputs.contracts, inputs)


@feature(formula="number of member prints", source="SEED", needs=("print_count",))
def print_count(inputs: FeatureInputs) -> Floats:
    """Member prints."""
    return total(inputs.packets["print_count"], inputs)


@feature(formula="sum of price x size x multiplier", source="SEED", needs=("premium_ticks", "multiplier"))
def premium_usd(inputs: FeatureInputs) -> Floats:
    """Premium in USD."""
    return total(inputs.premium_usd, inputs)


@feature(
    formula="sum of |delta| x size x multiplier x underlying price; null where packets without a delta hold over 10 % of the contracts",
    source="SEED",
    needs=("delta_first", "contracts", "multiplier", "u_bid_first", "u_ask_first"),
)
def delta_notional_usd(inputs: FeatureInputs) -> Floats:
    """Delta dollars, gross."""
    gross = np.abs(inputs.packets["delta_first"]) * inputs.shares * inputs.underlying_price
    return known_total(gross, inputs.contracts, inputs)


@feature(formula="greatest size of a member print", source="SEED", needs=("size_max",))
def largest_print_contracts(inputs: FeatureInputs) -> Floats:
    """Largest member print."""
    return largest(inputs.packets["size_max"], inputs)


@feature(
    formula="(ln premium - mean) / deviation, both of ln premium of the underlying's earlier prints; null below 20 prints",
    source="SEED",
    needs=("premium_ticks", "premium_log_mean_first", "premium_log_var_first", "premium_count_before"),
)
def premium_z(inputs: FeatureInputs) -> Floats:
    """Ln premium against the underlying's earlier prints of the session."""
    mean = first(inputs.packets["premium_log_mean_first"], inputs)
    variance = first(inputs.packets["premium_log_var_first"], inputs)
    enough = first(inputs.packets["premium_count_before"], inputs) >= MIN_BASELINE_PRINTS
    deviation = np.sqrt(np.where(enough & (variance > 0), variance, np.nan))
    return (np.log(total(inputs.premium_usd, inputs)) - mean) / deviation


@feature(
    formula="contracts / volume of its contracts so far, this event included",
    source="SEED",
    needs=("contracts", "contract", "contract_volume_before"),
)
def contract_volume_share(inputs: FeatureInputs) -> Floats:
    """Share of the volume of its contracts so far."""
    groups = inputs.groups("contract")
    own = groups.totals(inputs.contracts)
    so_far = groups.peaks(inputs.packets["contract_volume_before"] + inputs.contracts)
    return ratio(groups.event_sum(own), groups.event_sum(np.maximum(so_far, own)))


@feature(
    formula="contracts / option volume of the underlying so far, this event included",
    source="SEED",
    needs=("contracts", "underlying_volume_before"),
)
def underlying_volume_share(inputs: FeatureInputs) -> Floats:
    """Share of the underlying's option volume so far."""
    own = total(inputs.contracts, inputs)
    so_far = largest(inputs.packets["underlying_volume_before"] + inputs.contracts, inputs)
    return ratio(own, np.maximum(so_far, own))


@feature(
    formula="contracts / start-of-day open interest of its contracts; an open interest of 0 counts as 1",
    source="SEED",
    needs=("contracts", "contract", "open_interest"),
)
def open_interest_share(inputs: FeatureInputs) -> Floats:
    """Contracts over start-of-day open interest."""
    groups = inputs.groups("contract")
    held = groups.event_sum(groups.peaks(inputs.terms.open_interest))
    return ratio(total(inputs.contracts, inputs), np.maximum(held, 1.0))


@feature(formula="contracts in prints of at most ten / contracts", source="NYSE-RETAIL-2023", needs=("small_ticket_contracts", "contracts"))
def small_ticket_share(inputs: FeatureInputs) -> Floats:
    """Contracts in prints of at most ten contracts."""
    return share_of_contracts(inputs.packets["small_ticket_contracts"], inputs)


@feature(
    formula="prints with the size of their packet's first print / prints",
    source="SEED",
    needs=("same_size_prints", "print_count"),
)
def same_size_share(inputs: FeatureInputs) -> Floats:
    """Prints that have the size of their packet's first print."""
    return ratio(total(inputs.packets["same_size_prints"], inputs), total(inputs.packets["print_count"], inputs))


@feature(
    formula="sqrt(mean of size^2 - mean^2) / mean over member prints; null for one print",
    source="SEED",
    needs=("size_square_sum", "contracts", "print_count"),
)
def size_variation(inputs: FeatureInputs) -> Floats:
    """Deviation of print sizes over their mean."""
    prints = total(inputs.packets["print_count"], inputs)
    mean = ratio(total(inputs.contracts, inputs), prints)
    square = ratio(total(inputs.packets["size_square_sum"], inputs), prints)
    variation = np.sqrt(np.maximum(square - mean**2, 0.0)) / mean
    return np.where(prints >= 2, variation, np.nan)


@feature(
    formula="contracts / 99th percentile of the underlying's earlier print sizes of the session; null below 100 earlier prints",
    source="SEED",
    needs=("contracts", "size_p99_first"),
)
def contracts_over_own_p99(inputs: FeatureInputs) -> Floats:
    """Contracts against the largest sizes that are usual in this underlying: 1 is the 99th percentile."""
    return ratio(total(inputs.contracts, inputs), first(inputs.packets["size_p99_first"], inputs))


@feature(
    formula="contracts / option volume of the underlying between the first and the last packet, both included",
    source="LMF2005",
    needs=("contracts", "underlying_volume_before"),
)
def participation_share(inputs: FeatureInputs) -> Floats:
    """Share of the underlying's option volume while the event lasted; 1 for a single packet."""
    before = inputs.packets["underlying_volume_before"]
    own = total(inputs.contracts, inputs)
    window = largest(before + inputs.contracts, inputs) - first(before, inputs)
    return ratio(own, np.maximum(window, own))
