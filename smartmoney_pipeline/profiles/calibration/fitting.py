"""Fits temperature, class biases and, where asked for, family slopes: a convex multinomial fit by projected Newton steps.

Calibrated log-odds are (fixed + sum over families of slope x family sum - bias) / temperature. In 1/temperature, slope/temperature and
bias/temperature that is linear, so the log loss is convex in them. `fixed` holds priors, guards and what the caps took.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.calibration import CalibrationError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RIDGE = 1.0
"""Penalty on leaving the identity, in cases: it decides only where data says next to nothing."""

SLOPE_DEVIATION = 0.3
"""How far a slope may lie from 1 before any case is seen: the relative deviation of a weight of grade B, the middle of the rule tables."""

PARENTS_A_PLANTED_EVENT = 10.0
"""Cases that count as one: the parents of one planted event share its contract, its minutes and its style. About 14,800 labelled parents of
1,400 planted events in thirty sessions of the calibration pack."""

SLOPE_RIDGE = PARENTS_A_PLANTED_EVENT / SLOPE_DEVIATION**2
"""Penalty on slopes that leave 1, in cases: the prior's precision, times the cases that it takes to be one."""

SMALLEST_INVERSE = 0.02
"""Least 1/temperature: a temperature above 50 would say that the evidence means nothing."""

STEPS = 60
TOLERANCE = 1e-9
BLOCK = 20_000


@dataclass(frozen=True)
class Sample:
    """n weighted cases. `fixed` [n, k] log-odds that slopes do not touch, `families` [n, k, f] sums of each family, `truth` [n]."""

    fixed: Floats
    families: Floats
    truth: Ints
    weight: Floats

    def log_odds(self) -> Floats:
        """Return raw log-odds with slopes of 1, [n, k]."""
        total: Floats = self.fixed + self.families.sum(axis=2)
        return total


@dataclass(frozen=True)
class Fit:
    """What was fitted: temperature, bias of each class [k] (the last is 0), slope of each family [f], and the mean log loss, nats."""

    temperature: float
    biases: Floats
    slopes: Floats
    log_loss: float


def fit(sample: Sample, with_slopes: bool = False) -> Fit:
    """Return the fit. A class without a case keeps the bias 0, and so does the last class, which the others are measured against.

    Raises `CalibrationError` without cases, with one class only, or where a number is not finite.
    """
    _check(sample)
    design = _Design.of(sample, with_slopes)
    start = design.identity.copy()
    solution = _minimise(lambda at: _objective(sample, design, at), start, design.lower)
    inverse, slopes, scaled = design.split(solution)
    loss, _, _ = _objective(sample, design, solution, penalised=False)
    return Fit(1.0 / inverse, scaled / inverse, slopes / inverse, loss)


def _check(sample: Sample) -> None:
    if not len(sample.truth) or sample.weight.sum() <= 0:
        raise CalibrationError("there is no labelled event to calibrate on")
    if len(np.unique(sample.truth)) < 2:
        raise CalibrationError("the labels name one class only; a calibration needs at least two")
    if not all(np.isfinite(values).all() for values in (sample.fixed, sample.families, sample.weight)):
        raise CalibrationError("the scores to calibrate on are not all finite")


