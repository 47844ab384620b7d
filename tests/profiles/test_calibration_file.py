"""Calibration files: the identity, what makes a file unusable, and what a calibration does."""

import json
from importlib import resources

import numpy as np
import pytest
from flows import EVENT, HERD, SWEEP, flow, flows

from smartmoney_pipeline.profiles import calibration
from smartmoney_pipeline.profiles.calibration import IDENTITY, IN_USE, CalibrationError, apply, checked, load, parse
from smartmoney_pipeline.profiles.ruleset import ruleset_version
from smartmoney_pipeline.profiles.score import score, softmax
from smartmoney_pipeline.profiles.vocabulary import CLASSES, Family


def _content(**changes: object) -> dict:
    text = resources.files(calibration).joinpath("identity-1.json").read_text(encoding="utf-8")
    return json.loads(text) | changes


def test_identity_changes_nothing() -> None:
    log_odds = np.array([[0.5, -1.0, 2.0, 0.0, 0.1, -3.0, 1.0]])
    identity = load(IDENTITY)
    np.testing.assert_array_equal(apply(identity, log_odds), log_odds)
    assert (identity.n, identity.basis) == (0, "not fitted")


def test_the_calibration_in_use_was_made_for_the_packaged_rules() -> None:
    """A rule that changes makes a fitted file unusable: this fails then, and `smartmoney calibrate` makes the file anew."""
    found = load(IN_USE, ruleset_version())
    assert found.version == IN_USE
    assert found.is_identity or (found.n > 0 and found.data_hash and found.basis == "simulated")


def test_temperature_and_bias_by_hand() -> None:
    """(2 - 1) / 2 = 0.5 for the biased class, 2 / 2 = 1 for the others."""
    fitted = parse(_content(ruleset="abc", temperature=2.0, biases={name: float(name == "none") for name in CLASSES}))
    np.testing.assert_allclose(apply(fitted, np.full((1, 7), 2.0)), [[1.0] * 6 + [0.5]])


def test_calibrated_probability_is_the_softmax_of_calibrated_log_odds() -> None:
    fitted = parse(_content(ruleset=ruleset_version(), temperature=1.7))
    scored = score(flow(EVENT), fitted)
    np.testing.assert_allclose(scored.probability, softmax(scored.raw_log_odds / 1.7))


def test_family_slopes_scale_their_rows_and_still_add_up() -> None:
    """Slope 0 for a family: none of its rows moves a score."""
    slopes = {str(family): 0.0 if family is Family.SIZE else 1.0 for family in Family}
    scored = score(flows([(SWEEP, None, None, ()), (HERD, None, None, ())]), parse(_content(ruleset=ruleset_version(), slopes=slopes)))
    sums = np.tile(scored.log_prior, (2, 1))
    np.add.at(sums, (scored.rows.event, scored.rows.profile), scored.rows.contribution)
    np.testing.assert_allclose(sums, scored.raw_log_odds, atol=1e-12)
    evidence = scored.rows.code < scored.evidence_count
    moved = {scored.rules.evidence[code].family for code in scored.rows.code[evidence]}
    assert Family.SIZE not in moved


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0.0},
        {"temperature": "warm"},
        {"biases": {}},
        {"slopes": {"size": 1.0}},
        {"slopes": {str(f): -1.0 for f in Family}},
        {"n": None},
    ],
    ids=["zero temperature", "no number", "no biases", "slopes missing", "negative slopes", "no n"],
)
def test_unusable_file_is_refused(changes: dict) -> None:
    with pytest.raises(CalibrationError):
        parse(_content(**changes))


def test_missing_file_is_named() -> None:
    with pytest.raises(CalibrationError, match="there is no calibration 'fitted-9'"):
        load("fitted-9")


def test_file_of_another_rule_set_is_refused() -> None:
    other = parse(_content(ruleset="000000000000", temperature=2.0))
    with pytest.raises(CalibrationError, match="made for rule set 000000000000"):
        score(flow(SWEEP), other)


def test_only_the_identity_may_be_used_with_any_rule_set() -> None:
    with pytest.raises(CalibrationError, match="only the identity"):
        checked(parse(_content(temperature=2.0)), "any")
