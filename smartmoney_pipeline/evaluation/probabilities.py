"""Figures of probabilities: proper scores beside baselines, calibration errors beside their null, risk against coverage, other priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation import corp, ece, proper, selective
from smartmoney_pipeline.evaluation.bootstrap import ratio_interval, statistic_interval
from smartmoney_pipeline.evaluation.cases import BACKGROUND, CLASSES, Cases
from smartmoney_pipeline.evaluation.decisions import Figure, share
from smartmoney_pipeline.evaluation.flat import feature
from smartmoney_pipeline.evaluation.metrics import PROFILES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ECE_DRAWS = 100
COVERAGE = 0.70
"""Share of labelled parents about which the precision at coverage is stated."""

RELAXED = ("no_profile", "low_probability", "low_margin")
"""Reasons for abstaining that another prior can lift; all others stand."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What publishing takes: probability and margin to the runner-up, and the share of ordinary flow that the scores assume."""

    probability: float
    margin: float
    none_prior: float


def probability_figures(cases: Cases) -> list[Figure]:
    """Return proper scores and calibration errors over events whose class is known; null without such events."""
    known = cases.known
    names = ["brier", "log_loss"]
    if not known.any():
        empty = [f"{name}{suffix}" for name in names for suffix in ("", "_prior_only", "_premium_only")]
        return [Figure(name, None, 0) for name in (*empty, "ece_top_label", "ece_class_wise", "aurc")]
    probability, truth, units = cases.probability[known], cases.truth, cases.units
    block = units.events[known]
    rows = [row for suffix, stated in _stated(cases).items() for row in _proper(suffix, stated, truth, block, units.count)]
    rows += _errors("ece_top_label", ece.top_label_ece(probability, truth), probability, truth, block)
    rows += _errors("ece_class_wise", ece.class_wise_ece(probability, truth), probability, truth, block)
    return rows + _class_errors(probability, truth) + selective_figures(cases)


def _stated(cases: Cases) -> dict[str, Floats]:
    """Probabilities of the known events: as scored, by class share alone, and by premium alone."""
    known, truth = cases.known, cases.truth
    premium = feature(cases.events, "premium_usd")[known]
    return {
        "": cases.probability[known],
        "_prior_only": proper.prior_baseline(truth, len(CLASSES)),
        "_premium_only": proper.premium_baseline(premium, truth, len(CLASSES)),
    }


def _proper(suffix: str, stated: Floats, truth: Ints, block: Ints, blocks: int) -> list[Figure]:
    terms = {"brier": proper.brier_terms(stated, truth), "log_loss": proper.log_loss_terms(stated, truth)}
    ones = np.ones(len(truth))
    return [
        Figure(name + suffix, float(values.mean()), len(truth), None, *ratio_interval(values, ones, block, blocks))
        for name, values in terms.items()
    ]


def _errors(name: str, found: ece.Ece, probability: Floats, truth: Ints, block: Ints) -> list[Figure]:
    """The error, its interval, and where it would lie if the probabilities were right."""
    measure = _top if name == "ece_top_label" else _mean_class
    ends = statistic_interval(lambda rows: measure(probability[rows], truth[rows]), block, draws=ECE_DRAWS)
    null = [Figure(f"{name}_null_mean", found.null_mean, found.n), Figure(f"{name}_null_95", found.null_95, found.n)]
    return [Figure(name, found.value, found.n, None, *ends), *null]


def _top(probability: Floats, truth: Ints) -> float | None:
    return ece.top_label_ece(probability, truth, draws=0).value


def _mean_class(probability: Floats, truth: Ints) -> float | None:
    return float(ece.class_errors(probability, truth).mean())


def _class_errors(probability: Floats, truth: Ints) -> list[Figure]:
    errors = ece.class_errors(probability, truth)
    counts = np.bincount(truth, minlength=len(CLASSES))
    return [Figure("ece_of_class", float(errors[k]), int(counts[k]), name) for k, name in enumerate(CLASSES)]


def diagrams(cases: Cases) -> dict[str, corp.Reliability]:
    """Return CORP diagrams by name: `top_label`, and each class that occurs; empty without known events."""
    known = cases.known
    probability, truth = cases.probability[known], cases.truth
    if not len(truth):
        return {}
    series = {"top_label": (probability.max(axis=1), probability.argmax(axis=1) == truth)}
    series |= {name: (probability[:, k], truth == k) for k, name in enumerate(CLASSES) if (truth == k).any()}
    found = {name: corp.reliability(stated, hit.astype(np.float64)) for name, (stated, hit) in series.items()}
    return {name: diagram for name, diagram in found.items() if diagram is not None}


def parent_confidence(cases: Cases) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
    """Return confidence, error and row of each labelled parent that should be published: the top profile probability of its main event.

    A parent that no event answers to has confidence 0 and is an error.
    """
    parents = cases.parents
    wanted = parents["wanted"].isin(PROFILES).to_numpy()
    key = pd.MultiIndex.from_arrays([cases.events["block"], cases.events["event_id"]])
    top = pd.Series(cases.probability[:, :-1].max(axis=1, initial=0.0), index=key)
    rows = pd.MultiIndex.from_arrays([parents["block"], parents["main_event"]])
    confidence = top.reindex(rows).fillna(0.0).to_numpy(np.float64)
    wrong = (parents["leading"].astype(object) != parents["wanted"].astype(object)).to_numpy()
    return confidence[wanted], wrong[wanted], np.flatnonzero(wanted)


