"""The metrics table of one scored session: the figures of the report, and how well prints were joined, one a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.bootstrap import ratio_interval
from smartmoney_pipeline.evaluation.cases import Cases, Part, cases_of
from smartmoney_pipeline.evaluation.decisions import Figure, abstentions, decision_figures
from smartmoney_pipeline.evaluation.matching import by_parent, pair_counts
from smartmoney_pipeline.evaluation.probabilities import probability_figures

Floats = NDArray[np.float64]

COLUMNS = ["metric", "profile", "value", "n"]


def evaluate(events: pd.DataFrame, members: pd.DataFrame, labels: pd.DataFrame | None) -> pd.DataFrame:
    """Return the metrics table (metric, profile, value, n) of one session; without labels only the decision figures.

    `events`: flat events (`flat.flat_events`); `members`: event_id, print_id; `labels`: label_id, print_id, profile (`none` = neutral),
    direction.
    """
    parts = [Part("session", events, members, labels)]
    cases = cases_of(parts)
    figures = [*decision_figures(cases), *(probability_figures(cases) if len(cases.parents) else [])]
    return metrics_table([*figures, *reason_figures(cases), *grouping_figures(parts)])


def reason_figures(cases: Cases) -> list[Figure]:
    """Return how many events state each reason for abstaining."""
    return [Figure(f"abstained_{row.reason}", float(str(row.events)), len(cases.events)) for row in abstentions(cases).itertuples()]


def grouping_figures(parts: Sequence[Part]) -> list[Figure]:
    """Return precision and recall over pairs of prints that events and labelled parents join, with intervals by part."""
    labelled = [part for part in parts if part.labels is not None and len(part.labels)]
    if not labelled:
        return []
    counts = np.array([pair_counts(part.members, by_parent(part.labels)) for part in labelled if part.labels is not None])
    right, joined, wanted = counts.T
    return [_pairs("pair_precision", right, joined), _pairs("pair_recall", right, wanted)]


def _pairs(metric: str, right: Floats, among: Floats) -> Figure:
    n = int(among.sum())
    if not n:
        return Figure(metric, None, 0)
    return Figure(metric, float(right.sum() / n), n, None, *ratio_interval(right, among, np.arange(len(among)), len(among)))


def metrics_table(figures: list[Figure]) -> pd.DataFrame:
    """Return figures as the metrics table; `value` is null where no case is behind it."""
    rows = [(one.metric, one.profile, one.value if one.n else None, one.n) for one in figures]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"metric": "str", "profile": "str", "value": "float64", "n": "int64"})
