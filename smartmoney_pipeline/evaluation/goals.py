"""What each figure should reach, in one place, each with its reason. A figure short of its goal is reported as it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and its limit; `at_least` says on which side of the limit it should lie."""

    metric: str
    limit: float
    at_least: bool
    reason: str
    profile: str | None = None
    min_cases: int = 0
    """With fewer cases the figure cannot tell."""

    def met(self, value: float | None, n: int) -> bool | None:
        """Whether the goal is reached; None where there is no figure or there are too few cases to tell."""
        if value is None or n < self.min_cases:
            return None
        return value >= self.limit if self.at_least else value <= self.limit

    def untold(self, n: int) -> str:
        """Why `met` is None over n cases, in words; a figure with cases enough that is still null cannot be had at all."""
        if not n:
            return "no case"
        return "cannot be had" if n >= self.min_cases else "too few cases"


HEDGE = "hedge_reactive"
MOST_FALSE_ALARMS = 5.0
"""Published profiles per 10,000 background parents."""

FAMILY_PARENTS = 20
"""A look-alike family of fewer parents is shown and not judged: one wrong answer would be more than a twentieth."""

_FEW = "hedging flow leaves the weakest trace on public tape, so its recall is reported without a goal"

GOALS: tuple[Goal, ...] = (
    Goal("macro_f1", 0.90, True, "five profiles; " + _FEW),
    Goal(
        "precision_at_coverage",
        0.97,
        True,
        "of all events down to the probability at which 70 % of labelled parents are answered",
        min_cases=100,
    ),
    Goal("precision", 0.90, True, "a reader who acts on a published profile should rarely be misled", min_cases=20),
    Goal("recall", 0.75, True, "abstention is allowed where the tape cannot tell", min_cases=20),
    Goal("precision", 0.85, True, _FEW, HEDGE, min_cases=20),
    Goal("ece_top_label", 0.03, False, "needs about 5,000 cases: below that chance alone shows more", min_cases=2_000),
    Goal("ece_class_wise", 0.02, False, "as the top label; mean over seven classes", min_cases=2_000),
    Goal("false_positives_handled", 0.98, True, "planted look-alikes must not be published", min_cases=50),
    Goal("false_positives_worst_family", 0.95, True, "no family may be let through for the sake of the mean", min_cases=FAMILY_PARENTS),
    Goal("false_alarms_per_10000", MOST_FALSE_ALARMS, False, "background is nine tenths of a tape", min_cases=2_000),
    Goal("null_published_per_10000", MOST_FALSE_ALARMS, False, "a tape without any profile must stay silent", min_cases=2_000),
)


def goal_of(metric: str, profile: str | None) -> Goal | None:
    """Return the goal of a figure: the profile's own where there is one, else the general one."""
    fitting = [goal for goal in GOALS if goal.metric == metric and goal.profile in {None, profile}]
    if metric == "recall" and profile == HEDGE:
        return None
    return max(fitting, key=lambda goal: goal.profile is not None, default=None)
