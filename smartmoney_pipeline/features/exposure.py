"""Signed exposure of packets: the side of each, given the likely reading of the event. Shared by the structure and underlying families."""

import numpy as np

from smartmoney_pipeline.features.aggressor import aggressor_mix, buy_probability
from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import known_total, largest, ratio, smallest
from smartmoney_pipeline.features.registry import once


@once
def packet_side(inputs: FeatureInputs) -> Floats:
    """Side of each packet: +1 bought, -1 sold, NaN unknown.

    A package takes its leg signs as given, all reversed where that reading is likelier, and is unknown where any leg has none.
    Any other event takes the sign of its aggressor mix for all its packets.
    """
    signs = inputs.packets["leg_sign"].astype(np.float64)
    package = largest(np.abs(signs), inputs) > 0
    complete = smallest(np.abs(signs), inputs) > 0
    reversed_side = inputs.events["package_buy_probability"] < 0.5
    orientation = np.where(complete, np.where(reversed_side, -1.0, 1.0), np.nan)
    mix = aggressor_mix(inputs)
    single = np.where(mix == 0, np.nan, np.sign(mix))
    row = inputs.event_row
    return np.where(package[row], signs * orientation[row], single[row])


@once
def side_certainty(inputs: FeatureInputs) -> Floats:
    """|2 p - 1| of the probability that the event was bought (or that its leg signs are right)."""
    return np.abs(2.0 * buy_probability(inputs) - 1.0)


def net(per_packet: Floats, inputs: FeatureInputs) -> Floats:
    """Signed sum of an exposure; NaN where the side is unknown, or the exposure of over a tenth of the contracts."""
    return known_total(packet_side(inputs) * per_packet, inputs.contracts, inputs)


def net_over_gross(per_packet: Floats, inputs: FeatureInputs) -> Floats:
    """Signed sum over the sum of absolute values, in [-1, 1]."""
    gross = known_total(np.abs(per_packet), inputs.contracts, inputs)
    return np.clip(ratio(net(per_packet, inputs), gross), -1.0, 1.0)
