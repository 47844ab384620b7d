"""Proper scores, calibration errors, risk and coverage: against hand arithmetic, scikit-learn and simulation with fixed seeds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judged_examples import cases, forecasts, part
from scipy.stats import ks_2samp
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from smartmoney_pipeline.evaluation import corp, drift, ece, proper, selective
from smartmoney_pipeline.evaluation.bootstrap import ratio_interval, statistic_interval
from smartmoney_pipeline.evaluation.cases import cases_of
from smartmoney_pipeline.evaluation.flat import FEATURE
from smartmoney_pipeline.evaluation.probabilities import Thresholds, prior_grid, probability_figures, reweighted, threshold_sweep

THRESHOLDS = Thresholds(0.65, 0.15, 0.7)


def test_log_loss_and_brier_are_those_of_scikit_learn():
    probability, truth = forecasts(500)
    assert proper.log_loss_terms(probability, truth).mean() == pytest.approx(log_loss(truth, probability))
    by_class = sum(brier_score_loss(truth == k, probability[:, k]) for k in range(7))
    assert proper.brier_terms(probability, truth).mean() == pytest.approx(by_class)


def test_baselines_by_hand():
    """Two bins of premium, one case of the overall shares added: bin of class 0 has (2 + 0.5) / 3."""
    truth, premium = np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 10.0, 20.0])
    np.testing.assert_allclose(proper.prior_baseline(truth, 2), 0.5)
    found = proper.premium_baseline(premium, truth, 2, bins=2)
    np.testing.assert_allclose(found[:, 0], [2.5 / 3, 2.5 / 3, 0.5 / 3, 0.5 / 3])


def test_cases_without_premium_are_a_bin_of_their_own():
    found = proper.premium_baseline(np.array([np.nan, np.nan]), np.array([0, 1]), 2)
    np.testing.assert_allclose(found, 0.5)


def test_no_premium_at_all_is_no_baseline():
    """Events stored without premium: a bin of all cases would repeat the shares under another name."""
    one = part()
    bare = cases_of([replace(one, events=one.events.assign(**{f"{FEATURE}premium_usd": np.nan}))])
    figures = {figure.metric: figure.value for figure in probability_figures(bare)}
    assert (figures["brier_premium_only"], figures["log_loss_premium_only"]) == (None, None)
    assert figures["brier_prior_only"] is not None


def test_equal_mass_ece_by_hand():
    """Bins {0.1, 0.2} and {0.8, 0.9}: |0.15 - 0.5| and |0.85 - 0.5|, half the cases each."""
    stated, happened = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 1.0, 1.0, 0.0])
    assert ece.equal_mass_ece(stated, happened, bins=2) == pytest.approx(0.35)


def test_ece_of_a_coin_stated_as_certain():
    probability = np.tile([1.0, 0.0], (100, 1))
    assert ece.top_label_ece(probability, np.arange(100) % 2).value == pytest.approx(0.5)


def test_a_calibrated_forecast_lies_below_its_null_point_about_as_often_as_it_says():
    """40 calibrated forecasts; 95 % should lie below the 95 % point. 34 or more has a chance above 99 % under the binomial law."""
    below = 0
    for seed in range(40):
        probability, truth = forecasts(400, seed=seed)
        found = ece.top_label_ece(probability, truth, seed=1, draws=100)
        below += found.value <= found.null_95
    assert below >= 34


def test_the_null_is_that_of_the_evidence_base():
    """n = 1,000, seven classes, adaptive bins: mean .045, 95 % point .060 there, for forecasts of another sharpness: within a third."""
    probability, truth = forecasts(1_000)
    found = ece.top_label_ece(probability, truth)
    assert found.null_mean == pytest.approx(0.045, rel=1 / 3)
    assert found.null_95 == pytest.approx(0.060, rel=1 / 3)


def test_overconfidence_lies_above_its_null():
    probability, truth = forecasts(2_000)
    sharper = probability**2 / (probability**2).sum(axis=1, keepdims=True)
    for measure in (ece.top_label_ece, ece.class_wise_ece):
        found = measure(sharper, truth, draws=50)
        assert found.value > found.null_95


def test_no_cases_give_null():
    assert ece.top_label_ece(np.zeros((0, 7)), np.zeros(0, np.int64)) == ece.Ece(None, 0, None, None)
    assert ece.class_wise_ece(np.zeros((0, 7)), np.zeros(0, np.int64)).value is None
    assert corp.reliability(np.zeros(0), np.zeros(0)) is None
    assert selective.risk_coverage(np.zeros(0), np.zeros(0, bool)) is None


def test_pooled_levels_are_those_of_isotonic_regression():
    generator = np.random.default_rng(5)
    stated = np.round(generator.random(400), 2)
    happened = (generator.random(400) < stated**2).astype(float)
    found = corp.reliability(stated, happened)
    expected = IsotonicRegression().fit(stated, happened).predict(stated)
    place = np.searchsorted(found.low, stated, side="right") - 1
    np.testing.assert_allclose(found.frequency[place], expected, atol=1e-12)
    assert found.cases.sum() == 400


def test_brier_score_splits_into_three_parts():
    generator = np.random.default_rng(6)
    stated = generator.random(300)
    happened = (generator.random(300) < 0.3).astype(float)
    found = corp.reliability(stated, happened)
    total = found.miscalibration - found.discrimination + found.uncertainty
    assert total == pytest.approx(brier_score_loss(happened, stated))
    assert min(found.miscalibration, found.discrimination) >= 0


def test_a_calibrated_diagram_lies_in_its_band_nearly_everywhere():
    generator = np.random.default_rng(7)
    stated = generator.random(2_000)
    happened = (generator.random(2_000) < stated).astype(float)
    grid = np.linspace(0.1, 0.9, 33)
    low, high = corp.consistency_band(stated, grid)
    curve = corp.at(corp.reliability(stated, happened), grid)
    assert ((curve >= low) & (curve <= high)).mean() >= 0.75


def test_risk_and_coverage_by_hand():
    """Right, wrong, right by falling confidence: risks 0, 1/2, 1/3. The best order would give 0, 0, 1/3."""
    curve = selective.risk_coverage(np.array([0.9, 0.8, 0.7]), np.array([False, True, False]))
    np.testing.assert_allclose(curve.risk, [0, 1 / 2, 1 / 3])
    assert curve.aurc == pytest.approx((1 / 2 + 1 / 3) / 3)
    assert curve.excess == pytest.approx(curve.aurc - 1 / 9)


def test_ties_do_not_depend_on_the_order_of_cases():
    first = selective.risk_coverage(np.full(4, 0.5), np.array([True, False, False, False]))
    second = selective.risk_coverage(np.full(4, 0.5), np.array([False, False, False, True]))
    assert first.aurc == second.aurc == pytest.approx(0.25)


def test_intervals_take_whole_blocks():
    """Two blocks, all right and all wrong: a draw holds both, or one twice, so the 90 % interval of the share runs from 0 to 1."""
    block = np.repeat([0, 1], 50)
    hits = np.repeat([1.0, 0.0], 50)
    assert ratio_interval(hits, np.ones(100), block, 2) == (0.0, 1.0)
    assert statistic_interval(lambda rows: float(hits[rows].mean()), block) == (0.0, 1.0)
    assert ratio_interval(hits, np.ones(100), np.zeros(100, np.int64), 1) == (None, None)
    assert statistic_interval(lambda rows: 1.0, np.zeros(3, np.int64)) == (None, None)


def test_the_interval_covers_the_true_share_about_as_often_as_it_says():
    """60 samples of 30 blocks of 20 coins at 0.4; 90 % should cover. 47 or more has a chance above 99 %."""
    covered = 0
    for seed in range(60):
        hits = (np.random.default_rng(seed).random(600) < 0.4).astype(float)
        low, high = ratio_interval(hits, np.ones(600), np.repeat(np.arange(30), 20), 30, seed=seed)
        covered += low <= 0.4 <= high
    assert covered >= 47


def test_stability_index_by_hand():
    """One edge at the median: shares 1/2, 1/2 become 1/4, 3/4: (0.25 - 0.5) ln 0.5 + (0.75 - 0.5) ln 1.5."""
    before, now = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.0, 1.0])
    assert drift.stability_index(before, now, bins=2) == pytest.approx(0.25 * np.log(2) + 0.25 * np.log(1.5))
    assert drift.stability_index(before, before) == pytest.approx(0.0)
    assert drift.stability_index(before, np.array([])) is None


def test_ks_distance_is_that_of_scipy():
    generator = np.random.default_rng(8)
    first, second = generator.normal(size=200), generator.normal(0.3, size=150)
    assert drift.ks_distance(first, second) == pytest.approx(ks_2samp(first, second).statistic)
    assert drift.ks_distance(first, np.array([np.nan])) is None


def test_drift_names_what_moved_and_what_is_missing():
    now = cases(3).events
    before = now.assign(**{"feature.premium_usd": 1e6})
    table = drift.drift(before, now).set_index("name")
    assert table["psi"].idxmax() == "premium_usd"
    assert table.loc["none", "psi"] == pytest.approx(0.0)
    assert table.loc["iv", ["null_before", "null_now"]].tolist() == [1.0, 1.0]


def test_another_prior_by_hand():
    """0.5 and 0.5 under an assumed 0.5 become 0.2 and 0.8 under 0.8."""
    probability = np.array([[0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5]])
    np.testing.assert_allclose(reweighted(probability, 0.5, 0.8)[0, [0, -1]], [0.2, 0.8])
    np.testing.assert_allclose(reweighted(probability, 0.7, 0.7), probability)


def test_the_assumed_prior_gives_what_was_published():
    row = prior_grid(cases(), THRESHOLDS, (0.7,)).iloc[0]
    assert (row["published"], row["precision"], row["recall"]) == (3, pytest.approx(1 / 3), pytest.approx(1 / 2))


def test_a_higher_threshold_publishes_less():
    """Thresholds 0.65 and 0.78: three and one; at 0.45 vol_seller's event (0.50) is answered too."""
    table = threshold_sweep(cases(), (0.45, 0.65, 0.78)).set_index("threshold")
    assert table["recall"].tolist() == [1.0, 0.5, 0.5]
    assert table["precision"].tolist() == pytest.approx([2 / 4, 1 / 3, 1.0])
    assert table["false_alarms_per_10000"].tolist() == pytest.approx([1e4 / 3, 1e4 / 3, 0.0])


def test_figures_of_the_small_session():
    found = {(figure.metric, figure.profile): figure for figure in probability_figures(cases())}
    assert found["log_loss", None].n == 6
    ladder = np.log([0.8, 0.5, 0.7, 0.9, 0.25 / 6, 0.95])
    assert found["log_loss", None].value == pytest.approx(-ladder.mean())
    assert found["aurc", None].value == 0.0
    # Half of two parents needs both: down to 0.50 four events say a profile, two of them rightly.
    assert found["precision_at_coverage", None].value == pytest.approx(2 / 4)


def test_one_class_and_no_labels_give_figures_or_nulls_and_never_fail():
    one = cases_of([part(labels=[("L4", "g", "none", "none", "unknown", "neutral")])])
    found = {figure.metric: figure.value for figure in probability_figures(one)}
    assert found["log_loss_prior_only"] == pytest.approx(0.0)
    assert found["aurc"] is None
    none = {figure.metric: figure.value for figure in probability_figures(cases_of([part(labels=None)]))}
    assert set(none.values()) == {None}
    assert pd.isna(threshold_sweep(cases_of([part(labels=None)]), (0.5,))["recall"].iloc[0])
