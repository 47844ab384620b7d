"""Weights of ordinary flow in a calibration, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from smartmoney_pipeline.console.calibrate import with_share
from smartmoney_pipeline.console.calibration_figures import by_weight
from smartmoney_pipeline.profiles.calibration.design import Labelled

NOTHING: Any = None


def labelled(*truth: int) -> Labelled:
    return Labelled(NOTHING, np.array(truth), np.ones(len(truth)))


def test_ordinary_flow_is_weighted_to_its_share_over_all_sessions():
    """Two profile cases and six of none at a share of 0.6: each of none weighs 0.6 / 0.4 x 2 / 6 = 0.5."""
    first, second = with_share([labelled(0, 6, 6, 6), labelled(3, 6, 6, 6)], 0.6)
    assert first.weight.tolist() == pytest.approx([1.0, 0.5, 0.5, 0.5])
    assert second.weight.tolist() == pytest.approx([1.0, 0.5, 0.5, 0.5])


@pytest.mark.parametrize("truth", [(6, 6), (0, 1)])
def test_without_a_share_or_without_one_of_both_every_event_counts_once(truth):
    assert with_share([labelled(*truth)], 0.6)[0].weight.tolist() == [1.0, 1.0]
    assert with_share([labelled(0, 6)], None)[0].weight.tolist() == [1.0, 1.0]


def test_rows_that_stand_for_weights():
    """All of the heavier cases and about half of the lighter ones: 1,000 coins lie within 60 of 500 with a chance above 99.9 %."""
    weight = np.repeat([1.0, 0.5], 1_000)
    rows = by_weight(weight)
    assert (rows < 1_000).sum() == 1_000
    assert abs(int((rows >= 1_000).sum()) - 500) < 60
    assert len(by_weight(np.ones(5))) == 5
