"""Answers are counted by hand from the small tables below."""

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.evaluation.flat import PROBABILITIES
from smartmoney_pipeline.evaluation.matching import by_parent, event_truth, match_parents, overlaps, pair_counts
from smartmoney_pipeline.evaluation.metrics import evaluate

MEMBERS = pd.DataFrame({"event_id": ["e1", "e1", "e1", "e2", "e3", "e3"], "print_id": list("abcdef")})
LABELS = pd.DataFrame(
    {
        "label_id": ["L1", "L1", "L1", "L2", "L2"],
        "print_id": ["a", "b", "c", "d", "e"],
        "profile": ["arbitrage"] * 3 + ["vol_seller"] * 2,
        "direction": ["neutral"] * 3 + ["bearish"] * 2,
    }
)


def stated(*rows: tuple[str, float]) -> dict[str, list[float]]:
    """Probability columns: the first profile has the probability, none 0.1, and the others share the rest."""
    return {
        name: [0.1 if name == PROBABILITIES[-1] else p if name == f"probability.{first}" else (0.9 - p) / 5 for first, p in rows]
        for name in PROBABILITIES
    }


EVENTS = pd.DataFrame(
    {
        "event_id": ["e1", "e2", "e3"],
        "abstained": [False, True, False],
        "primary_profile_id": ["arbitrage", None, "retail_whale"],
        "primary_direction": ["neutral", "bearish", "bullish"],
        "abstention_reasons": [[], ["low_margin"], []],
        **stated(("arbitrage", 0.8), ("vol_seller", 0.4), ("retail_whale", 0.7)),
    }
)


def value(table: pd.DataFrame, metric: str, profile: str | None = None) -> float:
    rows = table[(table["metric"] == metric) & (table["profile"].isna() if profile is None else table["profile"] == profile)]
    assert len(rows) == 1, metric
    return rows["value"].iloc[0]


def test_overlap_counts_shared_prints_over_the_union():
    pairs = overlaps(MEMBERS, LABELS).set_index(["label_id", "event_id"])["jaccard"]
    assert pairs["L1", "e1"] == 1.0
    assert pairs["L2", "e2"] == pytest.approx(1 / 2)
    assert pairs["L2", "e3"] == pytest.approx(1 / 3)


def test_a_label_without_a_good_event_is_not_found():
    found = match_parents(MEMBERS, LABELS, threshold=0.6).set_index("label_id")
    assert found.loc["L1", "event_id"] == "e1"
    assert pd.isna(found.loc["L2", "event_id"])


def test_a_label_owns_the_events_that_hold_mostly_its_prints():
    # e1 and e2 hold only labelled prints; half of e3's prints are L2's own.
    truth = event_truth(MEMBERS, LABELS).set_index("event_id")
    assert truth["label_id"].to_dict() == {"e1": "L1", "e2": "L2", "e3": "L2"}
    assert list(event_truth(MEMBERS, LABELS, threshold=0.6)["event_id"]) == ["e1", "e2"]


def test_pairs_of_prints():
    # Joined pairs that touch a label: e1 has 3; e3 joins e (labelled) with f (not): 1. Of them 3 are right; labels join 3 + 1 = 4 pairs.
    assert pair_counts(MEMBERS, LABELS) == (3, 4, 4)


def test_figures_of_a_session():
    table = evaluate(EVENTS, MEMBERS, LABELS)
    assert value(table, "abstention_rate") == pytest.approx(1 / 3)
    assert value(table, "precision", "arbitrage") == 1.0
    assert value(table, "recall", "vol_seller") == 0.0
    assert np.isnan(value(table, "precision", "vol_seller"))
    assert value(table, "parents_exact") == 0.5
    assert (value(table, "pair_precision"), value(table, "pair_recall")) == (3 / 4, 3 / 4)
    assert value(table, "abstained_low_margin") == 1.0


def test_without_labels_only_decisions_are_counted():
    table = evaluate(EVENTS, MEMBERS, None)
    assert "precision" not in set(table["metric"])
    assert value(table, "published", "retail_whale") == 1.0


def test_an_empty_session_has_null_rates_not_zero():
    table = evaluate(EVENTS.iloc[:0], MEMBERS.iloc[:0], None)
    assert np.isnan(value(table, "abstention_rate"))


def test_where_labels_tell_parents_apart_each_parent_is_looked_for():
    # one event in two parents of two prints, and an event of the scorer for each: both are found exactly, the whole event is not
    labels = pd.DataFrame(
        {
            "label_id": ["a"] * 4,
            "parent_id": ["a.0", "a.0", "a.1", "a.1"],
            "print_id": list("wxyz"),
            "profile": "none",
            "direction": "neutral",
        }
    )
    members = pd.DataFrame({"event_id": ["e", "e", "f", "f"], "print_id": list("wxyz")})
    assert list(match_parents(members, by_parent(labels))["exact"]) == [True, True]
    assert list(match_parents(members, labels)["exact"]) == [False]
    assert by_parent(labels.drop(columns="parent_id"))["label_id"].eq("a").all()
