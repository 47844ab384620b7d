"""The explanation adds up, names the runner-up and what would change the answer, and survives storage."""

from dataclasses import replace

import numpy as np
import pytest
from flows import EVENT, GAMMA, HERD, OVERWRITE, SWEEP, flow, flows

from smartmoney_pipeline.profiles.calibration import IDENTITY, load
from smartmoney_pipeline.profiles.decision import MIN_PROBABILITY
from smartmoney_pipeline.profiles.explain import explain
from smartmoney_pipeline.profiles.inputs import ScoreInputs, flags_of
from smartmoney_pipeline.profiles.reasons import reason_lists
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.vocabulary import CLASSES
from smartmoney_pipeline.schemas.codes import Assembly, QualityFlag


@pytest.mark.parametrize("features", [SWEEP, HERD, EVENT, OVERWRITE, GAMMA], ids=["sweep", "herd", "event", "overwrite", "gamma"])
def test_lines_add_up_to_the_log_odds(features: dict) -> None:
    answer = explain(flow(features))
    for name in CLASSES:
        total = answer.log_prior[name] + sum(line.contribution for line in answer.lines if line.profile == name)
        assert total == pytest.approx(answer.log_odds[name], abs=1e-12)


def test_stored_event_is_explained_like_the_fresh_one() -> None:
    """Features, structure, assembly and flags as the events table holds them: text codes, one row."""
    fresh = flow(EVENT)
    stored = ScoreInputs.from_stored(fresh.features, [None], [str(Assembly.SWEEP)], [["complex"]])
    assert explain(stored) == explain(fresh)


def test_unobserved_evidence_is_listed_and_adds_nothing() -> None:
    unseen = [line for line in explain(flow(SWEEP)).lines if not line.observed]
    assert "RICH_VOLATILITY" in {line.code for line in unseen}
    assert {(line.contribution, line.value) for line in unseen} == {(0.0, None)}


def test_guard_that_stands_is_named_with_its_condition() -> None:
    changes = explain(flow(SWEEP, quote_drift_half_spreads=1.2)).would_change
    assert "guard QUOTES_STALE stands: quote_staleness >= 0.5" in changes


def test_what_is_said_to_carry_the_answer_does_so_when_it_is_left_out() -> None:
    # A saturated sum is capped at 5 nats: leaving out one row shares the cap out anew, so no single row need decide.
    plain = load(IDENTITY)  # the one in use belongs to the packaged rules alone
    changes = explain(flow(SWEEP), plain).would_change
    carried = [line for line in changes if line.startswith("without ")]
    undecided = [line for line in changes if line.startswith("no single row decides it")]
    assert bool(carried) != bool(undecided)
    rules = ruleset()
    for line in carried:
        code = line.split()[1].rstrip(",")
        thinner = replace(rules, evidence=tuple(replace(row, weight=0.0) if row.code == code else row for row in rules.evidence))
        assert score(flow(SWEEP), plain, thinner).probability[0, 0] < MIN_PROBABILITY


def test_an_explanation_holds_every_class_and_the_verdict() -> None:
    found = explain(flow(SWEEP))
    assert (found.published, found.direction) == ("institutional_directional", "bullish")
    assert tuple(found.probability) == tuple(found.log_odds) == CLASSES


def test_one_event_at_a_time() -> None:
    with pytest.raises(ValueError, match="one event"):
        explain(flows([(SWEEP, None, None, ()), (HERD, None, None, ())]))


def test_reasons_are_the_strongest_evidence_first_then_guards() -> None:
    scored = score(flow(HERD, assembly=Assembly.HERD))
    lists = reason_lists(scored)
    retail = lists.of(0, CLASSES.index("retail_whale"))
    assert {"RETAIL_AUCTION_PRINTS", "SMALL_TICKETS", "SHORT_TENOR"} <= set(retail)
    strength = {
        scored.codes[c]: x for c, p, x in zip(scored.rows.code, scored.rows.profile, scored.rows.contribution, strict=True) if p == 1
    }
    assert retail == sorted(retail, key=lambda code: -strength[code])
    assert min(strength[code] for code in retail) >= 0.1
    assert lists.offsets[-1] == len(lists.codes)
    written = reason_lists(score(flow(OVERWRITE, assembly=Assembly.WORKED)))
    assert written.of(0, CLASSES.index("institutional_directional"))[-1] == "PREMIUM_WRITTEN"


def test_flags_from_bit_masks() -> None:
    mask = np.array([0, 1 << list(QualityFlag).index(QualityFlag.COMPRESSION)])
    assert flags_of(mask)[QualityFlag.COMPRESSION].tolist() == [False, True]
