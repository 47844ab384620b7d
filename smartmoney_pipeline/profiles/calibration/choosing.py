"""Which form of calibration to take: temperature and class biases alone, or family slopes too. Cross-validation over sessions decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.calibration import Calibration
from smartmoney_pipeline.profiles.calibration.design import Labelled, fit_events, thinned
from smartmoney_pipeline.profiles.score import score

Floats = NDArray[np.float64]

FOLDS = 5
"""Most folds; a session is in one fold as a whole, since its events share their market."""

STANDARD_ERRORS = 2.0
"""A freer form must win by so many standard errors: by chance alone it does about once in forty times."""

SMALLEST = 1e-12


class Form(StrEnum):
    """Forms in rising order of freedom."""

    PLAIN = "plain"
    SLOPES = "slopes"


@dataclass(frozen=True)
class Trial:
    """One form fitted on everything, its fits on all folds but one, and the log loss of each session under the fit that left it out."""

    form: Form
    fitted: Calibration
    folds: tuple[Calibration, ...] = ()
    losses: Floats | None = None

    def figures(self) -> dict[str, float]:
        """Return the cross-validated log loss, nats, and how far slopes and biases move from fold to fold; empty without folds."""
        if self.losses is None:
            return {}
        slopes, biases = (np.array([getattr(fold, name) for fold in self.folds]) for name in ("slopes", "biases"))
        spread = {"slope_spread": slopes.std(axis=0).max(), "bias_spread": biases.std(axis=0).max()}
        return {"cv_log_loss": float(self.losses.mean()), **{name: float(value) for name, value in spread.items()}}


def choose(labelled: Sequence[Labelled], version: str, forms: Sequence[Form]) -> tuple[Trial, tuple[Trial, ...]]:
    """Return the chosen trial and all trials, `forms` in order.

    A freer form is taken only where it lowers the loss by more than `STANDARD_ERRORS` of the difference over sessions: a calibration that
    leaves the rules as they are needs no defence. With one session there is no cross-validation, and the first form is taken.
    Raises `CalibrationError` as `fit_events` does.
    """
    trials = tuple(_trial(labelled, version, form) for form in forms)
    chosen = trials[0]
    for trial in trials[1:]:
        if chosen.losses is not None and trial.losses is not None:
            gain = chosen.losses - trial.losses
            if gain.mean() > STANDARD_ERRORS * gain.std(ddof=1) / np.sqrt(len(gain)):
                chosen = trial
    return chosen, trials


def _trial(labelled: Sequence[Labelled], version: str, form: Form) -> Trial:
    thin = [thinned(one) for one in labelled]
    whole = fit_events(thin, version, form is Form.SLOPES)
    count = min(FOLDS, len(labelled))
    if count < 2:
        return Trial(form, whole)
    folds = tuple(
        fit_events([one for i, one in enumerate(thin) if i % count != fold], version, form is Form.SLOPES) for fold in range(count)
    )
    losses = np.array([_loss(one, folds[i % count]) for i, one in enumerate(labelled)])
    return Trial(form, whole, folds, losses)


def _loss(labelled: Labelled, fitted: Calibration) -> float:
    """Mean log loss of one session, nats, by the weights of its events."""
    own = score(labelled.inputs, fitted).probability[np.arange(len(labelled.truth)), labelled.truth]
    return float(np.average(-np.log(np.maximum(own, SMALLEST)), weights=labelled.weight))
