"""Each profile's plain example is published, its near misses and the false positives of the plan are not.

`rule_cases.csv`: the event in market words, what is published (none: it abstains), the direction, and why. The expected answers were
written from section 2 of the evidence base and the plan.
"""

import pytest
from market_words import explained, table

from smartmoney_pipeline.profiles.vocabulary import NONE
from smartmoney_pipeline.schemas.codes import ProfileId

CASES = table("rule_cases.csv")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["story"])
def test_published_profile(case: dict[str, str]) -> None:
    answer = explained(case["base"], case["changes"])
    assert (answer.published or NONE, answer.direction) == (case["published"], case["direction"])
    assert bool(answer.abstention_reasons) == (answer.published is None)


def test_every_profile_has_examples_and_near_misses() -> None:
    published = {case["published"] for case in CASES}
    assert published == {*(str(profile) for profile in ProfileId), NONE}
    assert sum(case["why"].startswith("near miss") for case in CASES) >= 2 * len(ProfileId)
    assert sum(case["why"].startswith("false positive") for case in CASES) >= 20


def test_a_roll_is_ordinary_flow() -> None:
    """Structures are evidence, never outcomes: a roll speaks for none."""
    answer = explained("roll", "structure=roll")
    assert answer.likeliest == NONE
    assert "ROLL" in {line.code for line in answer.lines if line.profile == NONE}


def test_gamma_punch_is_evidence() -> None:
    codes = {line.code for line in explained("expiring index calls").lines if line.contribution > 0}
    assert "ZERO_DTE_GAMMA_PUNCH" in codes