def selective_figures(cases: Cases) -> list[Figure]:
    """Return area under risk and coverage of profile-labelled parents, its excess over the best possible, and precision at coverage."""
    confidence, wrong, rows = parent_confidence(cases)
    block, n = cases.units.parents[rows], len(rows)
    curve = selective.risk_coverage(confidence, wrong)
    if curve is None:
        return [Figure(name, None, 0) for name in ("aurc", "aurc_excess", "precision_at_coverage")]
    area = statistic_interval(lambda at: _aurc(confidence[at], wrong[at]), block)
    return [Figure("aurc", curve.aurc, n, None, *area), Figure("aurc_excess", curve.excess, n), precision_at_coverage(cases)]


def _aurc(confidence: Floats, wrong: NDArray[np.bool_]) -> float | None:
    curve = selective.risk_coverage(confidence, wrong)
    return None if curve is None else curve.aurc


def precision_at_coverage(cases: Cases, coverage: float = COVERAGE) -> Figure:
    """Return the precision of all events, background too, down to the probability at which the share `coverage` of profile-labelled
    parents has an event that says some profile. Null where so many parents are never answered; `n` counts the events answered.
    """
    events = cases.events
    leads = events["likeliest"].isin(PROFILES).to_numpy()
    confidence = np.where(leads, cases.probability[:, :-1].max(axis=1, initial=0.0), np.nan)
    wanted = cases.parents[cases.parents["wanted"].isin(PROFILES)]
    best = pd.Series(confidence).groupby([events["block"], events["label"].astype(object)]).max()
    reached = best.reindex(pd.MultiIndex.from_frame(wanted[["block", "label"]])).to_numpy(np.float64)
    needed = int(np.ceil(coverage * len(wanted)))
    known = np.sort(reached[np.isfinite(reached)])[::-1]
    if not len(wanted) or len(known) < needed:
        return Figure("precision_at_coverage", None, int(leads.sum()) if len(wanted) else 0)
    said = leads & (confidence >= known[needed - 1])
    right = said & (events["likeliest"].astype(object) == events["wanted"].astype(object)).to_numpy()
    return share("precision_at_coverage", right, said, cases.units.events, cases.units.count)


def prior_grid(cases: Cases, thresholds: Thresholds, grid: tuple[float, ...]) -> pd.DataFrame:
    """Return figures under other shares of ordinary flow: none_prior, published, precision, coverage, false_alarms_per_10000.

    Probabilities are re-weighted by new over assumed share of each class (label shift), then published by probability and margin; reasons
    for abstaining that have nothing to do with probability stand. Null where nothing is behind a figure.
    """
    return pd.DataFrame([{"none_prior": prior, **_under(cases, thresholds, prior)} for prior in grid])


def reweighted(probability: Floats, assumed: float, wanted: float) -> Floats:
    """Return probabilities [n, 7] with the prior share of `none` changed from `assumed` to `wanted`, the profiles sharing the rest."""
    factors = np.full(probability.shape[1], (1.0 - wanted) / (1.0 - assumed))
    factors[-1] = wanted / assumed
    weighted = probability * factors
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True), dtype=np.float64)


def _under(cases: Cases, thresholds: Thresholds, prior: float) -> dict[str, float | int | None]:
    events = cases.events
    probability = reweighted(cases.probability, thresholds.none_prior, prior)
    best = probability.argmax(axis=1)
    ordered = np.sort(probability, axis=1)
    liftable = np.array([set(reasons) <= set(RELAXED) for reasons in events["abstention_reasons"]], dtype=bool)
    enough = (ordered[:, -1] >= thresholds.probability) & (ordered[:, -1] - ordered[:, -2] >= thresholds.margin)
    said = enough & liftable & (best < len(PROFILES))
    right = said & (np.array(CLASSES, dtype=object)[best] == events["wanted"].astype(object).to_numpy())
    background = (events["kind"] == BACKGROUND).to_numpy()
    wanted = cases.parents["wanted"].isin(PROFILES)
    recalled = set(zip(events.loc[right, "block"], events.loc[right, "label"], strict=True))
    hit = sum(key in recalled for key in zip(cases.parents.loc[wanted, "block"], cases.parents.loc[wanted, "label"], strict=True))
    return {
        "published": int(said.sum()),
        "precision": float(right.sum() / said.sum()) if said.any() else None,
        "recall": float(hit / wanted.sum()) if wanted.any() else None,
        "false_alarms_per_10000": float(1e4 * (said & background).sum() / background.sum()) if background.any() else None,
    }


def threshold_sweep(cases: Cases, thresholds: tuple[float, ...]) -> pd.DataFrame:
    """Return, for each least probability of a profile, recall of the wanted profiles and false alarms per 10,000 background events.

    Guards and other reasons stand; only the threshold of probability moves.
    """
    events = cases.events
    probability = cases.probability[:, :-1].max(axis=1, initial=0.0)
    leads = (cases.probability.argmax(axis=1) < len(PROFILES)) if len(events) else np.zeros(0, bool)
    open_to = np.array([set(reasons) <= {"low_probability"} for reasons in events["abstention_reasons"]], dtype=bool) & leads
    right = open_to & (events["likeliest"].astype(object) == events["wanted"].astype(object)).to_numpy()
    background = (events["kind"] == BACKGROUND).to_numpy()
    wanted = cases.parents["wanted"].isin(PROFILES).sum()
    rows = []
    for limit in thresholds:
        said = open_to & (probability >= limit)
        found = events.loc[right & said, ["block", "label"]].drop_duplicates()
        precision = (right & said).sum() / said.sum() if said.any() else np.nan
        alarms = 1e4 * (said & background).sum() / background.sum() if background.any() else np.nan
        rows.append((limit, len(found) / wanted if wanted else np.nan, precision, alarms))
    return pd.DataFrame(rows, columns=["threshold", "recall", "precision", "false_alarms_per_10000"])