@dataclass(frozen=True)
class _Design:
    """Parameters in order: 1/temperature, slope/temperature of each family (none where slopes stay 1), bias/temperature of free classes."""

    families: int
    classes: int
    free: Ints
    identity: Floats
    lower: Floats
    penalty: Floats
    """Quadratic penalty [p, p] around the identity: slopes are held to 1/temperature, not to 1."""

    @classmethod
    def of(cls, sample: Sample, with_slopes: bool) -> _Design:
        families = sample.families.shape[2] if with_slopes else 0
        classes = sample.fixed.shape[1]
        seen = np.bincount(sample.truth, weights=sample.weight, minlength=classes) > 0
        free = np.flatnonzero(seen[:-1])
        size = 1 + families + len(free)
        identity = np.concatenate([np.ones(1 + families), np.zeros(len(free))])
        lower = np.concatenate([[SMALLEST_INVERSE], np.zeros(families), np.full(len(free), -np.inf)])
        penalty = np.diag(np.concatenate([[RIDGE], np.full(families, SLOPE_RIDGE), np.full(len(free), RIDGE)]))
        penalty[0, 1 : 1 + families] = penalty[1 : 1 + families, 0] = -SLOPE_RIDGE
        penalty[0, 0] += SLOPE_RIDGE * families
        return cls(families, classes, free, identity, lower, penalty[:size, :size])

    def columns(self, fixed: Floats, families: Floats) -> Floats:
        """Return the derivative of log-odds [n, k] by each parameter, [n, k, p]."""
        inverse = fixed if self.families else fixed + families.sum(axis=2)
        bias = np.zeros((*fixed.shape, len(self.free)))
        bias[:, self.free, np.arange(len(self.free))] = -1.0
        return np.concatenate([inverse[:, :, None], families if self.families else families[:, :, :0], bias], axis=2)

    def split(self, at: Floats) -> tuple[float, Floats, Floats]:
        """Return 1/temperature, slopes/temperature and biases/temperature of all families and classes."""
        biases = np.zeros(self.classes)
        biases[self.free] = at[1 + self.families :]
        slopes = at[1 : 1 + self.families] if self.families else np.array([at[0]])
        return float(at[0]), slopes, biases


def _objective(sample: Sample, design: _Design, at: Floats, penalised: bool = True) -> tuple[float, Floats, Floats]:
    """Mean weighted log loss with its penalty, gradient [p] and Hessian [p, p]."""
    total = float(sample.weight.sum())
    away = at - design.identity
    pull = design.penalty if penalised else np.zeros_like(design.penalty)
    value, gradient, hessian = 0.5 * float(away @ pull @ away), pull @ away, pull.copy()
    for start in range(0, len(sample.truth), BLOCK):
        rows = slice(start, start + BLOCK)
        part = _block(sample, design, at, rows)
        value, gradient, hessian = value + part[0], gradient + part[1], hessian + part[2]
    return value / total, gradient / total, hessian / total


def _block(sample: Sample, design: _Design, at: Floats, rows: slice) -> tuple[float, Floats, Floats]:
    columns = design.columns(sample.fixed[rows], sample.families[rows])
    truth, weight = sample.truth[rows], sample.weight[rows]
    eta = columns @ at
    eta -= eta.max(axis=1, keepdims=True)
    odds = np.exp(eta)
    probability = odds / odds.sum(axis=1, keepdims=True)
    own = np.arange(len(truth))
    value = float(-(weight * (eta[own, truth] - np.log(odds.sum(axis=1)))).sum())
    mean = np.einsum("nk,nkp->np", probability, columns)
    gradient = (weight[:, None] * (mean - columns[own, truth])).sum(axis=0)
    spread = (columns - mean[:, None, :]) * np.sqrt(weight[:, None] * probability)[:, :, None]
    flat = spread.reshape(-1, len(at))
    return value, gradient, flat.T @ flat


def _minimise(objective: Callable[[Floats], tuple[float, Floats, Floats]], start: Floats, lower: Floats) -> Floats:
    """Projected Newton: parameters at their bound that want to go beyond it stay; the others take a Newton step, halved until it helps."""
    at = start
    value, gradient, hessian = objective(at)
    for _ in range(STEPS):
        free = ~((at <= lower) & (gradient > 0))
        if not free.any() or np.abs(gradient[free]).max() < TOLERANCE:
            return at
        step = np.zeros_like(at)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)] + 1e-12 * np.eye(int(free.sum())), gradient[free])
        scale = 1.0
        while scale > 1e-10:
            candidate = np.maximum(at - scale * step, lower)
            found = objective(candidate)
            if found[0] < value:
                break
            scale *= 0.5
        else:
            return at
        at, (value, gradient, hessian) = candidate, found
    return at
