"""Trading minutes and year fractions; every expected value is hand arithmetic on the published hours."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.calendar.clock import (
    contract_clock,
    dte_days,
    minutes_table,
    trading_minutes_to_expiry,
    year_fraction,
)
from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.sessions import session_bounds
from smartmoney_pipeline.market.clock_kernel import print_years


def ns(text: str) -> int:
    return pd.Timestamp(text).value


@pytest.mark.parametrize(
    ("ts", "settle", "minutes"),
    [
        ("2025-01-15T14:30:00Z", "2025-01-15T21:00:00Z", 390.0),  # the whole of one session
        ("2025-01-15T20:59:30Z", "2025-01-15T21:00:00Z", 0.5),
        ("2025-01-15T10:00:00Z", "2025-01-15T21:00:00Z", 390.0),  # before the open nothing has passed
        ("2025-01-15T21:10:00Z", "2025-01-16T21:00:00Z", 390.0),  # after the close the night counts nothing
        ("2025-01-15T20:00:00Z", "2025-01-17T14:30:00Z", 60.0 + 390.0),  # AM settlement at Friday's open
        ("2025-01-10T20:00:00Z", "2025-01-13T21:00:00Z", 60.0 + 390.0),  # Friday to Monday: no weekend
        ("2025-01-08T20:00:00Z", "2025-01-10T21:00:00Z", 60.0 + 390.0),  # the closed 9th counts nothing
        ("2024-11-27T20:30:00Z", "2024-11-29T18:00:00Z", 30.0 + 210.0),  # Thanksgiving, then a half day
        ("2025-01-15T21:00:00Z", "2025-01-15T21:00:00Z", 0.0),
        ("2025-01-15T21:10:00Z", "2025-01-15T21:00:00Z", 0.0),  # a print at 16:10 on its last day
        ("2025-01-16T15:00:00Z", "2025-01-15T21:00:00Z", 0.0),
    ],
)
def test_trading_minutes_count_regular_sessions_alone(ts, settle, minutes):
    assert trading_minutes_to_expiry([ns(ts)], [ns(settle)]).tolist() == [minutes]


def test_dte_is_calendar_days():
    assert dte_days(date(2025, 1, 10), date(2025, 1, 13)) == 3  # Friday to Monday
    assert dte_days(date(2025, 1, 10), pd.to_datetime(["2025-01-10", "2025-02-21", "2025-01-03"])).tolist() == [0, 42, -7]


def test_two_days_out_runs_on_trading_time_and_three_on_calendar_time():
    ts = ns("2025-01-15T14:30:00Z")  # Wednesday's open
    settle = np.array([ns("2025-01-17T21:00:00Z"), ns("2025-01-18T14:30:00Z")])
    found = year_fraction(ts, settle, [2, 3])
    assert found[0] == pytest.approx(3 / 252, rel=1e-15)  # three whole sessions
    assert found[1] == pytest.approx(3 / 365, rel=1e-15)  # three days of 24 hours


def test_the_last_hour_and_the_end():
    settle = ns("2025-01-15T21:00:00Z")
    assert year_fraction(ns("2025-01-15T20:00:00Z"), settle, 0) == pytest.approx(60 / (252 * 390), rel=1e-15)
    assert year_fraction(settle, settle, 0) == 0.0
    assert year_fraction(ns("2025-01-15T21:05:00Z"), settle, 0) == 0.0
    assert year_fraction(ns("2025-01-16T21:05:00Z"), settle, 5) == 0.0


def test_time_never_jumps_within_a_session_on_either_clock():
    bounds = session_bounds(date(2025, 1, 15))
    ts = np.arange(bounds.open_ns, bounds.close_ns, 1_000_000_000, dtype=np.int64)
    for settle, dte in ((ns("2025-01-17T21:00:00Z"), 2), (ns("2025-01-21T21:00:00Z"), 6)):
        steps = -np.diff(year_fraction(ts, settle, dte))
        one_second = 1 / (252 * 390 * 60) if dte <= 2 else 1 / (365 * 86_400)
        assert np.allclose(steps, one_second, rtol=1e-6, atol=0)


def test_the_change_of_clock_happens_overnight_and_lengthens_time():
    # Friday's expiry: on Tuesday's close three days and no hour away, on Wednesday's open three whole sessions.
    settle = ns("2025-01-17T21:00:00Z")
    tuesday_close = year_fraction(ns("2025-01-14T21:00:00Z"), settle, 3)
    wednesday_open = year_fraction(ns("2025-01-15T14:30:00Z"), settle, 2)
    assert tuesday_close == pytest.approx(3 / 365, rel=1e-15)
    assert wednesday_open / tuesday_close == pytest.approx(365 / 252, rel=1e-12)


def test_minutes_table_is_the_count_at_the_open():
    settle = [ns("2025-01-15T21:00:00Z"), ns("2025-01-15T14:30:00Z"), ns("2025-01-17T14:30:00Z")]
    assert minutes_table(date(2025, 1, 15), settle).tolist() == [390.0, 0.0, 780.0]
    with pytest.raises(CalendarError, match="2025-01-09"):
        minutes_table(date(2025, 1, 9), settle)


EXPIRIES = {  # settlement instants and calendar days seen from the half day 2024-11-29 and the full day before it
    "2024-11-29": [("2024-11-29T18:00:00Z", 0), ("2024-11-29T14:30:00Z", 0), ("2024-12-02T21:00:00Z", 3)],
    "2024-11-27": [("2024-11-27T21:00:00Z", 0), ("2024-11-29T18:00:00Z", 2), ("2024-12-20T14:30:00Z", 23)],
}


@settings(max_examples=60, deadline=None)
@given(
    session=st.sampled_from(sorted(EXPIRIES)),
    offsets=st.lists(st.integers(-3 * 3_600, 12 * 3_600), min_size=1, max_size=20),
    contracts=st.lists(st.integers(0, 2), min_size=20, max_size=20),
)
def test_the_kernel_of_a_session_equals_year_fraction_at_every_time_of_the_day(session, offsets, contracts):
    bounds = session_bounds(date.fromisoformat(session))
    settle = np.array([ns(text) for text, _ in EXPIRIES[session]])
    dte = np.array([days for _, days in EXPIRIES[session]])
    ts = bounds.open_ns + np.array(offsets, dtype=np.int64) * 1_000_000_000
    ids = np.array(contracts[: len(offsets)], dtype=np.int32)
    clock = contract_clock(bounds.date, settle, dte)
    found = print_years(ts, ids, clock.settle_ns, clock.minutes_at_open, clock.uses_trading_time, bounds.open_ns, bounds.close_ns)
    assert found == pytest.approx(year_fraction(ts, settle[ids], dte[ids]), rel=1e-12, abs=1e-15)


def test_clock_of_a_session():
    clock = contract_clock(date(2024, 11, 29), [ns("2024-11-29T18:00:00Z"), ns("2025-01-17T21:00:00Z")], [0, 49])
    assert clock.minutes_at_open[0] == 210.0  # a half day
    assert clock.uses_trading_time.tolist() == [True, False]
