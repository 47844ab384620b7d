"""Packets to events in one pass: sums, extremes, weighted means and group shares over sorted packets. No loop over events."""

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.features.arrays import Bools, Floats
from smartmoney_pipeline.features.groups import Groups
from smartmoney_pipeline.features.inputs import FeatureInputs

KNOWN_SHARE = 0.9
"""A sum or mean over packets stands only where the packets with a known value hold at least this share of the weight. A seed."""


def total(values: NDArray, inputs: FeatureInputs) -> Floats:
    """Sum over the packets of each event, float64[events]; NaN where any packet is NaN."""
    return _reduced(np.add, values, inputs)


def largest(values: NDArray, inputs: FeatureInputs) -> Floats:
    """Greatest known value over the packets of each event; NaN where none is known."""
    return _reduced(np.fmax, values, inputs)


def smallest(values: NDArray, inputs: FeatureInputs) -> Floats:
    """Least known value over the packets of each event; NaN where none is known."""
    return _reduced(np.fmin, values, inputs)


def _reduced(operation: np.ufunc, values: NDArray, inputs: FeatureInputs) -> Floats:
    """The operation over the packets of each event; of a single packet it is the value itself."""
    own = values.astype(np.float64, copy=False)
    return own if inputs.one_packet_each else operation.reduceat(own, inputs.starts)


def first(values: NDArray, inputs: FeatureInputs) -> NDArray:
    """Value of each event's first packet, in tape order."""
    return values if inputs.one_packet_each else values[inputs.starts]


def ratio(numerator: NDArray, denominator: NDArray) -> Floats:
    """Quotient, NaN where the denominator is zero or unknown."""
    top, bottom = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)


def share_of_contracts(counted: NDArray, inputs: FeatureInputs) -> Floats:
    """Share of the event's contracts that `counted` (contracts per packet) makes up."""
    return ratio(total(counted, inputs), total(inputs.contracts, inputs))


def known_total(values: Floats, weights: Floats, inputs: FeatureInputs) -> Floats:
    """Sum of the known values; NaN where these hold less than KNOWN_SHARE of the event's `weights`."""
    return np.where(_known_enough(values, weights, inputs, KNOWN_SHARE), total(np.nan_to_num(values), inputs), np.nan)


def weighted_mean(values: Floats, weights: Floats, inputs: FeatureInputs, known_share: float = KNOWN_SHARE) -> Floats:
    """Weighted mean of the known values; NaN where these hold less than `known_share` of the weight, or no weight at all."""
    usable = np.isfinite(values) & (weights > 0)
    top = total(np.where(usable, values * weights, 0.0), inputs)
    mean = ratio(top, total(np.where(usable, weights, 0.0), inputs))
    return np.where(_known_enough(values, weights, inputs, known_share), mean, np.nan)


def _known_enough(values: Floats, weights: Floats, inputs: FeatureInputs, known_share: float) -> Bools:
    weight = np.nan_to_num(weights)
    known = total(np.where(np.isfinite(values), weight, 0.0), inputs)
    return (known > 0) & (known >= known_share * total(weight, inputs) - 1e-9)


def largest_group_share(groups: Groups, values: Floats) -> Floats:
    """Greatest group's share of the event's sum of `values`."""
    per_group = groups.totals(values)
    return ratio(groups.event_max(per_group), groups.event_sum(per_group))


def at_opening(values: Floats, inputs: FeatureInputs) -> Floats:
    """Keep `values` of each contract's first packet within its event, NaN for later ones: state from before the event."""
    if inputs.one_packet_each:
        return values
    kept = np.full(len(values), np.nan)
    rows = inputs.groups("contract").first_rows()
    kept[rows] = values[rows]
    return kept
