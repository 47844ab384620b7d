"""The schedule over seventeen years: each session once, on its own day, at 18:30 New York; a reason on every other day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import exchange_calendars
import pytest

from assets.partitions import refusal, session_source, sessions
from assets.schedules import CRON, daily_scoring, skip_reason
from resources.clock import NEW_YORK, new_york_day

FIRST, LAST = date(2012, 1, 1), date(2028, 12, 31)


@pytest.fixture(scope="module")
def exchange():
    """Sessions of NYSE from the calendar library itself, not through the project."""
    return exchange_calendars.get_calendar("XNYS", start=FIRST.isoformat(), end=LAST.isoformat())


@pytest.fixture(scope="module")
def open_days(exchange) -> set[date]:
    return {stamp.date() for stamp in exchange.sessions}


def all_days() -> Iterator[date]:
    return (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))


def at(day: date, hour: int = 18, minute: int = 30) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)


def tick(day: date) -> dg.RunRequest | dg.SkipReason:
    return daily_scoring(dg.build_schedule_context(scheduled_execution_time=at(day)))


def test_every_day_of_seventeen_years_is_scored_or_skipped_as_the_exchange_says(open_days):
    scored = {day for day in all_days() if skip_reason(day) is None}
    assert scored == open_days
    assert len(open_days) > 4_200


def test_partition_keys_are_the_sessions_of_the_exchange(open_days):
    # The last day is a Friday: on the Sunday after it the next session would be offered, see below.
    friday = at(date(2028, 12, 29), 12).astimezone(UTC)
    keys = {date.fromisoformat(key) for key in sessions.get_partition_keys(current_time=friday)}
    assert keys == {day for day in open_days if day >= date(2012, 1, 3)}


def test_what_dagster_offers_beyond_today_is_refused_on_each_day(open_days):
    # end_offset=1 offers the next session already where today is no session; nothing later is offered, and the guard refuses it.
    early = [day for day in all_days() if day.year in {2013, 2026}]
    offered_early = 0
    for day in early:
        last = date.fromisoformat(sessions.get_partition_keys(current_time=at(day, 12).astimezone(UTC))[-1])
        if last > day:
            offered_early += 1
            assert day not in open_days
            assert refusal(last, today=day) is not None
        else:
            assert refusal(last, today=day) is None
    assert offered_early > 200


def test_half_days_are_sessions_and_say_so(exchange):
    half = [stamp.date() for stamp in exchange.early_closes]
    assert len(half) > 30
    for day in half:
        request = tick(day)
        assert request.partition_key == f"{day}|tape"
        assert request.tags["half_day"] == "true"
    assert tick(date(2026, 3, 18)).tags["half_day"] == "false"


@pytest.mark.parametrize("day", [date(2026, 11, 26), date(2026, 7, 3), date(2026, 3, 21), date(2012, 10, 29)])
def test_a_day_without_a_session_is_skipped_with_its_reason(day):
    # Thanksgiving, Independence Day observed, a Saturday, the first day of the storm Sandy.
    skipped = tick(day)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"{day} is not a session of the exchange"


def test_a_second_tick_of_a_day_asks_for_the_same_run():
    first, second = tick(date(2026, 11, 20)), tick(date(2026, 11, 20))
    assert first.run_key == second.run_key == "2026-11-20|tape"
    assert first.run_key != tick(date(2026, 11, 23)).run_key


@pytest.mark.parametrize("day", [date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 30), date(2026, 11, 2)])
def test_the_hour_holds_across_the_changes_of_the_clock(day):
    # Clocks change on 2026-03-08 and 2026-11-01.
    assert daily_scoring.cron_schedule == CRON == "30 18 * * 1-5"
    assert daily_scoring.execution_timezone == "America/New_York"
    assert tick(day).partition_key == f"{day}|tape"


def test_the_day_is_that_of_new_york():
    assert new_york_day(datetime(2026, 3, 19, 3, 59, tzinfo=UTC)) == date(2026, 3, 18)
    assert new_york_day(datetime(2026, 3, 19, 4, 0, tzinfo=UTC)) == date(2026, 3, 19)


def test_the_request_is_a_partition_of_the_graph():
    assert session_source.has_partition_key(str(tick(date(2026, 3, 18)).partition_key))
