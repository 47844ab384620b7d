"""Answers are counted by hand from the small session in `judged_examples`."""

import pandas as pd
import pytest
from judged_examples import EVENTS, LABELS, cases, part

from smartmoney_pipeline.evaluation.cases import cases_of


def test_events_are_labelled_unlabelled_or_mixed():
    """e3 holds two prints of which one is a label's: half is enough to own it."""
    events = cases().events.set_index("event_id")
    assert events["kind"].to_dict() == {
        "e1": "labelled", "e2": "labelled", "e3": "labelled", "e4": "labelled", "e5": "unlabelled", "e6": "unlabelled"
    }  # fmt: skip
    assert events["truth"].to_dict() == {
        "e1": "arbitrage", "e2": "vol_seller", "e3": "retail_whale", "e4": "none", "e5": "none", "e6": "none"
    }  # fmt: skip
    assert events.loc["e3", "wanted"] == "abstain"


def test_an_event_with_too_few_labelled_prints_is_mixed_and_its_class_unknown():
    found = cases_of([part(events=[("e1", "abcxyzw", "none", 0.9, None, "unknown", ["no_profile"])], labels=LABELS[:1])])
    assert list(found.events["kind"]) == ["mixed"]
    assert not found.known.any()
    assert list(found.parents["answer"]) == ["not_found"]


def test_parents_have_an_answer():
    answers = cases().parents.set_index("label")["answer"].to_dict()
    assert answers == {"L1": "arbitrage", "L2": "abstain", "L3": "retail_whale", "L4": "abstain"}


def test_a_parent_split_into_events_is_answered_by_the_one_that_is_right():
    """Three of its prints are said to be event_driven, one arbitrage, and arbitrage is wanted."""
    split = [("a", "abx", "event_driven", 0.9, "event_driven", "neutral", []), ("b", "c", "arbitrage", 0.8, "arbitrage", "neutral", [])]
    parents = cases_of([part(events=split, labels=LABELS[:1])]).parents
    assert list(parents["answer"]) == ["arbitrage"]
    assert list(parents["leading"]) == ["event_driven"]


def test_the_same_ids_in_two_sessions_stay_apart():
    both = cases(2)
    assert len(both.events) == 2 * len(EVENTS)
    assert both.parents.groupby("block").size().to_dict() == {0: 4, 1: 4}


def test_blocks_are_underlyings_where_sessions_are_few():
    few = cases_of([part("a", underlying="SPY"), part("b", underlying="AAPL")])
    assert (few.units.count, few.units.meaning) == (2, "session, seed and underlying")
    assert cases(5).units.meaning == "session and seed"


def test_without_labels_nothing_is_known():
    found = cases_of([part(labels=None)])
    assert not found.known.any()
    assert found.parents.empty


def test_older_labels_without_a_family_want_their_profile():
    session = part()
    labels = session.labels[["label_id", "print_id", "profile", "direction"]]
    found = cases_of([type(session)("old", session.events, session.members, labels)])
    assert found.parents.set_index("label")["wanted"].to_dict()["L3"] == "retail_whale"


def test_labels_of_unknown_prints_are_parents_that_are_not_found():
    parents = cases_of([part(labels=[*LABELS, ("L9", "zz", "arbitrage", "arbitrage", "neutral", "profile")])]).parents
    assert parents.set_index("label").loc["L9", "answer"] == "not_found"
    assert pd.isna(parents.set_index("label").loc["L9", "event_id"])


def test_nothing_at_all_is_refused():
    with pytest.raises(ValueError, match="nothing to evaluate"):
        cases_of([])
