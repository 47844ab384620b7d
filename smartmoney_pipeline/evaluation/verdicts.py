"""The goals table: each figure that has a goal beside it, met or missed, with its interval and the cases behind it."""

from __future__ import annotations

from dataclasses import dataclass

from smartmoney_pipeline.evaluation.classes import PROFILES
from smartmoney_pipeline.evaluation.decisions import Figure
from smartmoney_pipeline.evaluation.goals import Goal, goal_of
from smartmoney_pipeline.evaluation.summary import Summary

ROWS: tuple[tuple[str, str | None], ...] = (
    ("macro_f1", None),
    ("precision_at_coverage", None),
    *(("precision", profile) for profile in PROFILES),
    *(("recall", profile) for profile in PROFILES),
    ("ece_top_label", None),
    ("ece_class_wise", None),
    ("false_positives_handled", None),
    ("false_positives_worst_family", None),
    ("false_alarms_per_10000", None),
    ("null_published_per_10000", None),
)
"""Figures of the table in order: metric, profile."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: the figure, its goal, whether it is met (None: no goal, no figure, or too few cases), and the 95 % point of chance."""

    figure: Figure
    goal: Goal | None
    met: bool | None
    chance: float | None

    @property
    def said(self) -> str:
        """The verdict in a word or two."""
        if self.goal is None:
            return "reported"
        if self.met is None:
            return self.goal.untold(self.figure.n)
        return "met" if self.met else "missed"


def verdicts(summary: Summary) -> tuple[Verdict, ...]:
    """Return the rows of the goals table; a figure that was not worked out is there without a value."""
    return tuple(_verdict(summary, metric, profile) for metric, profile in ROWS)


def _verdict(summary: Summary, metric: str, profile: str | None) -> Verdict:
    figure = summary.figure(metric, profile) or Figure(metric, None, 0, profile)
    goal, null = goal_of(metric, profile), summary.figure(f"{metric}_null_95")
    return Verdict(figure, goal, None if goal is None else goal.met(figure.value, figure.n), None if null is None else null.value)


def missed(rows: tuple[Verdict, ...]) -> list[Verdict]:
    """Return the rows that have a goal and do not reach it, or cannot tell."""
    return [row for row in rows if row.goal is not None and not row.met]
