"""Which parent event answers to which labelled parent, by the prints they share."""

from __future__ import annotations

import pandas as pd

MATCH_JACCARD = 0.5
"""A labelled parent is found where the best event shares at least half of the union of prints: above one half the match is unique."""


def by_parent(labels: pd.DataFrame) -> pd.DataFrame:
    """Return labels with `label_id` naming each parent of an event, where they tell parents apart (`parent_id`); else as they are."""
    return labels.assign(label_id=labels["parent_id"]) if "parent_id" in labels else labels


def overlaps(members: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return every (label_id, event_id) pair that shares prints, with counts and Jaccard index.

    `members`: event_id, print_id. `labels`: label_id, print_id. Rows come sorted by label_id, then best Jaccard first, ties by event_id.
    """
    joined = labels[["label_id", "print_id"]].merge(members[["event_id", "print_id"]], on="print_id", how="inner")
    pairs = joined.groupby(["label_id", "event_id"], sort=True).size().rename("shared").reset_index()
    pairs["label_prints"] = pairs["label_id"].map(labels.groupby("label_id").size())
    pairs["event_prints"] = pairs["event_id"].map(members.groupby("event_id").size())
    pairs["jaccard"] = pairs["shared"] / (pairs["label_prints"] + pairs["event_prints"] - pairs["shared"])
    return pairs.sort_values(["label_id", "jaccard", "event_id"], ascending=[True, False, True], ignore_index=True)


def match_parents(members: pd.DataFrame, labels: pd.DataFrame, threshold: float = MATCH_JACCARD) -> pd.DataFrame:
    """Return one row per labelled parent: label_id, profile, direction, event_id (null where not found), jaccard, exact.

    `labels` has one row per labelled print: label_id, print_id, profile, direction.
    """
    parents = labels.drop_duplicates("label_id")[["label_id", "profile", "direction"]].sort_values("label_id", ignore_index=True)
    best = overlaps(members, labels).drop_duplicates("label_id")
    found = parents.merge(best[["label_id", "event_id", "jaccard"]], on="label_id", how="left")
    found["jaccard"] = found["jaccard"].fillna(0.0)
    found["exact"] = found["jaccard"] == 1.0
    found.loc[found["jaccard"] < threshold, "event_id"] = None
    return found


def event_truth(members: pd.DataFrame, labels: pd.DataFrame, threshold: float = MATCH_JACCARD) -> pd.DataFrame:
    """Return one row per event that a label owns: event_id, label_id, profile, direction.

    A label owns an event where at least `threshold` of the event's prints are its own: an order worked in several bursts owns several.
    """
    pairs = overlaps(members, labels)
    share = pairs["shared"] / pairs["event_prints"]
    owned = pairs[share >= threshold].assign(share=share).sort_values(["event_id", "share", "label_id"], ascending=[True, False, True])
    first = owned.drop_duplicates("event_id")[["event_id", "label_id"]]
    return first.merge(labels.drop_duplicates("label_id")[["label_id", "profile", "direction"]], on="label_id", how="left")


def pair_counts(members: pd.DataFrame, labels: pd.DataFrame) -> tuple[float, float, float]:
    """Return numbers of pairs of prints: joined by an event and by a label; joined by an event and touching a label; joined by a label.

    The first over the second is the precision of joining, the first over the third its recall. Pairs of a label's print with an unlabelled
    print count against precision.
    """
    pairs = overlaps(members, labels)
    right = float((pairs["shared"] * (pairs["shared"] - 1) / 2).sum())
    label_sizes = labels.groupby("label_id").size()
    wanted = float((label_sizes * (label_sizes - 1) / 2).sum())
    touching = pairs.groupby("event_id").agg(labelled=("shared", "sum"), size=("event_prints", "first"))
    unlabelled = touching["size"] - touching["labelled"]
    joined = float((touching["labelled"] * (touching["labelled"] - 1) / 2 + touching["labelled"] * unlabelled).sum())
    return right, joined, wanted
