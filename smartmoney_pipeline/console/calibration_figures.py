"""What a calibration file says of itself: errors and proper scores as numbers, reliability and risk against coverage as points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.ece import class_wise_ece, top_label_ece
from smartmoney_pipeline.evaluation.proper import brier_terms, log_loss_terms
from smartmoney_pipeline.evaluation.selective import risk_coverage
from smartmoney_pipeline.profiles.calibration.design import Labelled

Floats = NDArray[np.float64]

RELIABILITY, RISK = "reliability_", "risk_at_"
"""What the names of points begin with; the percent of stated probability, or of events kept, follows in two digits or three."""

STEP = 5
"""Percent between points."""

LEAST_EVENTS = 30
"""Events that a point of reliability rests on at least: the standard error of a share of 30 is nine points at most."""


def judged(stated: list[Floats], labelled: list[Labelled]) -> dict[str, float]:
    """Return calibration errors with their 95 % points of chance, Brier score and log loss of probabilities [n, 7] by session."""
    probability, truth, weight = _pooled(stated, labelled)
    rows = by_weight(weight)
    top, by_class = top_label_ece(probability[rows], truth[rows]), class_wise_ece(probability[rows], truth[rows])
    named = {"top_label": top, "class_wise": by_class}
    figures = {f"ece_{name}": found.value for name, found in named.items()}
    figures |= {f"ece_{name}_null_95": found.null_95 for name, found in named.items()}
    figures["brier"] = float(np.average(brier_terms(probability, truth), weights=weight))
    figures["log_loss"] = float(np.average(log_loss_terms(probability, truth), weights=weight))
    return {name: round(value, 6) for name, value in figures.items() if value is not None}


def curves(stated: list[Floats], labelled: list[Labelled]) -> dict[str, float]:
    """Return points of the likeliest class of each event: `reliability_NN` and `risk_at_NN`.

    Reliability is the share right of events that state NN %, to the nearest five, where there are enough of them. Risk is the share wrong
    among the NN % most confident events, straight between confidences.
    """
    probability, truth, weight = _pooled(stated, labelled)
    rows = by_weight(weight)
    top, right = probability[rows].max(axis=1), probability[rows].argmax(axis=1) == truth[rows]
    found = _reliability(top, right) | _risk(top, ~right)
    return {name: round(value, 6) for name, value in found.items()}


def by_weight(weight: Floats) -> NDArray[np.int64]:
    """Rows that stand for the weights: each drawn with its weight over the largest, so that unweighted figures may be used."""
    if (weight == weight[0]).all():
        return np.arange(len(weight))
    return np.flatnonzero(np.random.Generator(np.random.Philox(0)).random(len(weight)) < weight / weight.max())


def _pooled(stated: list[Floats], labelled: list[Labelled]) -> tuple[Floats, NDArray[np.int64], Floats]:
    truth, weight = (np.concatenate([getattr(one, name) for one in labelled]) for name in ("truth", "weight"))
    return np.concatenate(stated), truth, weight


def _reliability(stated: Floats, right: NDArray[np.bool_]) -> dict[str, float]:
    percent = np.arange(0, 101, STEP)
    nearest = np.rint(stated * 100 / STEP).astype(np.int64)
    count = np.bincount(nearest, minlength=len(percent))
    share = np.bincount(nearest, weights=right, minlength=len(percent)) / np.maximum(count, 1)
    held = count >= LEAST_EVENTS
    return _points(RELIABILITY, percent[held], share[held])


def _risk(confidence: Floats, wrong: NDArray[np.bool_]) -> dict[str, float]:
    curve = risk_coverage(confidence, wrong)
    if curve is None:
        return {}
    percent = np.arange(STEP, 101, STEP)
    reached = percent >= np.ceil(curve.coverage[0] * 100)
    return _points(RISK, percent[reached], np.interp(percent[reached] / 100, curve.coverage, curve.risk))


def _points(name: str, percent: NDArray[np.int64], values: Floats) -> dict[str, float]:
    return {f"{name}{at:02d}": float(value) for at, value in zip(percent.tolist(), values, strict=True)}
