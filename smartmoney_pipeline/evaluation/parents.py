"""Labelled parents of one session: which event answers to each, and what was said of it.

A parent is what the labels call one (`parent_id`): an order, a package, the clips of a worked order. A planted event (`label_id`) holds one
or several. Labels without `parent_id` name parents themselves.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.classes import PROFILES
from smartmoney_pipeline.evaluation.flat import PROBABILITIES
from smartmoney_pipeline.evaluation.matching import by_parent, event_truth, match_parents, overlaps

ABSTAIN, NOT_FOUND = "abstain", "not_found"
CASE_DEFAULTS = {"template": "", "variant": "", "difficulty": "", "family": ""}
OUTCOMES = ["event_id", "jaccard", "exact", "main_event", "leading", "answer"]
PARENT_COLUMNS = ["underlying", "label", "planted", "profile", "wanted", "direction", *OUTCOMES, *CASE_DEFAULTS]


def with_defaults(labels: pd.DataFrame) -> pd.DataFrame:
    """Return labels with every case column; `expected` is the profile where the scenario does not say otherwise."""
    missing = {name: value for name, value in CASE_DEFAULTS.items() if name not in labels}
    filled = labels.assign(**missing)
    return filled if "expected" in filled else filled.assign(expected=filled["profile"])


def parents_of(events: pd.DataFrame, members: pd.DataFrame, labels: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row a labelled parent (`PARENT_COLUMNS`), and every pair (label, event_id) of a parent and an event that answers for it.

    An event answers for a parent where they match (Jaccard index), or where it belongs to the parent's planted event and either holds at
    least half of the parent's prints, or is made of them by half.
    """
    if labels is None or labels.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in PARENT_COLUMNS}), pd.DataFrame(columns=["label", "event_id"])
    full = with_defaults(labels).assign(planted=labels["label_id"])
    named = by_parent(full)
    shared = overlaps(members, named)
    about = named.drop_duplicates("label_id")[["label_id", "planted", "expected", *CASE_DEFAULTS]]
    found = match_parents(members, named).merge(about, on="label_id", how="left")
    found = found.rename(columns={"label_id": "label", "expected": "wanted"})
    found["underlying"] = _underlying(events, shared, found["label"])
    pairs = _answering(events, members, full, shared, found)
    first = pairs.sort_values(["label", "jaccard", "event_id"], ascending=[True, False, True]).drop_duplicates("label")
    found["main_event"] = found["label"].map(first.set_index("label")["event_id"]).astype(object)
    found["leading"] = found["main_event"].map(_leading(events)).astype(object)
    found["answer"] = _answers(found, pairs)
    return found[PARENT_COLUMNS], pairs[["label", "event_id"]]


def _underlying(events: pd.DataFrame, shared: pd.DataFrame, labels: pd.Series) -> pd.Series:
    """Underlying of the event that shares most with each labelled parent; null where none shares a print."""
    if "underlying_id" not in events:
        return pd.Series(None, index=labels.index, dtype=object)
    first = shared.drop_duplicates("label_id").set_index("label_id")["event_id"]
    return labels.map(first).map(events.set_index("event_id")["underlying_id"]).astype(object)


def _leading(events: pd.DataFrame) -> pd.Series:
    first = events[PROBABILITIES[:-1]].to_numpy(np.float64).argmax(axis=1) if len(events) else np.zeros(0, np.int64)
    return pd.Series(np.array(PROFILES, dtype=object)[first], index=events["event_id"].to_numpy(), dtype=object)


def _answering(
    events: pd.DataFrame, members: pd.DataFrame, labels: pd.DataFrame, shared: pd.DataFrame, parents: pd.DataFrame
) -> pd.DataFrame:
    """Every event that answers for a parent: label, event_id, jaccard, said (published profile or null)."""
    owner = event_truth(members, labels).set_index("event_id")["label_id"]
    about = parents.set_index("label")
    own = shared["event_id"].map(owner).astype(object) == shared["label_id"].map(about["planted"]).astype(object)
    mostly = 2 * shared["shared"] >= shared[["label_prints", "event_prints"]].min(axis=1)
    match = shared["event_id"].astype(object) == shared["label_id"].map(about["event_id"]).astype(object)
    pairs = shared[(own & mostly) | match]
    said = events.set_index("event_id")["primary_profile_id"].astype(object)
    kept = pairs[pairs["event_id"].isin(said.index)].rename(columns={"label_id": "label"})
    return kept[["label", "event_id", "jaccard"]].assign(said=kept["event_id"].map(said))


def _answers(parents: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """What was said of each labelled parent: the wanted profile where any of its events says it, else another that one of them says."""
    ranked = pairs.merge(parents[["label", "wanted"]], on="label")
    ranked["rank"] = np.where(ranked["said"] == ranked["wanted"], 0, np.where(ranked["said"].notna(), 1, 2))
    first = ranked.sort_values(["label", "rank", "jaccard", "event_id"], ascending=[True, True, False, True]).drop_duplicates("label")
    said = first.set_index("label")["said"].astype(object)
    answer = parents["label"].map(said.where(said.notna(), ABSTAIN))
    return answer.astype(object).where(answer.notna(), NOT_FOUND)
