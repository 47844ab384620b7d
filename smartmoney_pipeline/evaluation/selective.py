"""What abstaining buys: risk among the cases kept, as fewer and fewer are kept in order of confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RiskCoverage:
    """Points of the curve: [m] share of cases kept and share of errors among them, and the areas under risk and its least possible."""

    coverage: Floats
    risk: Floats
    aurc: float
    excess: float
    """AURC less that of a confidence that ranks every error last."""


def risk_coverage(confidence: Floats, wrong: NDArray[np.bool_]) -> RiskCoverage | None:
    """Return the curve of n cases; None without cases. Cases of equal confidence are kept or left together, errors evenly among them.

    AURC = mean over k of the expected risk among the k most confident cases.
    """
    n = len(confidence)
    if not n:
        return None
    order = np.argsort(-confidence, kind="stable")
    sorted_confidence, errors = confidence[order], wrong[order].astype(np.float64)
    tied = np.concatenate([[0], np.flatnonzero(np.diff(sorted_confidence)) + 1])
    sizes = np.diff([*tied, n])
    shared = np.repeat(np.add.reduceat(errors, tied) / sizes, sizes)
    kept = np.arange(1, n + 1)
    risk = shared.cumsum() / kept
    least = np.maximum(kept - (n - errors.sum()), 0.0) / kept
    ends = np.append(tied[1:], n) - 1
    return RiskCoverage(kept[ends] / n, risk[ends], float(risk.mean()), float(risk.mean() - least.mean()))
