"""Everything an evaluation says, in one object, and as the content of metrics.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.background import PER
from smartmoney_pipeline.evaluation.cases import Cases
from smartmoney_pipeline.evaluation.decisions import Figure, abstentions, confusion, decision_figures, look_alikes, share, worst_family
from smartmoney_pipeline.evaluation.goals import goal_of
from smartmoney_pipeline.evaluation.notable import Notable, notable
from smartmoney_pipeline.evaluation.probabilities import Thresholds, prior_grid, probability_figures

PRIORS = (0.4, 0.6, 0.8)
"""Shares of ordinary flow under which figures are repeated, because the true share is unknown. Source: SEED."""


@dataclass(frozen=True)
class Summary:
    """Figures and tables of one evaluation; `economic` and `drift` are None where they were not asked for."""

    cases: Cases
    thresholds: Thresholds
    figures: tuple[Figure, ...]
    confusion: pd.DataFrame
    abstentions: pd.DataFrame
    look_alikes: pd.DataFrame
    priors: pd.DataFrame
    notable: tuple[Notable, ...]
    versions: Mapping[str, str]
    economic: pd.DataFrame | None = None
    drift: pd.DataFrame | None = None
    null_sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def figure(self, metric: str, profile: str | None = None) -> Figure | None:
        """Return one figure, None where it was not worked out."""
        return next((one for one in self.figures if (one.metric, one.profile) == (metric, profile)), None)


def summarise(
    cases: Cases,
    thresholds: Thresholds,
    versions: Mapping[str, str],
    null: Cases | None = None,
    economic: pd.DataFrame | None = None,
    drifted: pd.DataFrame | None = None,
    notes: tuple[str, ...] = (),
) -> Summary:
    """Work everything out. `null`: sessions without any profile; `economic` of `economic.against_controls`; `drifted` of `drift.drift`."""
    alikes = look_alikes(cases)
    return Summary(
        cases,
        thresholds,
        (*decision_figures(cases), *probability_figures(cases), worst_family(alikes), null_figure(null)),
        confusion(cases),
        abstentions(cases),
        alikes,
        prior_grid(cases, thresholds, tuple(sorted({*PRIORS, thresholds.none_prior}))),
        tuple(notable(cases, thresholds.probability)),
        dict(versions),
        economic,
        drifted,
        () if null is None else null.names,
        notes,
    )


def null_figure(null: Cases | None) -> Figure:
    """Return published profiles per 10,000 parents of sessions without any profile; null without such sessions."""
    if null is None:
        return Figure("null_published_per_10000", None, 0)
    published = null.events["primary_profile_id"].notna().to_numpy()
    return share("null_published_per_10000", published, np.ones(len(published)), null.units.events, null.units.count, scale=PER)


def metrics_content(summary: Summary) -> dict[str, Any]:
    """Return the content of metrics.json: what was judged, figures with intervals and goals, tables as records; unknown is null."""
    return {
        "sources": list(summary.cases.names),
        "null_sources": list(summary.null_sources),
        "versions": dict(summary.versions),
        "label_basis": "simulated" if len(summary.cases.parents) else "none",
        "interval": {"level": 0.90, "blocks": summary.cases.units.count, "block": summary.cases.units.meaning},
        "events": len(summary.cases.events),
        "labelled_parents": len(summary.cases.parents),
        "figures": [{**asdict(figure), **_goal(figure)} for figure in summary.figures],
        "confusion": {str(row): counts for row, counts in _plain(summary.confusion.T.to_dict()).items()},
        "abstentions": records(summary.abstentions),
        "false_positives": records(summary.look_alikes),
        "prior_grid": records(summary.priors),
        "economic": None if summary.economic is None else records(summary.economic),
        "drift": None if summary.drift is None else records(summary.drift),
        "notes": list(summary.notes),
    }


def _goal(figure: Figure) -> dict[str, Any]:
    goal = goal_of(figure.metric, figure.profile)
    if goal is None:
        return {"goal": None, "met": None}
    return {"goal": {"limit": goal.limit, "at_least": goal.at_least}, "met": goal.met(figure.value, figure.n)}


def _plain(table: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): _plain(value) if isinstance(value, dict) else value for key, value in table.items()}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as records of plain values; NaN is null."""
    rows = table.to_dict("records")
    return [{str(name): None if not isinstance(value, str) and pd.isna(value) else value for name, value in row.items()} for row in rows]
