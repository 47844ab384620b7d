"""Corporate events as known at a time; every expected answer is read off the rows by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.calendar.corporate_events import CorporateEvents
from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.event_columns import EVENT_COLUMNS

SESSION = date(2025, 1, 15)  # a Wednesday; open 14:30 UTC, close 21:00 UTC
NOON = "2025-01-15T17:00:00Z"


def ns(text: str) -> int:
    return pd.Timestamp(text).value


def calendar(*rows: tuple) -> CorporateEvents:
    """Rows of underlying, type, date, time, known_at."""
    frame = pd.DataFrame(rows, columns=["underlying", "event_type", "event_date", "event_time", "known_at"])
    return CorporateEvents(frame.assign(known_at=pd.to_datetime(frame["known_at"], utc=True), amount=None, source="test"))


def ask(events: CorporateEvents, *underlyings: str, ts: str = NOON, session: date = SESSION, **options) -> pd.DataFrame:
    return events.next_events(underlyings, np.full(len(underlyings), ns(ts)), session, **options)


EARNINGS = ("AAPL", "earnings", "2025-01-30", "amc", "2025-01-02T13:00:00Z")


def test_next_event_of_a_known_row():
    row = ask(calendar(EARNINGS), "AAPL").iloc[0]
    assert (row["event_type"], row["event_time"], str(row["event_date"].date())) == ("earnings", "amc", "2025-01-30")
    # Sessions after 15 January: 16, 17, 21 (20 is a holiday), 22, 23, 24, 27, 28, 29, 30.
    assert row["trading_days_to_event"] == 10
    assert row["event_instant_ns"] == ns("2025-01-30T21:00:00Z")


def test_a_row_counts_only_after_it_was_known():
    events = calendar(("AAPL", "earnings", "2025-01-30", "amc", NOON))
    asked = events.next_events(["AAPL"] * 3, ns(NOON) + np.array([-1, 0, 1]), SESSION)
    assert asked["event_type"].isna().tolist() == [True, True, False]


def test_nothing_known_is_null_never_zero_or_false():
    for events in (CorporateEvents.empty(), calendar(EARNINGS)):
        assert ask(events, "MSFT").isna().all(axis=None)
    assert len(ask(CorporateEvents.empty())) == 0
    pd.testing.assert_frame_equal(ask(CorporateEvents.empty(), "MSFT"), ask(calendar(EARNINGS), "MSFT"))


@pytest.mark.parametrize(
    ("event_date", "event_time", "ts", "instant"),
    [
        ("2025-01-16", "bmo", NOON, "2025-01-16T14:30:00Z"),
        ("2025-01-15", "amc", NOON, "2025-01-15T21:00:00Z"),
        ("2025-01-15", "amc", "2025-01-15T21:00:00Z", None),  # it may be out from the close on
        ("2025-01-15", "bmo", NOON, None),
        ("2025-01-15", "bmo", "2025-01-15T14:29:59Z", "2025-01-15T14:30:00Z"),
        ("2025-01-15", "unknown", NOON, None),  # may have happened since the open
        ("2025-01-15", "during", NOON, None),
        ("2025-01-15", "unknown", "2025-01-15T14:00:00Z", "2025-01-15T14:30:00Z"),
        ("2025-01-16", "unknown", NOON, "2025-01-16T14:30:00Z"),
        ("2025-01-18", "amc", NOON, "2025-01-21T14:30:00Z"),  # a Saturday before Martin Luther King Day
        ("2025-01-14", "amc", NOON, None),
    ],
)
def test_instant_by_time_of_day(event_date, event_time, ts, instant):
    row = ask(calendar(("AAPL", "earnings", event_date, event_time, "2025-01-02T13:00:00Z")), "AAPL", ts=ts).iloc[0]
    assert (None if pd.isna(row["event_instant_ns"]) else row["event_instant_ns"]) == (instant and ns(instant))


def test_today_is_zero_and_the_weekend_before_counts_for_monday():
    events = calendar(("AAPL", "other", "2025-01-11", "unknown", "2025-01-02T13:00:00Z"))  # a Saturday
    friday = ask(events, "AAPL", ts="2025-01-10T17:00:00Z", session=date(2025, 1, 10))
    monday = ask(events, "AAPL", ts="2025-01-13T14:00:00Z", session=date(2025, 1, 13))
    assert (friday["trading_days_to_event"][0], monday["trading_days_to_event"][0]) == (1, 0)


def test_moved_earnings_replace_the_old_date_once_the_move_is_known():
    events = calendar(EARNINGS, ("AAPL", "earnings", "2025-02-06", "amc", "2025-01-14T13:00:00Z"))
    before = ask(events, "AAPL", ts="2025-01-13T17:00:00Z", session=date(2025, 1, 13))
    after = ask(events, "AAPL")
    assert str(before["event_date"][0].date()) == "2025-01-30"
    assert str(after["event_date"][0].date()) == "2025-02-06"
    assert events.as_known(ns(NOON))["event_date"].dt.date.tolist() == [date(2025, 2, 6)]


def test_the_report_of_the_next_quarter_is_another_event():
    events = calendar(EARNINGS, ("AAPL", "earnings", "2025-05-01", "amc", "2025-01-14T13:00:00Z"))
    assert events.as_known(ns(NOON))["event_date"].dt.date.tolist() == [date(2025, 1, 30), date(2025, 5, 1)]


def test_two_dividends_within_weeks_are_two_events():
    rows = [("XYZ", "dividend", day, "bmo", f"2025-01-0{n}T13:00:00Z") for n, day in ((2, "2025-01-16"), (3, "2025-02-13"))]
    assert len(calendar(*rows).as_known(ns(NOON))) == 2


def test_a_repeated_date_takes_its_latest_time_and_at_a_tie_the_stated_one():
    later = ("AAPL", "earnings", "2025-01-30", "bmo", "2025-01-03T13:00:00Z")
    vague = ("AAPL", "earnings", "2025-01-30", "unknown", "2025-01-03T13:00:00Z")
    for rows in ((EARNINGS, later, vague), (vague, later, EARNINGS)):
        known = calendar(*rows).as_known(ns(NOON))
        assert known["event_time"].tolist() == ["bmo"]


def test_the_nearest_event_comes_first_and_dividends_are_apart():
    known = "2025-01-02T13:00:00Z"
    events = calendar(
        EARNINGS,
        ("AAPL", "fda", "2025-01-22", "during", known),
        ("AAPL", "dividend", "2025-01-16", "bmo", known),
        ("AAPL", "other", "2025-01-22", "bmo", known),
    )
    row = ask(events, "AAPL").iloc[0]
    assert (row["event_type"], row["ex_dividend_next_session"]) == ("fda", True)  # same instant: order of the code list
    assert ask(events, "AAPL", event_types=["earnings"])["event_type"][0] == "earnings"
    assert ask(events, "AAPL", event_types=["dividend"])["event_type"][0] == "dividend"


def test_ex_dividend_next_session_is_known_false_or_unknown():
    known = "2025-01-02T13:00:00Z"
    events = calendar(
        ("TOM", "dividend", "2025-01-16", "bmo", known),  # the next session
        ("NOW", "dividend", "2025-01-15", "bmo", known),
        ("NEW", "dividend", "2025-01-16", "bmo", "2025-01-15T18:00:00Z"),  # announced after the print
        ("ERN", "earnings", "2025-01-16", "bmo", known),
    )
    found = ask(events, "TOM", "NOW", "NEW", "ERN", "TOM")["ex_dividend_next_session"]
    assert [None if pd.isna(value) else bool(value) for value in found] == [True, False, None, None, True]
    friday = ask(calendar(("FRI", "dividend", "2025-01-21", "bmo", known)), "FRI", session=date(2025, 1, 17), ts="2025-01-17T17:00Z")
    assert bool(friday["ex_dividend_next_session"][0])  # Tuesday after a long weekend


def test_the_horizon_bounds_the_event_date():
    events = calendar(("AAPL", "earnings", "2025-03-16", "amc", "2025-01-02T13:00:00Z"))  # 60 days ahead
    assert ask(events, "AAPL")["event_type"].notna().all()
    assert ask(events, "AAPL", horizon_days=59)["event_type"].isna().all()


def test_answers_do_not_depend_on_the_order_of_the_rows():
    rng = np.random.default_rng(5)
    names, types, times = ["A", "B"], ["earnings", "dividend", "fda"], ["bmo", "amc", "unknown"]
    rows = [
        (names[n % 2], types[n % 3], f"2025-01-{16 + n % 14}", times[n % 3], f"2025-01-{2 + n % 12:02d}T1{n % 9}:00:00Z") for n in range(60)
    ]
    answers = [ask(calendar(*(rows[i] for i in rng.permutation(60))), "A", "B", "A", ts=NOON) for _ in range(3)]
    pd.testing.assert_frame_equal(answers[0], answers[1])
    pd.testing.assert_frame_equal(answers[0], answers[2])
    assert answers[0]["event_type"].notna().all()


def test_as_known_has_the_canonical_columns():
    assert tuple(calendar(EARNINGS).as_known(ns(NOON)).columns) == EVENT_COLUMNS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"event_type": "party"}, "column event_type: 'party'"),
        ({"event_time": "noon"}, "column event_time: 'noon'"),
        ({"known_at": pd.NaT}, "known_at and event_date must not be null"),
        ({"known_at": pd.Timestamp("2025-01-02")}, "known_at: expected times with a zone"),
    ],
)
def test_a_calendar_that_cannot_be_trusted_is_refused(change, words):
    base = {"underlying": "A", "event_type": "fda", "event_date": "2025-01-30", "event_time": "bmo"}
    frame = pd.DataFrame([base | {"known_at": pd.Timestamp("2025-01-02", tz="UTC")} | change])
    if "known_at" in change:
        frame["known_at"] = pd.Series([change["known_at"]], dtype="datetime64[ns]")
    if change.get("known_at") is pd.NaT:
        frame["known_at"] = frame["known_at"].dt.tz_localize("UTC")
    with pytest.raises(CalendarError, match=words):
        CorporateEvents(frame)


def test_a_missing_column_is_named():
    with pytest.raises(CalendarError, match="no column event_time, known_at"):
        CorporateEvents(pd.DataFrame(columns=["underlying", "event_type", "event_date"]))


def test_no_session_no_answer():
    with pytest.raises(CalendarError, match="2025-01-09"):
        ask(calendar(EARNINGS), "AAPL", session=date(2025, 1, 9))
