"""Figures counted by hand from the small session in `judged_examples`."""

import numpy as np
import pytest
from judged_examples import cases, part

from smartmoney_pipeline.evaluation.cases import cases_of
from smartmoney_pipeline.evaluation.decisions import abstentions, confusion, decision_figures, handled, look_alikes, rates


def figures(found):
    return {(figure.metric, figure.profile): figure for figure in decision_figures(found)}


def test_precision_recall_and_f1():
    """arbitrage: 1 published, right, 1 wanted. vol_seller: wanted, never published. retail_whale: published where silence was wanted."""
    found = figures(cases())
    assert found["precision", "arbitrage"].value == found["recall", "arbitrage"].value == found["f1", "arbitrage"].value == 1.0
    assert (found["precision", "vol_seller"].value, found["recall", "vol_seller"].value, found["f1", "vol_seller"].value) == (
        None,
        0.0,
        0.0,
    )
    assert (found["precision", "retail_whale"].value, found["recall", "retail_whale"].value) == (0.0, None)
    assert found["macro_f1", None].value == pytest.approx((1.0 + 0.0) / 2)
    assert found["precision_published", None].value == pytest.approx(1 / 3)


def test_shares_of_the_session():
    found = figures(cases())
    assert found["abstention_rate", None].value == pytest.approx(3 / 6)
    assert found["coverage", None].value == pytest.approx(1 / 2)
    # e4 is of a neutral label, e5 and e6 are nobody's: three background events, and something is published for e5.
    assert (found["false_alarms_per_10000", None].value, found["false_alarms_per_10000", None].n) == (pytest.approx(1e4 / 3), 3)
    assert (found["false_alarms_flow_per_10000", None].value, found["false_alarms_neutral_per_10000", None].value) == (5000.0, 0.0)
    assert found["false_alarms_look_alike_per_10000", None].n == 0
    assert found["parents_exact", None].value == pytest.approx(3 / 4)
    assert (found["false_positives_handled", None].value, found["false_positives_handled", None].n) == (0.0, 1)
    assert (found["direction_accuracy", None].value, found["direction_accuracy", None].n) == (1.0, 1)
    assert found["parents_found", None].value == 1.0


def test_f1_by_hand():
    """precision 8/10, recall 6/12: F1 = 2 x 0.8 x 0.5 / 1.3."""
    counts = {name: np.array([value]) for name, value in {"published": 10.0, "right": 8.0, "wanted": 12.0, "recalled": 6.0}.items()}
    assert rates(counts)["f1"][0] == pytest.approx(0.8 / 1.3)


def test_intervals_need_two_blocks_and_shrink_to_a_point_where_blocks_are_equal():
    assert figures(cases())["coverage", None].low is None
    several = figures(cases(6))["coverage", None]
    assert (several.low, several.high) == (0.5, 0.5)


def test_confusion_has_abstentions_and_background():
    table = confusion(cases())
    assert table.loc["vol_seller", "abstain"] == 1
    assert table.loc["abstain", "retail_whale"] == 1
    assert table.loc["background"].to_dict()["event_driven"] == 1
    assert int(table.to_numpy().sum()) == 4 + 3


def test_look_alikes_name_what_was_said():
    rows = look_alikes(cases()).to_dict("records")
    assert rows == [
        {
            "template": "made",
            "variant": "up",
            "wanted": "abstain",
            "n": 1,
            "right": 0.0,
            "low": None,
            "high": None,
            "said": "retail_whale 1",
        }
    ]


@pytest.mark.parametrize(
    ("wanted", "answer", "leading", "right"),
    [
        ("none", "abstain", "arbitrage", True),
        ("abstain", "not_found", None, True),
        ("none", "arbitrage", "arbitrage", False),
        ("arbitrage", "arbitrage", "arbitrage", True),
        ("arbitrage", "abstain", "arbitrage", True),
        ("arbitrage", "abstain", "retail_whale", False),
        ("arbitrage", "vol_seller", "vol_seller", False),
    ],
)
def test_what_counts_as_handled(wanted, answer, leading, right):
    parents = cases().parents.iloc[:1].assign(wanted=wanted, answer=answer, leading=leading)
    assert handled(parents).tolist() == [right]


def test_reasons_are_counted_once_each():
    table = abstentions(cases()).set_index("reason")
    assert table["events"].to_dict() == {"no_profile": 2, "low_probability": 1, "stale_quotes": 1}
    assert table["wanted"].to_dict() == {"no_profile": 0, "low_probability": 1, "stale_quotes": 0}


def test_without_labels_or_events_figures_are_null():
    assert {figure.metric for figure in decision_figures(cases_of([part(labels=None)]))} == {"events", "abstention_rate", "published"}
    empty = figures(cases_of([part(events=[], labels=None)]))
    assert (empty["abstention_rate", None].value, empty["abstention_rate", None].n) == (None, 0)
