"""How well prints were joined into parents: by family of label, against strangers, and whether the stated confidence holds.

The truth is the parent of a labelled print and the customer's order of any other. A herd joins strangers on purpose, so merges and
confidence are judged over all other events.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.matching import by_parent, match_parents, pair_counts

CONFIDENCE_EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
"""Bins of the stated confidence: each upper edge belongs to its bin."""

BUSY_SHARE = 0.25
"""The busiest quarter of a tape's prints by contract counts as busy: contracts in order of prints, up to this share of all prints."""

_FIGURES = ("parents", "found", "exact", "pair_precision", "pair_recall", "pair_f1")


def by_family(members: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return one row per template and one for `all`: parents, shares found and exact, precision, recall and F1 over pairs of prints.

    `members`: event_id, print_id. `labels`: print_id, label_id, parent_id, profile, direction, template. F1 is null where no parent of the
    family has two prints. Rows come sorted by template, `all` last.
    """
    parents = by_parent(labels)
    groups = [(str(name), rows) for name, rows in parents.groupby("template", sort=True)]
    rows = [{"family": name, **_recovery(members, part)} for name, part in [*groups, ("all", parents)]]
    return pd.DataFrame(rows, columns=["family", *_FIGURES])


def _recovery(members: pd.DataFrame, parents: pd.DataFrame) -> dict[str, float | int | None]:
    matched = match_parents(members, parents)
    right, joined, wanted = pair_counts(members, parents)
    shares = right / joined if joined else None, right / wanted if wanted else None
    f1 = 2 * right / (joined + wanted) if wanted else None
    found, exact = float(matched["event_id"].notna().mean()), float(matched["exact"].mean())
    return dict(zip(_FIGURES, (len(matched), found, exact, *shares, f1), strict=True))


def true_parents(labels: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    """Return the true parent by print_id: the labelled parent, else the customer's order.

    `labels`: print_id, parent_id. `orders`: print_id, order_id.
    """
    order = orders.set_index("print_id")["order_id"]
    return labels.set_index("print_id")["parent_id"].reindex(order.index).fillna(order).rename("parent")


def joined_prints(members: pd.DataFrame, events: pd.DataFrame, truth: pd.Series, contracts: pd.Series) -> pd.DataFrame:
    """Return the prints of all events of two prints and more but herds: event_id, assembly, confidence, stranger, busy.

    `members`: event_id, print_id. `events`: event_id, assembly, reconstruction_confidence. `contracts`: option symbol by print_id of the
    whole tape. A print is a stranger where its true parent is not the one that most prints of its event have (ties by name).
    """
    prints = members.merge(events, on="event_id")
    prints = prints[(prints["assembly"] != "herd") & (prints.groupby("event_id")["print_id"].transform("size") > 1)]
    prints = prints.assign(parent=prints["print_id"].map(truth), busy=prints["print_id"].map(contracts).isin(busy_contracts(contracts)))
    counts = prints.groupby(["event_id", "parent"], sort=True).size().rename("n").reset_index()
    main = counts.sort_values(["event_id", "n", "parent"], ascending=[True, False, True]).drop_duplicates("event_id")
    prints = prints.assign(stranger=prints["parent"] != prints["event_id"].map(main.set_index("event_id")["parent"]))
    named = prints.rename(columns={"reconstruction_confidence": "confidence"})
    return named[["event_id", "assembly", "confidence", "stranger", "busy"]].reset_index(drop=True)


def busy_contracts(contracts: pd.Series) -> set[str]:
    """Return the symbols that together hold the busiest quarter of the prints."""
    counts = contracts.rename("symbol").value_counts().reset_index(name="n").sort_values(["n", "symbol"], ascending=[False, True])
    before = counts["n"].cumsum() - counts["n"]
    return set(counts.loc[before < BUSY_SHARE * counts["n"].sum(), "symbol"])


def chance_merges(joined: pd.DataFrame) -> pd.DataFrame:
    """Return strangers among joined prints by assembly, and for all and for busy contracts: rows, events, prints, strangers, share.

    `joined`: the prints of `joined_prints`, pooled over sessions with distinct event_ids.
    """
    parts = [(str(name), rows) for name, rows in joined.groupby("assembly", sort=True)]
    parts += [("all", joined), ("busy contracts", joined[joined["busy"]])]
    return pd.DataFrame(
        [
            {
                "joined_by": name,
                "events": rows["event_id"].nunique(),
                "prints": len(rows),
                "strangers": int(rows["stranger"].sum()),
                "share": float(rows["stranger"].mean()) if len(rows) else None,
            }
            for name, rows in parts
        ]
    )


def confidence_reliability(joined: pd.DataFrame) -> pd.DataFrame:
    """Return by bin of stated confidence: events, mean stated, share of events without a stranger. Empty bins are left out."""
    events = joined.groupby("event_id", sort=True).agg(confidence=("confidence", "first"), wrong=("stranger", "any"))
    edges = np.array(CONFIDENCE_EDGES)
    bins = np.clip(np.searchsorted(edges, events["confidence"].to_numpy(np.float64), side="left"), 1, len(edges) - 1)
    found = events.assign(upto=edges[bins], right=~events["wrong"]).groupby("upto", sort=True)
    table = found.agg(events=("right", "size"), stated=("confidence", "mean"), right=("right", "mean")).reset_index()
    return table[["upto", "events", "stated", "right"]]
