"""Route and time: venues, condition families, spacing of fills, place in the session."""

import numpy as np

from smartmoney_pipeline.features.arrays import Bools, Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import ratio, share_of_contracts, total
from smartmoney_pipeline.features.registry import feature
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.schemas.packet_columns import CONDITION_BITS
from smartmoney_pipeline.schemas.units import NS_PER_MINUTE, NS_PER_MS


def _in_family(inputs: FeatureInputs, *families: ConditionFamily) -> Bools:
    return np.isin(inputs.packets["family"], [int(family) for family in families])


def _has_bit(inputs: FeatureInputs, *names: str) -> Bools:
    mask = sum(1 << CONDITION_BITS[name] for name in names)
    return (inputs.packets["condition_bits"] & mask) != 0


def _share_where(chosen: Bools, inputs: FeatureInputs) -> Floats:
    return share_of_contracts(np.where(chosen, inputs.contracts, 0.0), inputs)


@feature(formula="number of distinct OPRA participants", source="OPRA-SPEC", needs=("venue_mask",))
def venue_count(inputs: FeatureInputs) -> Floats:
    """Distinct participants over all member prints."""
    if not inputs.size:
        return np.empty(0)
    return np.bitwise_count(np.bitwise_or.reduceat(inputs.packets["venue_mask"], inputs.starts)).astype(np.float64)


@feature(formula="contracts under an intermarket-sweep code / contracts", source="OPRA-SPEC", needs=("iso_contracts", "contracts"))
def iso_share(inputs: FeatureInputs) -> Floats:
    """Contracts under an intermarket-sweep code."""
    return share_of_contracts(inputs.packets["iso_contracts"], inputs)


@feature(formula="contracts in packets of the single-leg auction family / contracts", source="OPRA-SPEC", needs=("family", "contracts"))
def auction_share(inputs: FeatureInputs) -> Floats:
    """Contracts in single-leg auction prints."""
    return _share_where(_in_family(inputs, ConditionFamily.SINGLE_AUCTION), inputs)


@feature(
    formula="contracts in single-leg auction prints of at most ten / contracts",
    source="NYSE-RETAIL-2023",
    needs=("family", "small_ticket_contracts", "contracts"),
)
def small_auction_share(inputs: FeatureInputs) -> Floats:
    """Contracts in single-leg auction prints of at most ten contracts."""
    auction = _in_family(inputs, ConditionFamily.SINGLE_AUCTION)
    return share_of_contracts(np.where(auction, inputs.packets["small_ticket_contracts"], 0), inputs)


@feature(
    formula="contracts in packets of a cross family or with a cross code / contracts",
    source="OPRA-SPEC",
    needs=("family", "condition_bits", "contracts"),
)
def cross_share(inputs: FeatureInputs) -> Floats:
    """Contracts in cross prints."""
    crosses = _in_family(inputs, ConditionFamily.SINGLE_CROSS, ConditionFamily.MULTI_CROSS)
    return _share_where(crosses | _has_bit(inputs, "cross"), inputs)


@feature(
    formula="contracts in packets of a floor family or with a floor code / contracts",
    source="OPRA-SPEC",
    needs=("family", "condition_bits", "contracts"),
)
def floor_share(inputs: FeatureInputs) -> Floats:
    """Contracts in floor prints."""
    floor = _in_family(inputs, ConditionFamily.FLOOR, ConditionFamily.MULTI_FLOOR)
    return _share_where(floor | _has_bit(inputs, "floor"), inputs)


@feature(
    formula="contracts in packets of a multi-leg family or with a multi-leg code / contracts",
    source="OPRA-SPEC",
    needs=("family", "condition_bits", "contracts"),
)
def complex_share(inputs: FeatureInputs) -> Floats:
    """Contracts under multi-leg codes."""
    families = (ConditionFamily.MULTI_AUTO, ConditionFamily.MULTI_AUCTION, ConditionFamily.MULTI_CROSS, ConditionFamily.MULTI_FLOOR)
    return _share_where(_in_family(inputs, *families) | _has_bit(inputs, "multi_leg"), inputs)


