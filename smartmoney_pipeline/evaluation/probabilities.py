"""Figures of probabilities: proper scores beside baselines, calibration errors beside their null, risk against coverage, other priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation import corp, ece, proper, selective
from smartmoney_pipeline.evaluation.background import PER
from smartmoney_pipeline.evaluation.bootstrap import ratio_interval, statistic_intervals
from smartmoney_pipeline.evaluation.cases import Cases
from smartmoney_pipeline.evaluation.classes import CLASSES, PROFILES
from smartmoney_pipeline.evaluation.decisions import Figure, share
from smartmoney_pipeline.evaluation.flat import feature

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
    stated = _stated(cases)
    rows = [row for suffix, one in stated.items() for row in _proper(suffix, one, truth, block, units.count)]
    if "_premium_only" not in stated:
        rows += [Figure(f"{name}_premium_only", None, 0) for name in names]
    return [*rows, *_errors(probability, truth, block), *selective_figures(cases)]


def _stated(cases: Cases) -> dict[str, Floats]:
    """Probabilities of the known events: as scored, by class share alone, and by premium alone where any event has one."""
    known, truth = cases.known, cases.truth
    premium = feature(cases.events, "premium_usd")[known]
    stated = {"": cases.probability[known], "_prior_only": proper.prior_baseline(truth, len(CLASSES))}
    if np.isnan(premium).all():
        return stated
    return stated | {"_premium_only": proper.premium_baseline(premium, truth, len(CLASSES))}


def _proper(suffix: str, stated: Floats, truth: Ints, block: Ints, blocks: int) -> list[Figure]:
    terms = {"brier": proper.brier_terms(stated, truth), "log_loss": proper.log_loss_terms(stated, truth)}
    ones = np.ones(len(truth))
    return [
        Figure(name + suffix, float(values.mean()), len(truth), None, *ratio_interval(values, ones, block, blocks))
        for name, values in terms.items()
    ]


def _errors(probability: Floats, truth: Ints, block: Ints) -> list[Figure]:
    """Errors of the top label, over classes and of each class, with intervals, and where they would lie if the probabilities were right."""
    ends = statistic_intervals(lambda rows: _measured(probability[rows], truth[rows]), len(CLASSES) + 2, block, draws=ECE_DRAWS)
    found = {"ece_top_label": ece.top_label_ece(probability, truth), "ece_class_wise": ece.class_wise_ece(probability, truth)}
    rows = []
    for (name, one), interval in zip(found.items(), ends, strict=False):
        null = {"null_mean": one.null_mean, "null_95": one.null_95}
        rows += [Figure(name, one.value, one.n, None, *interval), *(Figure(f"{name}_{key}", value, one.n) for key, value in null.items())]
    errors, counts = ece.class_errors(probability, truth), np.bincount(truth, minlength=len(CLASSES))
    of_class = zip(CLASSES, errors, counts, ends[2:], strict=True)
    return rows + [Figure("ece_of_class", float(error), int(n), name, *interval) for name, error, n, interval in of_class]


def _measured(probability: Floats, truth: Ints) -> Floats:
    """Error of the top label, mean error over classes, error of each class."""
    errors = ece.class_errors(probability, truth)
    return np.array([ece.top_label_ece(probability, truth, draws=0).value, errors.mean(), *errors])


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
    area, excess = statistic_intervals(lambda at: _areas(confidence[at], wrong[at]), 2, block)
    figures = [Figure("aurc", curve.aurc, n, None, *area), Figure("aurc_excess", curve.excess, n, None, *excess)]
    return [*figures, precision_at_coverage(cases)]


def _areas(confidence: Floats, wrong: NDArray[np.bool_]) -> Floats:
    curve = selective.risk_coverage(confidence, wrong)
    return np.array([np.nan, np.nan] if curve is None else [curve.aurc, curve.excess])


def precision_at_coverage(cases: Cases, coverage: float = COVERAGE) -> Figure:
    """Return the precision of all events, background too, down to the probability at which the share `coverage` of profile-labelled
    parents has an event that says some profile. Null where so many parents are never answered; `n` counts the events answered.
    """
    events = cases.events
    leads = events["likeliest"].isin(PROFILES).to_numpy()
    confidence = np.where(leads, cases.probability[:, :-1].max(axis=1, initial=0.0), np.nan)
    wanted = np.flatnonzero(cases.parents["wanted"].isin(PROFILES))
    reached = np.full(len(cases.parents), np.nan)
    np.fmax.at(reached, cases.pairs["parent"].to_numpy(), confidence[cases.pairs["event"].to_numpy()])
    reached = reached[wanted]
    needed = int(np.ceil(coverage * len(wanted)))
    known = np.sort(reached[np.isfinite(reached)])[::-1]
    if not len(wanted) or len(known) < needed:
        return Figure("precision_at_coverage", None, int(leads.sum()) if len(wanted) else 0)
    said = leads & (confidence >= known[needed - 1])
    right = said & (events["likeliest"].astype(object) == events["wanted"].astype(object)).to_numpy()
    return share("precision_at_coverage", right, said, cases.units.events, cases.units.count)


def prior_grid(cases: Cases, thresholds: Thresholds, grid: tuple[float, ...]) -> pd.DataFrame:
    """Return figures under other shares of ordinary flow: none_prior, published, and precision, recall and false_alarms_per_10000, each
    with the ends of its 90 % interval (`_low`, `_high`).

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
    events, units = cases.events, cases.units
    probability = reweighted(cases.probability, thresholds.none_prior, prior)
    best = probability.argmax(axis=1)
    ordered = np.sort(probability, axis=1)
    liftable = np.array([set(reasons) <= set(RELAXED) for reasons in events["abstention_reasons"]], dtype=bool)
    enough = (ordered[:, -1] >= thresholds.probability) & (ordered[:, -1] - ordered[:, -2] >= thresholds.margin)
    said = enough & liftable & (best < len(PROFILES))
    right = said & (np.array(CLASSES, dtype=object)[best] == events["wanted"].astype(object).to_numpy())
    background, wanted = events["background"].to_numpy(bool), cases.parents["wanted"].isin(PROFILES).to_numpy()
    figures = (
        share("precision", right, said, units.events, units.count),
        share("recall", recalled(cases, right) & wanted, wanted, units.parents, units.count),
        share("false_alarms_per_10000", said & background, background, units.events, units.count, scale=PER),
    )
    ends = {f"{one.metric}{end}": value for one in figures for end, value in (("", one.value), ("_low", one.low), ("_high", one.high))}
    return {"published": int(said.sum()), **ends}


