"""Each row of evidence speaks for one event and is silent for its twin at the foot of one of its ramps. Tables by hand, in market words."""

import pytest
from market_words import explained, table

from smartmoney_pipeline.profiles.explain import Explanation
from smartmoney_pipeline.profiles.ruleset import ruleset

TWINS = table("evidence_twins.csv")
SIGN_OF = {row.code: 1.0 if row.weight > 0 else -1.0 for row in ruleset().evidence}


def _nats(answer: Explanation, code: str) -> float:
    return sum(line.contribution for line in answer.lines if line.code == code)


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin['code']} {twin['silent']}")
def test_evidence_speaks_on_one_side_only(twin: dict[str, str]) -> None:
    code = twin["code"]
    assert _nats(explained(twin["base"], twin["speaks"]), code) * SIGN_OF[code] > 0
    assert _nats(explained(twin["base"], twin["silent"]), code) == 0


def test_every_row_of_evidence_has_a_twin() -> None:
    assert {twin["code"] for twin in TWINS} == set(SIGN_OF)
