"""The decision: thresholds of design decision D11, reasons, and bands. Expected answers by hand from those thresholds."""

from dataclasses import replace

import numpy as np
import pytest
from flows import PLAIN, SWEEP, flow

from smartmoney_pipeline.profiles.decision import confidence_bands, decide
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.scored import Scored
from smartmoney_pipeline.schemas.codes import AbstentionReason, ConfidenceBand

R = AbstentionReason


def _published(**changes: float) -> Scored:
    """The sweep, which is published, with one figure of the decision changed."""
    scored = score(flow(SWEEP))
    arrays = {name: np.full_like(getattr(scored, name), value) for name, value in changes.items()}
    return replace(scored, **arrays)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"firm_probability": 0.65}, []),
        ({"firm_probability": 0.6499}, [R.LOW_PROBABILITY]),
        ({"firm_margin": 0.15}, []),
        ({"firm_margin": 0.1499}, [R.LOW_MARGIN]),
        ({"firm_width": 0.30}, []),
        ({"firm_width": 0.3001}, [R.WIDE_BAND]),
        ({"observed": 0.5}, []),
        ({"observed": 0.4999}, [R.TOO_LITTLE_OBSERVED]),
        ({"vetoed": True}, [R.VETOED]),
        ({"firm_probability": 0.5, "firm_margin": 0.0}, [R.LOW_PROBABILITY, R.LOW_MARGIN]),
    ],
)
def test_threshold(changes: dict, reasons: list) -> None:
    decision = decide(_published(**changes))
    assert decision.abstention_reasons(0) == reasons
    assert bool(decision.abstained[0]) == bool(reasons)


def test_none_gives_no_profile_alone() -> None:
    decision = decide(score(flow(PLAIN)))
    assert decision.abstention_reasons(0) == [R.NO_PROFILE]
    assert decision.primary[0] == -1
    assert decision.likeliest[0] == 6


def test_data_quality_is_stated_beside_no_profile() -> None:
    assert decide(score(flow(PLAIN, quote_drift_half_spreads=1.5))).abstention_reasons(0) == [R.NO_PROFILE, R.STALE_QUOTES]


def test_published_probability_and_margin_pass_as_published() -> None:
    """What is read in the decision is never above what is published."""
    scored = score(flow(SWEEP))
    ranked = np.sort(scored.probability[0])
    assert ranked[-1] >= scored.firm_probability[0] >= 0.65
    assert ranked[-1] - ranked[-2] >= scored.firm_margin[0] >= 0.15


def test_confidence_band_by_width() -> None:
    names = [list(ConfidenceBand)[code] for code in confidence_bands(np.array([0.0, 0.15, 0.16, 0.30, 0.31]))]
    assert names == ["high", "high", "medium", "medium", "low"]
