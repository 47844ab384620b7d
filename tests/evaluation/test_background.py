"""One definition of background: every expected value is read off the small tables."""

import pandas as pd
import pytest
from judged_examples import cases, part

from smartmoney_pipeline.evaluation.acceptance import noise
from smartmoney_pipeline.evaluation.background import FLOW, LOOK_ALIKE, NEUTRAL, background_origins, false_alarms, is_background
from smartmoney_pipeline.evaluation.cases import cases_of
from smartmoney_pipeline.evaluation.decisions import decision_figures
from smartmoney_pipeline.evaluation.metrics import evaluate

MEMBERS = pd.DataFrame({"event_id": list("abcdefg"), "print_id": ["p1", "p2", "p3", "p4", "p5", "p6", "p7"]})


def labels(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["print_id", "profile", "expected", "family"]).assign(label_id="L")


def origins(*rows: tuple[str, str, str, str]) -> dict[str, object]:
    events = pd.Series(list("abcdefg"))
    return dict(zip(events, background_origins(events, MEMBERS, labels(*rows)), strict=True))


def test_events_without_a_profile_labelled_parents_print_are_background():
    found = origins(
        ("p1", "arbitrage", "arbitrage", "profile"),
        ("p2", "none", "none", "neutral"),
        ("p3", "none", "none", "false_positive"),
        ("p4", "none", "abstain", "false_positive"),
        ("p5", "vol_seller", "vol_seller", "false_positive"),
        ("p6", "none", "retail_whale", "false_positive"),
    )
    assert found == {"a": None, "b": NEUTRAL, "c": LOOK_ALIKE, "d": LOOK_ALIKE, "e": None, "f": None, "g": FLOW}


def test_one_print_of_a_profile_parent_is_enough_to_be_no_background():
    events = pd.Series(["a"])
    several = pd.DataFrame({"event_id": ["a"] * 3, "print_id": ["p1", "p2", "p3"]})
    rows = labels(("p1", "none", "none", "neutral"), ("p2", "arbitrage", "arbitrage", "profile"))
    assert background_origins(events, several, rows).tolist() == [None]


def test_labels_without_families_are_neutral_or_of_a_profile():
    rows = labels(("p1", "none", "", ""), ("p2", "arbitrage", "", ""))[["label_id", "print_id", "profile"]]
    assert background_origins(pd.Series(["a", "b", "g"]), MEMBERS, rows).tolist() == [NEUTRAL, None, FLOW]


def test_false_alarms_are_counted_among_background():
    background = is_background([FLOW, None, LOOK_ALIKE, NEUTRAL])
    assert false_alarms(pd.Series([True, True, False, True]).to_numpy(), background) == (2, 3)


def test_report_metrics_table_and_acceptance_say_the_same():
    """The small session has three background events, of which one is published."""
    session = part()
    of_report = {figure.metric: figure for figure in decision_figures(cases())}["false_alarms_per_10000"]
    table = evaluate(session.events, session.members, session.labels).set_index("metric")
    of_table = table.loc["false_alarms_per_10000", ["value", "n"]].tolist()
    published, among = noise(session.events, session.members, session.labels)
    assert (published, among) == (1, 3)
    assert (of_report.value, of_report.n) == (pytest.approx(1e4 / 3), 3)
    assert of_table == [pytest.approx(1e4 / 3), 3]


def test_without_labels_nothing_is_called_background():
    found = cases_of([part(labels=None)])
    assert not found.events["background"].any()
    assert "false_alarms_per_10000" not in {figure.metric for figure in decision_figures(found)}
