"""Sessions against the holiday calendars that the NYSE published (tests/answers)."""

import csv
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from smartmoney_pipeline.calendar import sessions
from smartmoney_pipeline.calendar.errors import CalendarError

ANSWERS = Path(__file__).parents[1] / "answers"
MINUTE = 60_000_000_000


def answers(name: str) -> list[dict[str, str]]:
    with (ANSWERS / name).open(newline="") as file:
        return list(csv.DictReader(file))


def ns(text: str) -> int:
    return pd.Timestamp(text).value


def test_every_weekday_of_three_years_is_open_unless_the_nyse_published_a_closure():
    closed = {row["date"] for row in answers("nyse_closures_2024_2026.csv") if row["what"] == "closed"}
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366 + 365 + 365)]
    expected = [day for day in days if day.weekday() < 5 and day.isoformat() not in closed]
    assert [day for day in days if sessions.is_session(day)] == expected
    assert sessions.sessions_between(days[0], days[-1]) == expected


def test_half_days_are_those_that_the_nyse_published():
    early = [row["date"] for row in answers("nyse_closures_2024_2026.csv") if row["what"] == "early"]
    every = sessions.sessions_between(date(2024, 1, 1), date(2026, 12, 31))
    assert [str(day) for day in every if sessions.session_bounds(day).is_half_day] == early


@pytest.mark.parametrize("row", answers("session_hours_utc.csv"), ids=lambda row: row["date"])
def test_hours_in_utc_follow_daylight_time_and_half_days(row):
    bounds = sessions.session_bounds(date.fromisoformat(row["date"]))
    assert (bounds.open_ns, bounds.close_ns) == (ns(row["open_utc"]), ns(row["close_utc"]))


@pytest.mark.parametrize(
    ("day", "underlying", "close"),
    [
        # NYSE release of 2021: 1:15 p.m. for eligible options on half days; brokers' lists of the 4:15 p.m. close otherwise.
        ("2024-07-02", "SPY", "2024-07-02T20:15:00Z"),
        ("2024-07-02", "VIX", "2024-07-02T20:15:00Z"),
        ("2024-07-02", "AAPL", "2024-07-02T20:00:00Z"),
        ("2024-07-03", "SPX", "2024-07-03T17:15:00Z"),
        ("2024-07-03", "AAPL", "2024-07-03T17:00:00Z"),
    ],
)
def test_late_closing_classes_trade_fifteen_minutes_longer(day, underlying, close):
    bounds = sessions.session_bounds(date.fromisoformat(day))
    assert sessions.option_close_ns(bounds, underlying) == ns(close)
    assert bounds.option_close_ns == bounds.close_ns + 15 * MINUTE


def test_neighbours_skip_weekends_and_holidays():
    # Hand count on the published calendar: Good Friday 2025-04-18 lies between Thursday and Monday.
    assert sessions.next_session(date(2025, 4, 17)) == date(2025, 4, 21)
    assert sessions.next_session(date(2025, 4, 19)) == date(2025, 4, 21)
    assert sessions.previous_session(date(2025, 4, 21)) == date(2025, 4, 17)
    assert sessions.previous_session(date(2025, 4, 18)) == date(2025, 4, 17)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2025, 1, 8), date(2025, 1, 8), 0),
        (date(2025, 1, 8), date(2025, 1, 10), 1),  # the 9th was a day of mourning
        (date(2025, 1, 10), date(2025, 1, 13), 1),  # over a weekend
        (date(2025, 1, 11), date(2025, 1, 13), 1),  # from a Saturday
        (date(2025, 1, 13), date(2025, 1, 8), -2),
    ],
)
def test_trading_days_between_counts_sessions_after_the_start(start, end, count):
    assert sessions.trading_days_between(start, end) == count


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2025, 1, 9), "2025-01-09 is no session of XNYS: it is an exchange holiday.*2025-01-08 and 2025-01-10"),
        (date(2025, 1, 11), "2025-01-11 is no session of XNYS: it is a weekend.*2025-01-10 and 2025-01-13"),
        (date(2036, 1, 2), "2036-01-02 is outside the calendar, which covers 2010-01-01 to 2035-12-31"),
    ],
)
def test_a_day_without_a_session_is_an_error_that_says_why(day, words):
    with pytest.raises(CalendarError, match=words):
        sessions.session_bounds(day)


def test_the_ends_of_the_calendar_are_errors_not_wrong_days():
    with pytest.raises(CalendarError, match="ends on 2035-12-31"):
        sessions.next_session(date(2035, 12, 31))
    with pytest.raises(CalendarError, match="starts on 2010-01-01"):
        sessions.previous_session(date(2010, 1, 4))
    with pytest.raises(CalendarError, match="2009-12-31"):
        sessions.sessions_between(date(2009, 12, 31), date(2010, 1, 5))
    assert not sessions.is_session(date(2010, 1, 1))
    assert not sessions.covers(date(2009, 12, 31))


def test_the_shared_table_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        sessions.session_table().open_ns[0] = 0


def test_importing_the_module_does_not_import_exchange_calendars():
    code = "import sys, smartmoney_pipeline.calendar.sessions; print('exchange_calendars' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
