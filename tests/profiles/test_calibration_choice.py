"""Which form of calibration is taken, and the thinning of ordinary flow. Labels are drawn from planted probabilities."""

from dataclasses import replace

import numpy as np
import pytest
from flows import EVENT, HERD, OVERWRITE, PLAIN, SWEEP, flows

from smartmoney_pipeline.profiles.calibration import IDENTITY, load
from smartmoney_pipeline.profiles.calibration.choosing import Form, choose
from smartmoney_pipeline.profiles.calibration.design import Labelled, thinned
from smartmoney_pipeline.profiles.ruleset import ruleset_version
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.vocabulary import Family

KINDS = (SWEEP, HERD, EVENT, OVERWRITE, PLAIN)


def session(seed: int, slopes: tuple[float, ...] | None = None, copies: int = 60) -> Labelled:
    """Flow of five kinds whose classes are drawn from its probabilities under the slopes, default those of the rules."""
    inputs = flows([(kind, None, None, ()) for kind in KINDS for _ in range(copies)])
    fitted = load(IDENTITY)
    if slopes is not None:
        fitted = replace(fitted, ruleset=ruleset_version(), slopes=slopes)
    bounds = score(inputs, fitted).probability.cumsum(axis=1)
    drawn = np.random.default_rng(seed).random(len(bounds))
    truth = np.minimum((drawn[:, None] >= bounds).sum(axis=1), 6)
    return Labelled(inputs, truth, np.ones(len(truth)), np.repeat([False, False, False, False, True], copies))


def test_rules_that_are_right_are_left_without_slopes():
    chosen, trials = choose([session(seed, copies=200) for seed in range(6)], "made-1", tuple(Form))
    assert chosen.form is Form.PLAIN
    assert [trial.form for trial in trials] == [Form.PLAIN, Form.SLOPES]
    assert chosen.fitted.temperature == pytest.approx(1.0, abs=0.25)


def test_slopes_are_taken_where_sessions_left_out_gain_by_them():
    planted = tuple(0.0 if family in {Family.SIZE, Family.URGENCY_ROUTE} else 1.0 for family in Family)
    chosen, trials = choose([session(seed, planted, copies=400) for seed in range(4)], "made-1", tuple(Form))
    assert chosen.form is Form.SLOPES
    plain, freer = (trial.figures()["cv_log_loss"] for trial in trials)
    assert freer < plain


def test_one_session_has_no_cross_validation():
    chosen, _ = choose([session(1)], "made-1", tuple(Form))
    assert (chosen.form, chosen.folds, chosen.figures()) == (Form.PLAIN, (), {})


def test_folds_are_whole_sessions_that_the_fit_did_not_see():
    sessions = [session(seed) for seed in range(3)]
    chosen, _ = choose(sessions, "made-1", (Form.PLAIN,))
    assert len(chosen.folds) == 3
    without_first, _ = choose(sessions[1:], "made-1", (Form.PLAIN,))
    assert chosen.folds[0].biases == pytest.approx(without_first.fitted.biases)


def test_thinned_flow_weighs_as_much_as_all_of_it():
    full = session(1)
    thin = thinned(full, every=4)
    assert thin.ordinary is None
    # 60 ordinary events give 15 of weight 4; the 240 others stay.
    assert (len(thin.truth), thin.weight.sum()) == (240 + 15, 300.0)
    assert sorted(set(thin.weight)) == [1.0, 4.0]
    np.testing.assert_allclose(score(thin.inputs).probability[:240], score(full.inputs).probability[:240])
    assert thinned(thin) is thin
