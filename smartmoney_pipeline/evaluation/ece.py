"""Expected calibration error over equal-mass bins, and what a perfectly calibrated forecast of the same size would show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BINS = 15
NULL_DRAWS = 200
NULL_POINT = 0.95


@dataclass(frozen=True)
class Ece:
    """An error, the number of cases, and mean and 95 % point of its distribution if the probabilities were right."""

    value: float | None
    n: int
    null_mean: float | None
    null_95: float | None


def equal_mass_ece(stated: Floats, happened: Floats, bins: int = BINS) -> float:
    """Return the mean over cases of |mean stated - mean happened| in bins of equal numbers of cases, sorted by stated probability.

    Cases of one stated probability may fall into two bins; they are shared out in the order given. 0 cases give NaN.
    """
    order = np.argsort(stated, kind="stable")
    return _binned(stated[order], happened[order][None, :], bins)[0] if len(stated) else float("nan")


def _binned(stated: Floats, happened: Floats, bins: int) -> list[float]:
    """ECE of each row of `happened` [draws, n] for stated probabilities [n] in rising order."""
    starts = np.unique(np.linspace(0, len(stated), min(bins, len(stated)) + 1).astype(np.int64)[:-1])
    gaps = np.add.reduceat(happened, starts, axis=1) - np.add.reduceat(stated, starts)
    return [float(value) for value in np.abs(gaps).sum(axis=1) / len(stated)]


def top_label_ece(probability: Floats, truth: Ints, seed: int = 0, draws: int = NULL_DRAWS, bins: int = BINS) -> Ece:
    """Return the error of the likeliest class: its stated probability against how often it was right. `probability` [n, k]."""
    n = len(truth)
    if not n:
        return Ece(None, 0, None, None)
    stated, right = probability.max(axis=1), (probability.argmax(axis=1) == truth).astype(np.float64)
    order = np.argsort(stated, kind="stable")
    generator = np.random.Generator(np.random.Philox(seed))
    null = [_binned(stated[order], _coins(generator, stated[order]), bins)[0] for _ in range(draws)]
    return Ece(_binned(stated[order], right[order][None, :], bins)[0], n, *_null(null))


def class_wise_ece(probability: Floats, truth: Ints, seed: int = 0, draws: int = NULL_DRAWS, bins: int = BINS) -> Ece:
    """Return the mean over classes of each class's own error. Null labels are drawn from the stated probabilities, one a case."""
    n = len(truth)
    if not n:
        return Ece(None, 0, None, None)
    order = np.argsort(probability, axis=0, kind="stable")
    generator = np.random.Generator(np.random.Philox(seed))
    bounds = probability.cumsum(axis=1)
    null = [_mean_error(probability, _drawn(generator, bounds), order, bins) for _ in range(draws)]
    return Ece(_mean_error(probability, truth, order, bins), n, *_null(null))


def class_errors(probability: Floats, truth: Ints, bins: int = BINS) -> Floats:
    """Return the error of each class, [k]."""
    hits = truth[:, None] == np.arange(probability.shape[1])
    return np.array([equal_mass_ece(probability[:, k], hits[:, k].astype(np.float64), bins) for k in range(probability.shape[1])])


def _mean_error(probability: Floats, truth: Ints, order: Ints, bins: int) -> float:
    errors = []
    for k in range(probability.shape[1]):
        rows = order[:, k]
        errors.append(_binned(probability[rows, k], (truth[rows] == k).astype(np.float64)[None, :], bins)[0])
    return float(np.mean(errors))


def _coins(generator: np.random.Generator, stated: Floats) -> Floats:
    return (generator.random((1, len(stated))) < stated).astype(np.float64)


def _drawn(generator: np.random.Generator, bounds: Floats) -> Ints:
    at = (generator.random(len(bounds))[:, None] >= bounds).sum(axis=1)
    return np.minimum(at, bounds.shape[1] - 1)


def _null(values: list[float]) -> tuple[float | None, float | None]:
    return (float(np.mean(values)), float(np.quantile(values, NULL_POINT))) if values else (None, None)
