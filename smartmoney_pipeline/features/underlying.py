"""Link to the underlying: its move before the event, how the event leans against it, and how busy its options are."""

import numpy as np

from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.exposure import net, side_certainty
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import first, largest, ratio, total
from smartmoney_pipeline.features.registry import feature

MOVE_SECONDS = 30.0
SESSIONS_PER_YEAR = 252.0


@feature(
    formula="30 s log return before the first print / (deviation of one-second returns x sqrt(30))",
    source="SEED",
    needs=("u_return_30s_first", "u_sigma_1s_first"),
)
def underlying_move_sigmas(inputs: FeatureInputs) -> Floats:
    """Move of the underlying before the event in its own deviations, signed."""
    deviation = first(inputs.packets["u_sigma_1s_first"], inputs) * np.sqrt(MOVE_SECONDS)
    return ratio(first(inputs.packets["u_return_30s_first"], inputs), np.where(deviation > 0, deviation, np.nan))


@feature(formula="ln(mid before the first print / first mid of the day)", source="BAL2021", needs=("u_return_open_first",))
def underlying_return_open(inputs: FeatureInputs) -> Floats:
    """Return of the underlying since its first quote of the day."""
    return first(inputs.packets["u_return_open_first"], inputs).astype(np.float64)


@feature(
    formula="sign(net delta) x sign(30 s move) x |2 p - 1|, p the probability of the side",
    source="DEV2024",
    needs=("delta_first", "leg_sign", "aggressor_size_sum", "u_return_30s_first", "logit_size_sum"),
)
def underlying_move_alignment(inputs: FeatureInputs) -> Floats:
    """Whether the event leans with (+) or against (-) the move just before it."""
    lean = np.sign(net(inputs.packets["delta_first"] * inputs.shares, inputs))
    move = np.sign(first(inputs.packets["u_return_30s_first"], inputs))
    return lean * move * side_certainty(inputs)


@feature(formula="1 for an index or a broad fund, else 0", source="SEED", needs=("underlying",))
def index_or_etf(inputs: FeatureInputs) -> Floats:
    """The underlying is an index or a broad fund."""
    return inputs.underlyings.index_or_etf[inputs.events["underlying"]]


@feature(
    formula="(ln(option volume so far, this event included) - mean) / deviation of ln(volume of past whole sessions)",
    source="ABS2019",
    needs=("underlying_volume_before", "contracts", "log_volume_mean", "log_volume_deviation"),
)
def attention_z(inputs: FeatureInputs) -> Floats:
    """Option volume of the day so far against past whole sessions: high only once the day is already busy."""
    own = total(inputs.contracts, inputs)
    so_far = np.maximum(largest(inputs.packets["underlying_volume_before"] + inputs.contracts, inputs), own)
    context, rows = inputs.underlyings, inputs.events["underlying"]
    return ratio(np.log(so_far) - context.log_volume_mean[rows], context.log_volume_deviation[rows])


@feature(formula="exp(mean of ln(option volume of past sessions))", source="SEED", needs=("log_volume_mean",))
def usual_option_volume(inputs: FeatureInputs) -> Floats:
    """Option contracts of a usual past session; null without history."""
    return np.exp(inputs.underlyings.log_volume_mean[inputs.events["underlying"]])


@feature(
    formula="return since the open / (trailing realised volatility of past sessions / sqrt(252))",
    source="SEED",
    needs=("u_return_open_first", "realised_volatility"),
)
def day_return_sigmas(inputs: FeatureInputs) -> Floats:
    """Return of the day so far in deviations of one session, signed; null without history."""
    daily = inputs.underlyings.realised_volatility[inputs.events["underlying"]] / np.sqrt(SESSIONS_PER_YEAR)
    return ratio(underlying_return_open(inputs), np.where(daily > 0, daily, np.nan))


@feature(
    formula="sign(net delta) x sign(return since the open) x |2 p - 1|, p the probability of the side",
    source="BAL2021",
    needs=("delta_first", "leg_sign", "aggressor_size_sum", "u_return_open_first", "logit_size_sum"),
)
def day_move_alignment(inputs: FeatureInputs) -> Floats:
    """Whether the event leans with (+) or against (-) the move of the day so far."""
    lean = np.sign(net(inputs.packets["delta_first"] * inputs.shares, inputs))
    return lean * np.sign(underlying_return_open(inputs)) * side_certainty(inputs)
