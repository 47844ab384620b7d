"""Every feature has one worked example, and the example tells the feature from its nearest wrong version."""

import examples_of_context
import examples_of_size
import examples_of_trading
import numpy as np
import pytest
from worked_example import Example

from smartmoney_pipeline.features.build import build
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

EXAMPLES = [*examples_of_size.EXAMPLES, *examples_of_trading.EXAMPLES, *examples_of_context.EXAMPLES]


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.feature)
def test_value_is_the_one_worked_out_by_hand(case: Example) -> None:
    value = build(case.inputs)[case.feature].iloc[0]
    assert float(value) == pytest.approx(case.expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.feature)
def test_the_nearest_wrong_version_would_fail(case: Example) -> None:
    """Guards the table itself: an example that a wrong version passes shows nothing."""
    assert case.mistake
    assert not np.isclose(case.expected, case.wrong, rtol=1e-6, atol=1e-9)


def test_every_feature_has_exactly_one_example() -> None:
    assert sorted(FEATURE_NAMES) == sorted(case.feature for case in EXAMPLES)