@feature(
    formula="contracts in packets of the stock-option family or with a stock-tied code / contracts",
    source="OPRA-SPEC",
    needs=("family", "condition_bits", "contracts"),
)
def stock_tied_share(inputs: FeatureInputs) -> Floats:
    """Contracts under stock-tied codes."""
    return _share_where(_in_family(inputs, ConditionFamily.STOCK_OPTION) | _has_bit(inputs, "stock_tied"), inputs)


@feature(
    formula="contracts in packets of the late family or with a late or out-of-sequence code / contracts",
    source="OPRA-SPEC",
    needs=("family", "condition_bits", "contracts"),
)
def late_share(inputs: FeatureInputs) -> Floats:
    """Contracts in late or out-of-sequence prints."""
    return _share_where(_in_family(inputs, ConditionFamily.LATE) | _has_bit(inputs, "late", "out_of_sequence"), inputs)


@feature(
    formula="contracts in packets of the extended-hours family or with such a code / contracts",
    source="OPRA-SPEC",
    needs=("family", "condition_bits", "contracts"),
)
def extended_hours_share(inputs: FeatureInputs) -> Floats:
    """Contracts in extended-hours prints."""
    return _share_where(_in_family(inputs, ConditionFamily.EXTENDED) | _has_bit(inputs, "extended_hours"), inputs)


def _span_ns(inputs: FeatureInputs) -> Floats:
    return (inputs.events["end_ts"] - inputs.events["start_ts"]).astype(np.float64)


@feature(formula="(end - start) / (prints - 1); null for one print", source="SEED", needs=("start_ts", "end_ts", "print_count"))
def inter_fill_ms(inputs: FeatureInputs) -> Floats:
    """Mean time between consecutive prints."""
    return ratio(_span_ns(inputs) / NS_PER_MS, total(inputs.packets["print_count"], inputs) - 1.0)


@feature(
    formula="deviation / mean of the gaps between consecutive packet starts; null below three packets or where all start at once",
    source="SEED",
    needs=("start_ts",),
)
def inter_fill_variation(inputs: FeatureInputs) -> Floats:
    """Irregularity of the packet starts: 0 a metronome, 1 like chance arrivals."""
    times = inputs.packets["start_ts"][np.lexsort((inputs.packets["start_ts"], inputs.event_row))]
    gaps = np.diff(times, prepend=times[:1]).astype(np.float64)
    gaps[inputs.starts] = 0.0
    count = np.diff(inputs.offsets) - 1.0
    mean = ratio(total(gaps, inputs), count)
    from_mean = gaps - mean[inputs.event_row]
    from_mean[inputs.starts] = 0.0
    deviation = np.sqrt(ratio(total(from_mean**2, inputs), count))
    return np.where(count >= 2, ratio(deviation, mean), np.nan)


def _session_minutes(inputs: FeatureInputs) -> float:
    return (inputs.session_close_ns - inputs.session_open_ns) / NS_PER_MINUTE


@feature(formula="start - open of the session, within 0 and its length", source="SEED", needs=("start_ts",))
def minutes_since_open(inputs: FeatureInputs) -> Floats:
    """Regular-session minutes before the first print."""
    return np.clip((inputs.events["start_ts"] - inputs.session_open_ns) / NS_PER_MINUTE, 0.0, _session_minutes(inputs))


@feature(formula="close of the session - start, within 0 and its length", source="SEED", needs=("start_ts",))
def minutes_to_close(inputs: FeatureInputs) -> Floats:
    """Regular-session minutes after the first print."""
    return np.clip((inputs.session_close_ns - inputs.events["start_ts"]) / NS_PER_MINUTE, 0.0, _session_minutes(inputs))