def recalled(cases: Cases, right: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether each labelled parent has an event among those that are `right`, [parents]."""
    found = np.zeros(len(cases.parents), dtype=bool)
    found[cases.pairs.loc[right[cases.pairs["event"].to_numpy()], "parent"].to_numpy()] = True
    return found


def threshold_sweep(cases: Cases, thresholds: tuple[float, ...]) -> pd.DataFrame:
    """Return, for each least probability of a profile, recall of the wanted profiles and false alarms per 10,000 background events.

    Guards and other reasons stand; only the threshold of probability moves.
    """
    events = cases.events
    probability = cases.probability[:, :-1].max(axis=1, initial=0.0)
    leads = (cases.probability.argmax(axis=1) < len(PROFILES)) if len(events) else np.zeros(0, bool)
    open_to = np.array([set(reasons) <= {"low_probability"} for reasons in events["abstention_reasons"]], dtype=bool) & leads
    right = open_to & (events["likeliest"].astype(object) == events["wanted"].astype(object)).to_numpy()
    background = events["background"].to_numpy(bool)
    wanted = int(cases.parents["wanted"].isin(PROFILES).sum())
    rows = []
    for limit in thresholds:
        said = open_to & (probability >= limit)
        found = recalled(cases, right & said).sum()
        precision = (right & said).sum() / said.sum() if said.any() else np.nan
        alarms = PER * (said & background).sum() / background.sum() if background.any() else np.nan
        rows.append((limit, found / wanted if wanted else np.nan, precision, alarms))
    return pd.DataFrame(rows, columns=["threshold", "recall", "precision", "false_alarms_per_10000"])
