"""Points of the curves in a calibration file, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from smartmoney_pipeline.console.calibration_figures import curves, judged
from smartmoney_pipeline.profiles.calibration.design import Labelled

NOTHING: Any = None


def said(*groups: tuple[float, int, int], weight: float = 1.0) -> tuple[np.ndarray, Labelled]:
    """Events that state the first class with a probability: (probability, how many, how many of them are right)."""
    probability = np.concatenate([np.full(count, top) for top, count, _ in groups])
    right = np.concatenate([np.arange(count) < good for _, count, good in groups])
    stated = np.column_stack([probability, *([(1 - probability) / 6] * 6)])
    return stated, Labelled(NOTHING, np.where(right, 0, 1), np.full(len(stated), weight))


def test_reliability_is_the_share_right_where_so_much_was_stated():
    """25 of 50 are right at 60 %; 30 of 50 near 90 % and 38 of 50 there: 68 of 100. No event states 75 %, and shares may fall."""
    stated, labelled = said((0.6, 50, 25), (0.89, 50, 30), (0.91, 50, 38), (1.0, 50, 20))
    found = curves([stated], [labelled])
    points = {name: value for name, value in found.items() if name.startswith("reliability_")}
    assert points == {"reliability_60": 0.5, "reliability_90": 0.68, "reliability_100": 0.4}


def test_a_probability_that_few_events_state_has_no_point():
    stated, labelled = said((0.4, 29, 10), (0.9, 40, 36))
    assert [name for name in curves([stated], [labelled]) if name.startswith("reliability_")] == ["reliability_90"]


def test_risk_is_the_share_wrong_among_the_most_confident():
    """The first half is wrong in 4 of 40 cases, all in 20 of 80. Between them the curve is straight: 0.175 at three quarters."""
    stated, labelled = said((0.9, 40, 36), (0.6, 40, 24))
    found = curves([stated], [labelled])
    assert found["risk_at_50"] == pytest.approx(0.1)
    assert found["risk_at_100"] == pytest.approx(0.25)
    assert found["risk_at_75"] == pytest.approx(0.175)
    assert not any(name in found for name in ("risk_at_05", "risk_at_45"))


def test_sessions_are_pooled_and_even_weights_change_nothing():
    first, second = said((0.9, 40, 36)), said((0.6, 40, 24), weight=1.0)
    whole = said((0.9, 40, 36), (0.6, 40, 24), weight=0.5)
    one = curves([first[0], second[0]], [first[1], second[1]])
    assert one == curves([whole[0]], [whole[1]])
    assert judged([first[0], second[0]], [first[1], second[1]]) == judged([whole[0]], [whole[1]])
