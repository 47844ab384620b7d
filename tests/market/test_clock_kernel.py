"""The two clocks, by hand."""

import pytest
from market_day import CLOSE, NS, OPEN

from smartmoney_pipeline.market.clock_kernel import years_to_expiry

HOUR = 3600 * NS


def test_calendar_clock_counts_365_days():
    assert years_to_expiry(OPEN, OPEN + 73 * 24 * HOUR, 0.0, False, OPEN, CLOSE) == pytest.approx(0.2, rel=1e-15)


@pytest.mark.parametrize(
    ("ts", "minutes_at_open", "expected_minutes"),
    [
        (OPEN, 390.0, 390.0),
        (OPEN + HOUR, 390.0, 330.0),
        (OPEN - 5 * HOUR, 390.0, 390.0),  # before the open no trading minute has gone
        (CLOSE + HOUR, 780.0, 390.0),  # after the close all of this session's have
        (OPEN + 30 * NS, 390.0, 389.5),
    ],
)
def test_trading_clock_counts_minutes_of_252_sessions(ts, minutes_at_open, expected_minutes):
    years = years_to_expiry(ts, CLOSE + 48 * HOUR, minutes_at_open, True, OPEN, CLOSE)
    assert years == pytest.approx(expected_minutes / (252 * 390), rel=1e-15)


def test_nothing_is_left_at_and_after_settlement():
    """An AM-settled contract on its last morning: settled at the open."""
    assert years_to_expiry(OPEN, OPEN, 0.0, True, OPEN, CLOSE) == 0.0
    assert years_to_expiry(OPEN + HOUR, OPEN, 5.0, False, OPEN, CLOSE) == 0.0
