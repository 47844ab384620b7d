"""Figures of one scored session: coverage and abstention always; precision, recall and proper scores where labels exist."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.matching import by_parent, co_membership, event_truth, match_parents
from smartmoney_pipeline.schemas.codes import ProfileId

PROFILES = [profile.value for profile in ProfileId]
NONE = "none"


def metric_row(metric: str, value: float | None, n: int, profile: str | None = None) -> dict[str, object]:
    """One row of the metrics table; `n` is the number of cases behind the figure and `value` is null where n is 0."""
    return {"metric": metric, "profile": profile, "value": value if n else None, "n": n}


def decision_metrics(events: pd.DataFrame) -> list[dict[str, object]]:
    """Counts of events, published profiles and abstention reasons; needs no labels."""
    n = len(events)
    rows = [metric_row("events", float(n), n), metric_row("abstention_rate", float(events["abstained"].mean()) if n else None, n)]
    published = events["primary_profile_id"].value_counts()
    rows += [metric_row("published", float(published.get(profile, 0)), n, profile) for profile in PROFILES]
    reasons = events["abstention_reasons"].explode().dropna().value_counts().sort_index()
    return rows + [metric_row(f"abstained_{reason}", float(count), n) for reason, count in reasons.items()]


def probability_matrix(events: pd.DataFrame) -> np.ndarray:
    """Probabilities as an array [events, 7]: the six profiles in ProfileId order, then `none`."""
    matrix = np.full((len(events), len(PROFILES) + 1), np.nan)
    for row, scores in enumerate(events["profile_scores"]):
        for score in scores:
            matrix[row, PROFILES.index(score["profile_id"])] = score["probability"]
    matrix[:, -1] = events["none_probability"].to_numpy()
    return matrix


def proper_scores(probability: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Multi-class Brier score and log loss of probabilities [n, k] against class indices [n]."""
    hits = np.zeros_like(probability)
    hits[np.arange(len(truth)), truth] = 1.0
    brier = float(((probability - hits) ** 2).sum(axis=1).mean())
    chosen = np.clip(probability[np.arange(len(truth)), truth], 1e-12, 1.0)
    return brier, float(-np.log(chosen).mean())


def score_metrics(owned: pd.DataFrame) -> list[dict[str, object]]:
    """Brier score and log loss over events that a label owns, beside the frequency-only baseline."""
    n = len(owned)
    if not n:
        return [metric_row(name, None, 0) for name in ("brier", "log_loss", "brier_baseline", "log_loss_baseline")]
    truth = owned["profile"].map([*PROFILES, NONE].index).to_numpy()
    brier, log_loss = proper_scores(probability_matrix(owned), truth)
    frequencies = np.bincount(truth, minlength=len(PROFILES) + 1) / n
    base_brier, base_log_loss = proper_scores(np.tile(frequencies, (n, 1)), truth)
    figures = {"brier": brier, "log_loss": log_loss, "brier_baseline": base_brier, "log_loss_baseline": base_log_loss}
    return [metric_row(name, value, n) for name, value in figures.items()]


def profile_metrics(events: pd.DataFrame, owned: pd.DataFrame, labels: pd.DataFrame) -> list[dict[str, object]]:
    """Precision over published events, recall over labelled parents, and their F1, by profile.

    A published event is right where a label of that profile owns it; a labelled parent is recalled where one of its events is right.
    """
    rows: list[dict[str, object]] = []
    parents = labels.drop_duplicates("label_id")
    for profile in PROFILES:
        published = int((events["primary_profile_id"] == profile).sum())
        right = owned[(owned["primary_profile_id"] == profile) & (owned["profile"] == profile)]
        labelled = int((parents["profile"] == profile).sum())
        precision, recall = len(right) / max(published, 1), right["label_id"].nunique() / max(labelled, 1)
        f1 = 2 * precision * recall / (precision + recall) if len(right) else 0.0
        rows += [
            metric_row("precision", precision, published, profile),
            metric_row("recall", recall, labelled, profile),
            metric_row("f1", f1, labelled, profile),
        ]
    return rows


def grouping_metrics(members: pd.DataFrame, labels: pd.DataFrame, found: pd.DataFrame) -> list[dict[str, object]]:
    """How well prints were joined: exact recovery of labelled parents of events, precision and recall over pairs of prints."""
    precision, recall = co_membership(members, labels)
    n = len(found)
    return [
        metric_row("parents_found", float(found["event_id"].notna().mean()) if n else None, n),
        metric_row("parents_exact", float(found["exact"].mean()) if n else None, n),
        metric_row("pair_precision", precision, n if precision is not None else 0),
        metric_row("pair_recall", recall, n if recall is not None else 0),
    ]


def background_metrics(events: pd.DataFrame, members: pd.DataFrame, labels: pd.DataFrame) -> list[dict[str, object]]:
    """Published profiles per 10,000 events that hold no print of a labelled profile parent."""
    profile_prints = labels.loc[labels["profile"] != NONE, "print_id"]
    touched = members.loc[members["print_id"].isin(profile_prints), "event_id"].unique()
    background = events[~events["event_id"].isin(touched)]
    n = len(background)
    return [metric_row("false_alarms_per_10000", 1e4 * float((~background["abstained"]).mean()) if n else None, n)]


def direction_metrics(owned: pd.DataFrame) -> list[dict[str, object]]:
    """Share of right directions among published events whose label and event both name bullish or bearish."""
    decided = ["bullish", "bearish"]
    both = owned[owned["direction"].isin(decided) & owned["primary_direction"].isin(decided) & owned["primary_profile_id"].notna()]
    n = len(both)
    return [metric_row("direction_accuracy", float((both["direction"] == both["primary_direction"]).mean()) if n else None, n)]


def evaluate(events: pd.DataFrame, members: pd.DataFrame, labels: pd.DataFrame | None) -> pd.DataFrame:
    """Return the metrics table (metric, profile, value, n) of one session; without labels only the decision figures.

    `events`: smart_money_events; `members`: event_id, print_id; `labels`: label_id, print_id, profile (`none` = neutral), direction.
    """
    rows = decision_metrics(events)
    if labels is not None and len(labels):
        owned = event_truth(members, labels).merge(events, on="event_id", how="left")
        parents = by_parent(labels)
        rows += grouping_metrics(members, parents, match_parents(members, parents)) + profile_metrics(events, owned, labels)
        rows += score_metrics(owned) + direction_metrics(owned) + background_metrics(events, members, labels)
    frame = pd.DataFrame(rows, columns=["metric", "profile", "value", "n"])
    return frame.astype({"metric": "str", "profile": "str", "value": "float64", "n": "int64"})
