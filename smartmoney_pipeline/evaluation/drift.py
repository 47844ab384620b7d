"""How far features and probabilities of one run lie from those of another: stability index and Kolmogorov-Smirnov distance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.classes import NONE, PROFILES
from smartmoney_pipeline.evaluation.flat import PROBABILITIES, feature, feature_names

Floats = NDArray[np.float64]

BINS = 10
SMALLEST_SHARE = 1e-4
"""Shares of a bin are taken to be at least this, so that an empty bin does not make the index infinite."""

NOTABLE_PSI, LARGE_PSI = 0.10, 0.25
"""Usual reading of the index: below the first nothing moved, above the second the population is another. Source: SEED."""


def stability_index(reference: Floats, current: Floats, bins: int = BINS) -> float | None:
    """Return the population stability index over deciles of the reference, unknown values as a bin of their own; null without cases.

    Sum over bins of (current - reference share) x ln(current / reference share).
    """
    if not len(reference) or not len(current):
        return None
    known = reference[~np.isnan(reference)]
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, bins + 1)[1:-1])) if len(known) else np.array([])
    shares = [np.maximum(_shares(values, edges), SMALLEST_SHARE) for values in (reference, current)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _shares(values: Floats, edges: Floats) -> Floats:
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    return np.bincount(place, minlength=len(edges) + 2) / len(values)


def ks_distance(reference: Floats, current: Floats) -> float | None:
    """Return the greatest difference of the two distribution functions over known values; null where one has none."""
    first, second = np.sort(reference[~np.isnan(reference)]), np.sort(current[~np.isnan(current)])
    if not len(first) or not len(second):
        return None
    points = np.concatenate([first, second])
    below = [np.searchsorted(values, points, side="right") / len(values) for values in (first, second)]
    return float(np.abs(below[0] - below[1]).max())


def drift(reference: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return one row a feature and a class probability: kind, name, psi, ks, null_share of both runs; largest psi first.

    Both are flat events. A feature that one run lacks is all unknown there.
    """
    columns = [measured(reference), measured(current)]
    rows = []
    for name in dict.fromkeys([*columns[0], *columns[1]]):
        old, new = (part.get(name, np.full(len(frame), np.nan)) for part, frame in zip(columns, (reference, current), strict=True))
        unknown = [float(np.isnan(values).mean()) if len(values) else None for values in (old, new)]
        kind = "probability" if name in {*PROFILES, NONE} else "feature"
        rows.append((kind, name, stability_index(old, new), ks_distance(old, new), *unknown))
    table = pd.DataFrame(rows, columns=["kind", "name", "psi", "ks", "null_before", "null_now"])
    return table.sort_values(["psi", "name"], ascending=[False, True], ignore_index=True)


def measured(events: pd.DataFrame) -> dict[str, Floats]:
    """Return every feature and class probability of events as float64 columns, NaN unknown."""
    found = {name: feature(events, name) for name in feature_names(events)}
    classes = dict(zip([*PROFILES, NONE], events[PROBABILITIES].to_numpy(np.float64).T, strict=True))
    return found | classes
