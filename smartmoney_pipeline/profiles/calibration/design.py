"""From scored events to the sample that a calibration is fitted on, and the fit with the scorer itself in the loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.calibration import IDENTITY, Calibration, CalibrationError, load
from smartmoney_pipeline.profiles.calibration.fitting import SLOPE_RIDGE, Sample, fit
from smartmoney_pipeline.profiles.inputs import ScoreInputs
from smartmoney_pipeline.profiles.ruleset import RuleSet, ruleset
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.scored import Scored
from smartmoney_pipeline.profiles.vocabulary import CLASSES, Family
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 6
"""Most proposals of slopes: slopes move what the caps take, and that is worked out again for each."""

STEPS = (1.0, 0.5, 0.25)
"""Parts of the way to a proposal that are tried."""

SETTLED = 1e-4
"""A proposal that lowers the loss by less, nats, is not taken."""

LARGEST_SLOPE = 2.0
"""A larger slope would undo the caps on families, which hold correlated cues down."""

BASIS = "simulated"

THIN = 10
"""A fit uses one ordinary event of so many, with so many times its weight."""


@dataclass(frozen=True)
class Labelled:
    """Events of one session with the class that made each, [n] positions in `CLASSES`, and the weight of each, [n]."""

    inputs: ScoreInputs
    truth: Ints
    weight: Floats
    ordinary: NDArray[np.bool_] | None = None
    """[n]: flow that nobody planted, so common that a part of it is enough for a fit; None: nothing is."""


def thinned(labelled: Labelled, every: int = THIN) -> Labelled:
    """Return the session with every `every`-th event of ordinary flow, weighing so many times as much, and all other events."""
    if labelled.ordinary is None:
        return labelled
    place = np.cumsum(labelled.ordinary) - 1
    kept = np.flatnonzero(~labelled.ordinary | (place % every == 0))
    weight = np.where(labelled.ordinary, every, 1) * labelled.weight
    return Labelled(_taken(labelled.inputs, kept), labelled.truth[kept], weight[kept])


def _taken(inputs: ScoreInputs, rows: Ints) -> ScoreInputs:
    features = {name: np.asarray(_column(inputs, name))[rows] for name in FEATURE_NAMES}
    return ScoreInputs(features, inputs.structure[rows], inputs.assembly[rows], {name: flag[rows] for name, flag in inputs.flags.items()})


def _column(inputs: ScoreInputs, name: str) -> Floats:
    column = inputs.features[name]
    return column if isinstance(column, np.ndarray) else column.to_numpy(dtype=np.float64, na_value=np.nan)


def family_sums(scored: Scored, slopes: Floats | None = None) -> Floats:
    """Return what each family added to each class, [n, 7, 10], after caps and divided by its slope where that is given and not 0."""
    families = list(Family)
    of_row = np.array([families.index(row.family) for row in scored.rules.evidence], dtype=np.int64)
    rows = scored.rows
    evidence = rows.code < scored.evidence_count
    sums = np.zeros((len(scored), len(CLASSES), len(families)))
    at = (rows.event[evidence], rows.profile[evidence], of_row[rows.code[evidence]])
    np.add.at(sums, at, rows.contribution[evidence])
    return sums if slopes is None else sums / np.where(slopes > 0, slopes, 1.0)


def sample_of(labelled: Sequence[Labelled], fitted: Calibration | None = None, rules: RuleSet | None = None) -> Sample:
    """Return all events scored under the slopes of `fitted` (default 1) as one sample.

    `fixed` is what the raw log-odds hold beyond slopes x family sums with slopes of 1, so that at these slopes the sample is exact.
    """
    parts = [_part(one, fitted, rules) for one in labelled]
    return Sample(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("fixed", "families", "truth", "weight")))


def _part(labelled: Labelled, fitted: Calibration | None, rules: RuleSet | None) -> Sample:
    plain = score(labelled.inputs, load(IDENTITY), rules)
    families = family_sums(plain)
    if fitted is None:
        return Sample(plain.raw_log_odds - families.sum(axis=2), families, labelled.truth, labelled.weight)
    raw = score(labelled.inputs, replace(fitted, temperature=1.0, biases=(0.0,) * len(CLASSES)), rules).raw_log_odds
    return Sample(raw - families @ np.array(fitted.slopes), families, labelled.truth, labelled.weight)


def fit_events(labelled: Sequence[Labelled], version: str, with_slopes: bool = False, rules: RuleSet | None = None) -> Calibration:
    """Return the calibration of the events, for the rule set that scores them.

    Caps and guards answer to slopes, so slopes are proposed by a fit that holds caps and guards still, and taken only as far as the scorer
    itself, with temperature and biases fitted anew, gives a lower loss.
    Raises `CalibrationError` without events, with one class only, or where nothing finite can be fitted.
    """
    rules = rules or ruleset()
    if not labelled:
        raise CalibrationError("there is no labelled event to calibrate on")
    best = _at_slopes(labelled, np.ones(len(Family)), version, rules)
    for _ in range(ROUNDS if with_slopes else 0):
        better = _improved(labelled, best, rules)
        if better is None:
            break
        best = better
    return best.calibration


@dataclass(frozen=True)
class _Trial:
    """A calibration with its loss: mean log loss of the scorer, nats, and the penalty on slopes."""

    calibration: Calibration
    loss: float


def _improved(labelled: Sequence[Labelled], best: _Trial, rules: RuleSet) -> _Trial | None:
    """The first trial on the way to the proposed slopes that lowers the loss by more than `SETTLED`; None where none does."""
    now = np.array(best.calibration.slopes)
    proposed = np.minimum(fit(sample_of(labelled, best.calibration, rules), with_slopes=True).slopes, LARGEST_SLOPE)
    for part in STEPS:
        trial = _at_slopes(labelled, now + part * (proposed - now), best.calibration.version, rules)
        if trial.loss < best.loss - SETTLED:
            return trial
    return None


def _at_slopes(labelled: Sequence[Labelled], slopes: Floats, version: str, rules: RuleSet) -> _Trial:
    """Temperature and biases fitted to the scorer's own log-odds under the slopes."""
    held = Calibration(version, rules.version, 1.0, (0.0,) * len(CLASSES), tuple(float(value) for value in slopes), BASIS, 0)
    raw = np.concatenate([score(one.inputs, held, rules).raw_log_odds for one in labelled])
    truth, weight = (np.concatenate([getattr(one, name) for one in labelled]) for name in ("truth", "weight"))
    found = fit(Sample(raw, np.zeros((*raw.shape, 1)), truth, weight))
    penalty = 0.5 * SLOPE_RIDGE * float((((slopes - 1.0) / found.temperature) ** 2).sum()) / float(weight.sum())
    biases = tuple(float(value) for value in found.biases)
    return _Trial(replace(held, temperature=found.temperature, biases=biases, n=len(truth)), found.log_loss + penalty)
