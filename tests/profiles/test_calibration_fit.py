"""The fit of a calibration: against scikit-learn and scipy, planted values, and what cannot be fitted."""

from dataclasses import replace

import numpy as np
import pytest
from flows import EVENT, HERD, OVERWRITE, PLAIN, SWEEP, flow, flows
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from smartmoney_pipeline.profiles.calibration import CalibrationError, apply, content_of, parse, read
from smartmoney_pipeline.profiles.calibration.design import Labelled, fit_events, sample_of
from smartmoney_pipeline.profiles.calibration.fitting import RIDGE, SLOPE_RIDGE, Sample, fit
from smartmoney_pipeline.profiles.ruleset import ruleset_version
from smartmoney_pipeline.profiles.score import score, softmax


def planted(n: int = 4_000, temperature: float = 1.8, slopes: tuple[float, ...] = (1.0, 1.0), seed: int = 2) -> Sample:
    """Cases of three classes and two families whose labels are drawn at a temperature, biases (0.6, -0.4, 0) and slopes."""
    generator = np.random.default_rng(seed)
    families = generator.normal(0.0, 1.5, size=(n, 3, 2))
    fixed = np.tile(np.log([0.2, 0.2, 0.6]), (n, 1)) - 4.0 * (generator.random((n, 3)) < 0.1)
    eta = (fixed + families @ np.array(slopes) - np.array([0.6, -0.4, 0.0])) / temperature
    probability = softmax(eta)
    truth = (generator.random(n)[:, None] >= probability.cumsum(axis=1)).sum(axis=1)
    return Sample(fixed, families, np.minimum(truth, 2), np.ones(n))


def loss(sample: Sample, at: np.ndarray) -> float:
    """Penalised mean log loss of 1/temperature, two slopes/temperature and two biases/temperature, written out for scipy."""
    eta = at[0] * sample.fixed + sample.families @ at[1:3] - np.append(at[3:], 0.0)
    eta = eta - eta.max(axis=1, keepdims=True)
    own = eta[np.arange(len(eta)), sample.truth] - np.log(np.exp(eta).sum(axis=1))
    penalty = RIDGE * (at[0] - 1) ** 2 + SLOPE_RIDGE * ((at[1:3] - at[0]) ** 2).sum() + RIDGE * (at[3:] ** 2).sum()
    return float((0.5 * penalty - own.sum()) / len(eta))


def test_planted_temperature_and_biases_are_found():
    found = fit(planted(20_000))
    assert found.temperature == pytest.approx(1.8, rel=0.05)
    np.testing.assert_allclose(found.biases, [0.6, -0.4, 0.0], atol=0.12)
    np.testing.assert_array_equal(found.slopes, [1.0])


def test_planted_slopes_are_found_and_none_is_negative():
    found = fit(planted(20_000, slopes=(0.5, 0.0)), with_slopes=True)
    np.testing.assert_allclose(found.slopes, [0.5, 0.0], atol=0.06)
    against = planted(3_000, slopes=(1.0, -0.8))
    assert fit(against, with_slopes=True).slopes[1] == 0.0


def test_the_fit_is_the_minimum_that_scipy_finds():
    sample = planted(1_500, slopes=(1.3, 0.2))
    bounds = [(0.02, None), (0, None), (0, None), (None, None), (None, None)]
    best = minimize(lambda at: loss(sample, at), np.array([1.0, 1, 1, 0, 0]), bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-15})
    found = fit(sample, with_slopes=True)
    at = np.concatenate([[1.0], found.slopes, found.biases[:2]]) / found.temperature
    np.testing.assert_allclose(at, best.x, atol=2e-4)
    assert loss(sample, at) <= best.fun + 1e-10


def test_two_classes_are_the_logistic_regression_of_scikit_learn():
    """Two classes: the log-odds of one are slope x difference + intercept, which scikit-learn fits without a penalty."""
    generator = np.random.default_rng(4)
    difference = generator.normal(0, 2, 20_000)
    truth = (generator.random(20_000) >= 1 / (1 + np.exp(-0.5 * difference + 0.3))).astype(np.int64)
    sample = Sample(np.column_stack([difference, np.zeros(20_000)]), np.zeros((20_000, 2, 1)), truth, np.ones(20_000))
    found, other = fit(sample), LogisticRegression(C=1e9).fit(difference[:, None], truth == 0)
    assert 1 / found.temperature == pytest.approx(other.coef_[0, 0], rel=1e-3)
    assert -found.biases[0] / found.temperature == pytest.approx(other.intercept_[0], rel=1e-3)


