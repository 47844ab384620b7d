"""The next session's open interest against events: by hand, contract by contract. Every expected number is worked out in a comment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.evaluation.open_interest import confirm
from smartmoney_pipeline.schemas.validation_table import EventValidation

A, B = "XYZ260417C00100000", "XYZ260417C00110000"


def table(column: str, **values: int) -> pd.DataFrame:
    names = {"a": A, "b": B}
    return pd.DataFrame({"option_symbol": [names[name] for name in values], column: list(values.values())}, dtype=object).astype(
        {column: "int64"}
    )


def legs(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["event_id", "option_symbol", "contracts"])


def one(size: int, volume: int, before: int, after: int) -> pd.Series:
    answer = confirm(legs(("e", A, size)), table("contracts", a=volume), table("open_interest", a=before), table("open_interest", a=after))
    return answer.iloc[0]


def test_a_rise_that_the_others_cannot_explain_confirms():
    # Of 120 contracts the event traded 100: the other 20 can have added 20 at most, and open interest rose by 90.
    found = one(100, 120, 500, 590)
    assert (found["verdict"], found["oi_change"], found["share"]) == ("confirmed", 90.0, 0.9)
    assert (found["legs"], found["legs_opened"], found["legs_closed"]) == (1, 1, 0)


def test_a_fall_that_the_others_cannot_explain_contradicts():
    # The other 20 can have taken 20 away, and 90 went.
    found = one(100, 120, 500, 410)
    assert (found["verdict"], found["oi_change"], found["share"]) == ("contradicted", -90.0, -0.9)
    assert (found["legs_opened"], found["legs_closed"]) == (0, 1)


@pytest.mark.parametrize(
    ("volume", "after", "verdict"),
    [
        (120, 520, "cannot_tell"),  # rose by 20, just what the others may have opened
        (120, 521, "confirmed"),  # one more
        (120, 480, "cannot_tell"),
        (120, 479, "contradicted"),
        (1000, 1399, "cannot_tell"),  # 900 of others, a rise of 899
        (100, 500, "cannot_tell"),  # alone in its contract and nothing changed: one side opened, the other closed
    ],
)
def test_the_bound_is_the_volume_of_the_others(volume, after, verdict):
    assert one(100, volume, 500, after)["verdict"] == verdict


def test_unknown_open_interest_is_null_and_cannot_be_told():
    # Leg b is not on the next tape, as a contract that expired is not.
    pair = legs(("e", A, 10), ("e", B, 10), ("f", A, 10))
    volume, before = table("contracts", a=30, b=10), table("open_interest", a=0, b=50)
    found = confirm(pair, volume, before, table("open_interest", a=30)).set_index("event_id")
    assert np.isnan(found.loc["e", "oi_change"])
    assert np.isnan(found.loc["e", "share"])
    assert found.loc["e", "verdict"] == "cannot_tell"
    # The other event holds 10 of the 30 contracts of a: a rise of 30 means that all of them opened. Its share counts the change of others.
    assert (found.loc["f", "oi_change"], found.loc["f", "share"], found.loc["f", "verdict"]) == (30.0, 3.0, "confirmed")
    EventValidation.validate(found.reset_index())


def test_a_zero_is_known_and_is_no_null():
    # Nobody held the contract before: 40 contracts, all of the volume, are all there is now.
    found = one(40, 40, 0, 40)
    assert (found["verdict"], found["oi_change"], found["share"]) == ("confirmed", 40.0, 1.0)


def test_a_roll_closes_one_leg_and_opens_the_other():
    # Leg a: 100 of 100, open interest falls by 100. Leg b: 100 of 100, rises by 100. Together nothing changed.
    volume = table("contracts", a=100, b=100)
    found = confirm(
        legs(("e", A, 100), ("e", B, 100)), volume, table("open_interest", a=300, b=0), table("open_interest", a=200, b=100)
    ).iloc[0]
    assert (found["legs"], found["legs_opened"], found["legs_closed"]) == (2, 1, 1)
    assert (found["oi_change"], found["share"], found["verdict"]) == (0.0, 0.0, "contradicted")


def test_one_leg_that_opened_does_not_confirm_a_package():
    volume = table("contracts", a=100, b=1000)
    found = confirm(
        legs(("e", A, 100), ("e", B, 100)), volume, table("open_interest", a=0, b=0), table("open_interest", a=100, b=100)
    ).iloc[0]
    assert (found["legs_opened"], found["verdict"]) == (1, "cannot_tell")


def test_the_last_row_of_a_contract_counts_and_order_does_not_matter():
    twice = pd.concat([table("open_interest", a=9), table("open_interest", a=500)], ignore_index=True)
    volume = table("contracts", a=120)
    events = legs(("g", A, 20), ("e", A, 100))
    found = confirm(events, volume, twice, table("open_interest", a=590))
    assert found["event_id"].tolist() == ["e", "g"]
    # e as in the first test; of g's 20 the other 100 explain a rise of 90.
    assert found["verdict"].tolist() == ["confirmed", "cannot_tell"]


def test_events_larger_than_the_session_are_an_error():
    with pytest.raises(ValueError, match="more of it than the whole session"):
        one(100, 99, 0, 0)
    with pytest.raises(ValueError, match=B):
        confirm(legs(("e", B, 1)), table("contracts", a=5), table("open_interest", a=1), table("open_interest", a=1))


def test_no_event_gives_an_empty_table():
    empty = confirm(legs(), table("contracts", a=1), table("open_interest", a=1), table("open_interest", a=1))
    assert empty.columns.tolist() == ["event_id", "legs", "legs_opened", "legs_closed", "oi_change", "share", "verdict"]
    assert len(empty) == 0
