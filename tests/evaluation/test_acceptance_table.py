"""Acceptance figures of tables made by hand; every expected value can be read off them."""

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.evaluation.acceptance import CASE, acceptance_table, judged, noise, noise_row
from smartmoney_pipeline.evaluation.classes import CLASSES

WIN = {"institutional_directional": 0.7, "retail_whale": 0.1}
LOSE = {"institutional_directional": 0.3, "retail_whale": 0.4}


def event(name: str, shares: dict[str, float], published: str | None = None) -> dict[str, object]:
    stated = {f"probability.{profile}": shares.get(profile, 0.0) for profile in CLASSES[:-1]}
    stated["probability.none"] = 1.0 - sum(shares.values())
    return {"event_id": name, **stated, "primary_profile_id": published, "abstained": published is None}


def label(name: str, prints: str, profile: str, expected: str | None = None, family: str | None = None, **case: str) -> pd.DataFrame:
    about = {
        "label_id": name,
        "profile": profile,
        "template": case.get("template", profile),
        "variant": case.get("variant", "v"),
        "difficulty": "easy",
        "family": family or ("neutral" if profile == "none" else "profile"),
        "expected": expected or profile,
    }
    return pd.DataFrame([{**about, "print_id": one} for one in prints])


def members(**of: str) -> pd.DataFrame:
    return pd.DataFrame([{"event_id": name, "print_id": one} for name, prints in of.items() for one in prints])


def one_row(events: list[dict[str, object]], joined: pd.DataFrame, labels: pd.DataFrame) -> pd.Series:
    rows = judged(pd.DataFrame(events), joined, labels)
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_intended_profile_wins_by_the_largest_share_among_profiles():
    row = one_row([event("e", {**WIN})], members(e="abc"), label("l", "abc", "institutional_directional"))
    assert (row["found"], row["wins"], row["right"]) == (True, True, True)
    assert row["worst_wrong"] == pytest.approx(0.1)
    assert row["wrong_profile"] == "retail_whale"


def test_none_may_be_larger_than_the_intended_profile_and_it_still_wins_among_profiles():
    row = one_row([event("e", {"vol_seller": 0.2, "arbitrage": 0.1})], members(e="abc"), label("l", "abc", "vol_seller"))
    assert row["wins"]
    assert row["worst_wrong"] == pytest.approx(0.1)


def test_a_wrong_profile_that_is_larger_wins_instead():
    row = one_row([event("e", LOSE, "retail_whale")], members(e="abc"), label("l", "abc", "institutional_directional"))
    assert not row["wins"]
    assert not row["right"]
    assert row["worst_wrong"] == pytest.approx(0.4)


def test_the_best_matching_event_counts_even_where_it_is_no_good_match():
    events = [event("small", WIN), event("large", LOSE)]
    row = one_row(events, members(small="a", large="bcxyz"), label("l", "abcdef", "institutional_directional"))
    # Jaccard: 1 of 6 prints, against 2 of 9.
    assert row["worst_wrong"] == pytest.approx(0.4)
    assert not row["found"]


def test_a_parent_without_an_event_wins_nothing():
    rows = judged(pd.DataFrame([event("e", WIN)]), members(e="x"), label("l", "abc", "institutional_directional"))
    row = acceptance_table(rows).iloc[0]
    assert (row["found"], row["wins"], row["below"], row["right"], row["passed"]) == (0.0, 0.0, 0.0, 0.0, False)
    assert np.isnan(row["worst_wrong"])


@pytest.mark.parametrize(
    ("expected", "published", "right"),
    [("abstain", None, True), ("abstain", "retail_whale", False), ("none", None, True), ("none", "retail_whale", False)],
)
def test_what_should_be_left_alone_is_right_where_nothing_is_published(expected, published, right):
    labels = label("l", "abc", "none", expected=expected, family="false_positive")
    row = one_row([event("e", LOSE, published)], members(e="abc"), labels)
    assert row["right"] == right


def test_a_false_positive_that_expects_a_profile_is_right_where_it_wins_and_nothing_else_is_published():
    labels = label("l", "abc", "none", expected="retail_whale", family="false_positive")
    assert one_row([event("e", LOSE)], members(e="abc"), labels)["right"]
    assert one_row([event("e", LOSE, "retail_whale")], members(e="abc"), labels)["right"]
    assert not one_row([event("e", LOSE, "institutional_directional")], members(e="abc"), labels)["right"]
    assert not one_row([event("e", WIN)], members(e="abc"), labels)["right"]


def test_a_case_passes_from_ninety_five_of_a_hundred_on():
    def table(good: int) -> pd.DataFrame:
        names = [f"l{i:03d}" for i in range(100)]
        labels = pd.concat([label(name, "p", "institutional_directional").assign(print_id=name) for name in names])
        events = [event(name, WIN if i < good else LOSE) for i, name in enumerate(names)]
        joined = pd.DataFrame({"event_id": names, "print_id": names})
        return acceptance_table(judged(pd.DataFrame(events), joined, labels))

    assert table(95)["passed"].tolist() == [True]
    assert table(94)["passed"].tolist() == [False]
    row = table(94).iloc[0]
    assert (row["n"], row["wins"], row["below"]) == (100, 0.94, 0.94)
    assert row["worst_wrong"] == pytest.approx(0.4)
    assert row["wrong_profile"] == "retail_whale"


def test_cases_come_sorted_one_row_each():
    labels = pd.concat([label("b", "b", "vol_seller"), label("a", "a", "none", template="noise"), label("c", "c", "vol_seller")])
    events = [event(name, {"vol_seller": 0.6}) for name in "abc"]
    table = acceptance_table(judged(pd.DataFrame(events), members(a="a", b="b", c="c"), labels))
    assert table[CASE[:2]].to_numpy().tolist() == [["neutral", "noise"], ["profile", "vol_seller"]]
    assert table["n"].tolist() == [1, 2]


def test_noise_counts_published_events_without_a_profile_parents_print():
    events = pd.DataFrame([event("hit", WIN, "institutional_directional"), event("alarm", LOSE, "retail_whale"), event("quiet", LOSE)])
    labels = pd.concat([label("l", "a", "institutional_directional"), label("n", "b", "none")])
    assert noise(events, members(hit="a", alarm="b", quiet="c"), labels) == (1, 2)
    assert noise_row(1, 2) == {"background_events": 2, "published": 1, "per_10000": 5000.0, "passed": False}
    assert noise_row(5, 10_000)["passed"]
    assert not noise_row(6, 10_000)["passed"]
