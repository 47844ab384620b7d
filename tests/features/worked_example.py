"""What a worked example is: inputs, the value by hand, and what the nearest wrong version would give."""

from typing import NamedTuple

from tiny_inputs import one_event

from smartmoney_pipeline.features.inputs import FeatureInputs


class Example(NamedTuple):
    feature: str
    inputs: FeatureInputs
    expected: float
    wrong: float
    mistake: str


def example(feature: str, expected: float, wrong: float, mistake: str, *packets: dict, **context: dict) -> Example:
    return Example(feature, one_event(*packets, **context), expected, wrong, mistake)