def test_a_weight_of_two_is_the_case_twice():
    sample = planted(400)
    twice = Sample(*(np.concatenate([values, values]) for values in (sample.fixed, sample.families, sample.truth, sample.weight)))
    heavy = replace(sample, weight=np.full(400, 2.0))
    assert fit(twice).temperature == pytest.approx(fit(heavy).temperature, rel=1e-6)


def test_a_class_without_a_case_keeps_its_bias():
    sample = planted(600)
    kept = sample.truth != 1
    fewer = Sample(sample.fixed[kept], sample.families[kept], sample.truth[kept], sample.weight[kept])
    assert fit(fewer).biases[1] == 0.0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda s: Sample(s.fixed[:0], s.families[:0], s.truth[:0], s.weight[:0]), "no labelled event"),
        (lambda s: replace(s, truth=np.zeros_like(s.truth)), "one class only"),
        (lambda s: replace(s, fixed=np.full_like(s.fixed, np.nan)), "not all finite"),
    ],
    ids=["no cases", "one class", "not finite"],
)
def test_what_cannot_be_fitted_is_refused(change, fault):
    with pytest.raises(CalibrationError, match=fault):
        fit(change(planted(50)))


def labelled(copies: int = 40) -> Labelled:
    """Plain and profile flow; a tenth of each kind is something else, so that certainty is punished."""
    kinds = [(SWEEP, 0), (HERD, 1), (EVENT, 2), (OVERWRITE, 3), (PLAIN, 6)]
    rows = [(kind, None, None, ()) for kind, _ in kinds for _ in range(copies)]
    truth = np.array([6 if copy % 10 == 0 else k for _, k in kinds for copy in range(copies)])
    return Labelled(flows(rows), truth, np.ones(len(truth)))


def test_the_sample_is_the_raw_score():
    events = labelled(2)
    np.testing.assert_allclose(sample_of([events]).log_odds(), score(events.inputs).raw_log_odds, atol=1e-12)


@pytest.mark.parametrize("with_slopes", [False, True])
def test_fitted_events_score_better_than_before(with_slopes):
    events = labelled()
    found = fit_events([events], "made-1", with_slopes)
    rows = np.arange(len(events.truth))
    before, after = (-np.log(score(events.inputs, one).probability[rows, events.truth]).mean() for one in (None, found))
    assert after < before
    assert min(found.slopes) >= 0
    assert (found.ruleset, found.basis, found.n) == (ruleset_version(), "simulated", len(events.truth))


def test_slopes_are_taken_only_where_the_scorer_itself_gains():
    """Labels that have nothing to do with the evidence: the joint fit would drive slopes anywhere, and the scorer must not get worse."""
    events = labelled()
    shuffled = replace(events, truth=np.random.default_rng(9).permutation(events.truth), weight=np.where(events.truth == 6, 0.2, 1.0))
    rows = np.arange(len(events.truth))
    losses = []
    for with_slopes in (False, True):
        found = fit_events([shuffled], "made-1", with_slopes)
        assert 0 <= min(found.slopes) <= max(found.slopes) <= 2.0
        terms = -np.log(score(shuffled.inputs, found).probability[rows, shuffled.truth])
        losses.append(np.average(terms, weights=shuffled.weight))
    assert losses[1] <= losses[0] + 1e-9


def test_a_fit_reads_back_as_it_was_written(tmp_path):
    import json

    found = replace(fit_events([labelled(5)], "made-1"), data_hash="abc", sources=("test-1 2026-03-18",), metrics=(("brier", 0.1),))
    file = tmp_path / "made-1.json"
    file.write_text(json.dumps(content_of(found)))
    assert read(file, ruleset_version()) == found == parse(content_of(found))
    np.testing.assert_allclose(
        score(flow(SWEEP), found).probability, softmax(apply(found, score(flow(SWEEP)).raw_log_odds)), atol=1e-12
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [("{", "cannot be read"), ("[]", "an object was expected"), ("{}", "field 'version' is missing")],
)
def test_unreadable_files_are_named(tmp_path, text, fault):
    file = tmp_path / "broken.json"
    file.write_text(text)
    with pytest.raises(CalibrationError, match=fault):
        read(file)


def test_a_missing_file_and_one_of_another_rule_set_are_refused(tmp_path):
    import json

    with pytest.raises(CalibrationError, match="gone"):
        read(tmp_path / "gone.json")
    file = tmp_path / "other.json"
    file.write_text(json.dumps(content_of(replace(fit_events([labelled(5)], "made-1"), ruleset="000000000000"))))
    with pytest.raises(CalibrationError, match="made for rule set 000000000000"):
        read(file, ruleset_version())
