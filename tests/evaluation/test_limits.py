"""Limits of one session's checks: a table within them passes, each planted fault fails its own check alone, too few cases cannot tell."""

import pandas as pd
import pytest
from scipy.stats import binomtest

from smartmoney_pipeline.evaluation.limits import LIMITS, STATISTICAL, wilson

SOUND = {
    ("ece_top_label", None): (0.02, 20_000),
    ("ece_top_label_null_95", None): (0.006, 20_000),
    ("ece_class_wise", None): (0.01, 20_000),
    ("ece_class_wise_null_95", None): (0.004, 20_000),
    ("precision", "arbitrage"): (0.95, 60),
    ("precision", "hedge_reactive"): (0.86, 60),
    ("abstention_rate", None): (0.98, 20_000),
    ("false_alarms_per_10000", None): (4.0, 20_000),
}


def table(**changes: tuple) -> pd.DataFrame:
    figures = SOUND | {tuple(key.split("__")) if "__" in key else (key, None): value for key, value in changes.items()}
    rows = [(metric, profile, value, n) for (metric, profile), (value, n) in figures.items()]
    return pd.DataFrame(rows, columns=["metric", "profile", "value", "n"])


def ended(metrics: pd.DataFrame) -> dict[str, tuple[bool, bool]]:
    return {name: (check(metrics).passed, check(metrics).told) for name, check in STATISTICAL.items()}


def test_a_sound_session_passes_everything():
    assert set(ended(table()).values()) == {(True, True)}


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ({"ece_top_label": (0.05, 20_000)}, "calibration"),
        ({"ece_class_wise": (0.03, 20_000)}, "calibration"),
        ({"precision__arbitrage": (0.60, 60)}, "precision"),
        ({"precision__hedge_reactive": (0.60, 60)}, "precision"),
        ({"abstention_rate": (0.40, 20_000)}, "abstention"),
        ({"abstention_rate": (1.0, 20_000)}, "abstention"),
        ({"false_alarms_per_10000": (12.0, 20_000)}, "false_alarms"),
    ],
)
def test_a_planted_fault_fails_its_own_check_alone(fault, check):
    assert {name for name, (passed, _) in ended(table(**fault)).items() if not passed} == {check}


def test_what_chance_alone_shows_is_no_fault():
    # 0.05 is over the goal of 0.03, and under what a calibrated forecast of this size shows in one of twenty cases.
    assert STATISTICAL["calibration"](table(ece_top_label=(0.05, 2_500), ece_top_label_null_95=(0.06, 2_500))).passed


def test_a_few_misses_of_a_few_cases_are_no_fault():
    # 17 of 20 are 0.85, under the goal of 0.90, and the interval of so few reaches above it.
    assert STATISTICAL["precision"](table(precision__arbitrage=(0.85, 20))).passed
    assert STATISTICAL["false_alarms"](table(false_alarms_per_10000=(10.0, 2_000))).passed


def test_too_few_cases_or_no_labels_cannot_tell():
    few = table().assign(n=10)
    nothing = table().iloc[:0]
    for metrics in (few, nothing):
        assert set(ended(metrics).values()) == {(True, False)}
        assert "cannot tell" in STATISTICAL["calibration"](metrics).said


def test_wilson_is_that_of_scipy():
    found = binomtest(17, 20).proportion_ci(confidence_level=0.90, method="wilson")
    assert wilson(0.85, 20) == pytest.approx((found.low, found.high), abs=1e-4)


def test_every_limit_has_a_reason_and_statistics_only_warn():
    assert all(len(limit.reason) > 60 for limit in LIMITS.values())
    assert {LIMITS[name].severity for name in STATISTICAL} == {"warn"}
    assert not any(LIMITS[name].blocking for name in STATISTICAL)
    assert LIMITS["no_look_ahead"].blocking
