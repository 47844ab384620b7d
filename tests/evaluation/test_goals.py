"""What is said of a figure without a verdict: no case, too few of them, or a figure that no number of cases gives."""

import pytest

from smartmoney_pipeline.evaluation.decisions import Figure
from smartmoney_pipeline.evaluation.goals import goal_of
from smartmoney_pipeline.evaluation.verdicts import Verdict


@pytest.mark.parametrize(
    ("cases", "words"),
    [(0, "no case"), (99, "too few cases"), (100, "cannot be had")],  # a hundred cases are asked for by the goal's own text
)
def test_a_null_figure_says_why(cases: int, words: str) -> None:
    goal = goal_of("precision_at_coverage", None)
    assert goal is not None
    assert goal.met(None, cases) is None
    assert Verdict(Figure("precision_at_coverage", None, cases, None), goal, None, None).said == words
