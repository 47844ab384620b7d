"""Proper scores against two baselines: shares of the classes alone, and those shares by size of premium."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST = 1e-12
"""Probabilities are clipped here before their logarithm."""

PREMIUM_BINS = 20


def brier_terms(probability: Floats, truth: Ints) -> Floats:
    """Return the Brier score of each case, 0 to 2: squared distance of [n, k] probabilities from what happened."""
    hits = np.zeros_like(probability)
    hits[np.arange(len(truth)), truth] = 1.0
    terms: Floats = ((probability - hits) ** 2).sum(axis=1)
    return terms


def log_loss_terms(probability: Floats, truth: Ints) -> Floats:
    """Return the log loss of each case, nats."""
    terms: Floats = -np.log(np.clip(probability[np.arange(len(truth)), truth], SMALLEST, 1.0))
    return terms


def prior_baseline(truth: Ints, classes: int) -> Floats:
    """Return the shares of the classes among the cases as the probabilities of every case, [n, k]."""
    shares = np.bincount(truth, minlength=classes) / max(len(truth), 1)
    return np.tile(shares, (len(truth), 1))


def premium_baseline(premium: Floats, truth: Ints, classes: int, bins: int = PREMIUM_BINS) -> Floats:
    """Return class shares by quantile bin of premium, [n, k]; cases without premium are a bin of their own.

    The shares come from the cases that they are judged on, with one case a bin spread by the overall shares: this flatters the baseline.
    """
    overall = np.bincount(truth, minlength=classes) / max(len(truth), 1)
    known = ~np.isnan(premium)
    place = np.full(len(truth), bins)
    if known.any():
        edges = np.quantile(premium[known], np.linspace(0.0, 1.0, bins + 1)[1:-1])
        place[known] = np.searchsorted(edges, premium[known], side="right")
    counts = np.zeros((bins + 1, classes))
    np.add.at(counts, (place, truth), 1.0)
    shares = (counts + overall) / (counts.sum(axis=1, keepdims=True) + 1.0)
    return np.asarray(shares[place], dtype=np.float64)
