"""What one session's asset checks demand: thresholds and severities in one place, each with its reason. Tables in, findings out."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import pandas as pd

from smartmoney_pipeline.evaluation.classes import PROFILES
from smartmoney_pipeline.evaluation.goals import goal_of

WARN, ERROR = "warn", "error"
Z = 1.645
"""Ends of a 90 % interval of a share: a session has few cases, and a check that fails by chance is soon ignored."""

LEAST_ABSTAINED, MOST_ABSTAINED = 0.60, 0.9999
"""Band of the share of events for which nothing is published."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One check: its asset, how severe a failure is, whether it stops the run, the least cases with which it can tell, and why."""

    check: str
    asset: str
    severity: str
    blocking: bool
    min_cases: int
    reason: str


LIMITS: dict[str, Limit] = {
    limit.check: limit
    for limit in (
        Limit(
            "calibration",
            "evaluation_metrics",
            WARN,
            False,
            2_000,
            "A calibration error may lie at its goal, or at what chance alone shows at this many events. With fewer events chance shows "
            "more than the goal.",
        ),
        Limit(
            "precision",
            "evaluation_metrics",
            WARN,
            False,
            20,
            "A profile's precision fails where even the upper end of its 90 % interval lies under the goal: one session publishes few.",
        ),
        Limit(
            "abstention",
            "evaluation_metrics",
            WARN,
            False,
            500,
            "Ordinary flow is at least six of ten parents (the range of the prior), so fewer abstentions mean that something is over-read; "
            "a large session without any published event has probably lost an input.",
        ),
        Limit(
            "false_alarms",
            "evaluation_metrics",
            WARN,
            False,
            2_000,
            "False alarms fail where even the lower end of their 90 % interval lies over the goal.",
        ),
        Limit(
            "live_equals_batch",
            "smart_money_events",
            ERROR,
            False,
            1,
            "Batch and live are one engine, so their run hashes are equal or one of them is wrong. The batch result is published all the "
            "same: the difference says nothing on which of the two errs, and readers see the failed check.",
        ),
        Limit(
            "no_look_ahead",
            "smart_money_events",
            ERROR,
            True,
            1,
            "An event that uses what was known only after it closed makes every figure a hindsight. Nothing is published then.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How a check ended: passed, or cannot tell (`told` false counts as passed), and the figures that it looked at."""

    check: str
    passed: bool
    told: bool
    figures: dict[str, float]
    said: str


def calibration(metrics: pd.DataFrame) -> Finding:
    """Hold the calibration errors of a metrics table against their goals and against what chance alone shows."""
    figures: dict[str, float] = {}
    faults, told = [], False
    for name in ("ece_top_label", "ece_class_wise"):
        value, n = _figure(metrics, name)
        chance, _ = _figure(metrics, f"{name}_null_95")
        goal = goal_of(name, None)
        if value is None or chance is None or goal is None or n < LIMITS["calibration"].min_cases:
            continue
        told = True
        allowed = max(goal.limit, chance)
        figures |= {name: value, f"{name}_chance_95": chance, f"{name}_allowed": allowed}
        if value > allowed:
            faults.append(f"{name} {value:.4f} is over {allowed:.4f}")
    return _finding("calibration", told, figures, faults)


def precision(metrics: pd.DataFrame) -> Finding:
    """Hold the precision of each profile against its goal, with the interval that its cases leave."""
    figures: dict[str, float] = {}
    faults, told = [], False
    for profile in PROFILES:
        value, n = _figure(metrics, "precision", profile)
        goal = goal_of("precision", profile)
        if value is None or goal is None or n < LIMITS["precision"].min_cases:
            continue
        told = True
        _, high = wilson(value, n)
        figures |= {f"precision/{profile}": value, f"upper/{profile}": high}
        if high < goal.limit:
            faults.append(f"precision of {profile} is {value:.2f} of {n}, at most {high:.2f}; the goal is {goal.limit}")
    return _finding("precision", told, figures, faults)


def abstention(metrics: pd.DataFrame) -> Finding:
    """Hold the share of abstained events against its band."""
    value, n = _figure(metrics, "abstention_rate")
    if value is None or n < LIMITS["abstention"].min_cases:
        return _finding("abstention", False, {}, [])
    faults = []
    if value < LEAST_ABSTAINED:
        faults.append(f"nothing is published for {value:.1%} of events only, under {LEAST_ABSTAINED:.0%}")
    if value > MOST_ABSTAINED and n >= 1.0 / (1.0 - MOST_ABSTAINED):
        faults.append(f"nothing is published for {value:.2%} of {n} events")
    return _finding("abstention", True, {"abstention_rate": value}, faults)


def false_alarms(metrics: pd.DataFrame) -> Finding:
    """Hold published profiles per 10,000 background parents against their goal, with the interval that the cases leave."""
    value, n = _figure(metrics, "false_alarms_per_10000")
    goal = goal_of("false_alarms_per_10000", None)
    if value is None or goal is None or n < LIMITS["false_alarms"].min_cases:
        return _finding("false_alarms", False, {}, [])
    low = 1e4 * wilson(value / 1e4, n)[0]
    faults = [f"{value:.1f} per 10,000 of {n}, at least {low:.1f}; the goal is {goal.limit:g}"] if low > goal.limit else []
    return _finding("false_alarms", True, {"false_alarms_per_10000": value, "lower": low}, faults)


STATISTICAL = {"calibration": calibration, "precision": precision, "abstention": abstention, "false_alarms": false_alarms}
"""Checks over the metrics table of one session."""


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the ends of Wilson's interval of a share of n cases, 0 < n."""
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return centre - half, centre + half


def _figure(metrics: pd.DataFrame, metric: str, profile: str | None = None) -> tuple[float | None, int]:
    """Value and cases of one figure; (None, 0) where the table has none or it is null."""
    chosen = metrics[(metrics["metric"] == metric) & (metrics["profile"].isna() if profile is None else metrics["profile"] == profile)]
    if chosen.empty or pd.isna(chosen["value"].iloc[0]):
        return None, 0
    return float(chosen["value"].iloc[0]), int(chosen["n"].iloc[0])


def _finding(check: str, told: bool, figures: dict[str, float], faults: list[str]) -> Finding:
    said = "; ".join(faults) or ("within its limits" if told else "cannot tell: there are too few cases, or no labels")
    return Finding(check, not faults, told, figures, said)
