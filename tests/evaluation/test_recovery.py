"""Recovery of parents, strangers among joined prints, and reliability of the stated confidence, worked out by hand."""

import pandas as pd
import pytest

from smartmoney_pipeline.evaluation.recovery import (
    busy_contracts,
    by_family,
    chance_merges,
    confidence_reliability,
    joined_prints,
    true_parents,
)


def table(**columns):
    return pd.DataFrame(columns)


MEMBERS = table(event_id=["A", "A", "A", "B", "B", "C", "D", "D"], print_id=["1", "2", "3", "4", "5", "6", "7", "8"])
LABELS = table(
    print_id=["1", "2", "4", "6"], label_id=["x", "x", "y", "z"], parent_id=["x.0", "x.0", "y.0", "z.0"],
    profile=["none"] * 4, direction=["bullish"] * 4, template=["sweeps", "sweeps", "sweeps", "twins"],
)  # fmt: skip
ORDERS = table(print_id=list("12345678"), order_id=["o1", "o1", "o2", "o3", "o3", "o4", "o5", "o5"])
EVENTS = table(
    event_id=["A", "B", "C", "D"], assembly=["sweep", "fill", "fill", "herd"], reconstruction_confidence=[0.99, 0.9, 1.0, 0.7]
)  # fmt: skip
CONTRACTS = pd.Series(["K"] * 3 + ["L"] * 5, index=list("12345678"), name="option_symbol")


def test_families_by_hand():
    found = by_family(MEMBERS, LABELS).set_index("family")
    assert found.index.tolist() == ["sweeps", "twins", "all"]
    # x is two of the three prints of A (Jaccard 2/3), y one of the two of B (1/2): both found, neither exact; z is C itself
    assert found["parents"].tolist() == [2, 1, 3]
    assert found["found"].tolist() == [1.0, 1.0, 1.0]
    assert found["exact"].tolist() == [0.0, 1.0, pytest.approx(1 / 3)]
    # one true pair, 1-2; joined pairs that touch a label: three in A less none, one in B; the pair 2-3 and 1-3 count as wrong
    assert found.loc["sweeps", "pair_recall"] == 1.0
    assert found.loc["sweeps", "pair_precision"] == pytest.approx(1 / 4)
    assert found.loc["sweeps", "pair_f1"] == pytest.approx(0.4)
    assert pd.isna(found.loc["twins", "pair_f1"])


def test_the_truth_is_the_labelled_parent_else_the_order():
    truth = true_parents(LABELS, ORDERS)
    assert truth.to_dict() == {"1": "x.0", "2": "x.0", "3": "o2", "4": "y.0", "5": "o3", "6": "z.0", "7": "o5", "8": "o5"}


def test_strangers_are_those_outside_the_largest_parent():
    joined = joined_prints(MEMBERS, EVENTS, true_parents(LABELS, ORDERS), CONTRACTS)
    # the herd D and the single print C take no part; in A print 3 is a stranger, in B the tie goes to the first name, o3
    assert joined["event_id"].tolist() == ["A", "A", "A", "B", "B"]
    assert joined["stranger"].tolist() == [False, False, True, True, False]
    assert joined["busy"].tolist() == [False, False, False, True, True]


def test_the_busiest_contracts_hold_a_quarter_of_the_prints():
    counts = {"a": 5, "b": 3, "c": 3, "d": 9}
    contracts = pd.Series([name for name, n in counts.items() for _ in range(n)])
    assert busy_contracts(contracts) == {"d"}
    assert busy_contracts(pd.Series(["a", "b", "c", "d", "e"])) == {"a", "b"}  # ties by name, and the one that reaches a quarter is in


def test_chance_merges_by_what_joined():
    joined = joined_prints(MEMBERS, EVENTS, true_parents(LABELS, ORDERS), CONTRACTS)
    found = chance_merges(joined).set_index("joined_by")
    assert found.loc["sweep"].tolist() == [1, 3, 1, pytest.approx(1 / 3)]
    assert found.loc["all", ["events", "prints", "strangers"]].tolist() == [2, 5, 2]
    assert found.loc["busy contracts", "share"] == pytest.approx(0.5)


def test_nothing_joined_gives_null():
    empty = joined_prints(MEMBERS.iloc[:0], EVENTS, true_parents(LABELS, ORDERS), CONTRACTS)
    assert pd.isna(chance_merges(empty).set_index("joined_by").loc["all", "share"])
    assert confidence_reliability(empty).empty


def test_reliability_counts_events_by_stated_confidence():
    joined = table(
        event_id=["A", "A", "B", "B", "C", "C"], confidence=[0.97, 0.97, 0.98, 0.98, 0.4, 0.4], stranger=[False, True] + [False] * 4
    )
    found = confidence_reliability(joined)
    assert found["upto"].tolist() == [0.5, 0.99]
    assert found["events"].tolist() == [1, 2]
    assert found["stated"].tolist() == [pytest.approx(0.4), pytest.approx(0.975)]
    assert found["right"].tolist() == [1.0, 0.5]
