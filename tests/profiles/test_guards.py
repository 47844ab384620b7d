"""Guards, with near misses on both sides of each condition. `guard_twins.csv`: what stops the event, and the change that lets it pass."""

from collections import Counter

import pytest
from market_words import explained, table

from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.profiles.vocabulary import Effect
from smartmoney_pipeline.schemas.codes import AbstentionReason

TWINS = table("guard_twins.csv")


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin['guard']} {twin['fires']}")
def test_guard_fires_on_one_side_only(twin: dict[str, str]) -> None:
    stopped, passed = (explained(twin["base"], twin["given"], twin[side]) for side in ("fires", "passes"))
    assert twin["guard"] in stopped.guards
    assert twin["guard"] not in passed.guards
    if twin["reason"]:
        assert twin["reason"] in stopped.abstention_reasons
        assert twin["reason"] not in passed.abstention_reasons
        assert stopped.published is None


def test_every_condition_of_every_guard_has_a_twin() -> None:
    """As many twins as conditions, and one that names the reason for each guard that abstains."""
    counted = Counter(twin["guard"] for twin in TWINS)
    assert {guard.code for guard in ruleset().guards if counted[guard.code] < len(guard.when)} == set()
    assert set(counted) == {guard.code for guard in ruleset().guards}


def test_reasons_are_those_of_the_guards() -> None:
    stated = {twin["guard"]: twin["reason"] for twin in TWINS if twin["reason"]}
    assert stated == {guard.code: str(guard.reason) for guard in ruleset().guards if guard.effect is Effect.ABSTAIN}
    assert set(stated.values()) <= {str(reason) for reason in AbstentionReason}


def test_vetoed_profile_is_not_published() -> None:
    """The sweep is published; as a cross, and as a leg without its package, it is not, and the leg has no direction."""
    assert explained("sweep").published == "institutional_directional"
    cross, leg = explained("sweep", "cross_share=1"), explained("sweep", "structure=unmatched_leg; complex_share=1")
    assert (cross.published, leg.published, leg.direction) == (None, None, "unknown")
