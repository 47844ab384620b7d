"""Answers: New York is at UTC-5 in winter and UTC-4 in summer; clocks changed on 2025-03-09 and 2025-11-02."""

from datetime import date

import numpy as np
import pytest
from tape_tables import at

from smartmoney_pipeline.tape.session import SessionDay, majority_day

HOUR = 3600 * 10**9


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2025, 2, 14), 24), (date(2025, 3, 9), 23), (date(2025, 11, 2), 25), (date(2024, 2, 29), 24)]
)
def test_length_of_the_day(day, hours):
    session = SessionDay.of(day)
    assert session.end_ns - session.start_ns == hours * HOUR


def test_the_day_begins_at_midnight_in_new_york():
    session = SessionDay.of(date(2025, 2, 14))
    assert session.start_ns == at("05:00:00").value
    outside = session.outside(np.array([at("04:59:59.999999999").value, at("05:00:00").value, session.end_ns]))
    assert outside.tolist() == [True, False, True]


def test_the_day_of_most_prints():
    times = np.array([at("04:00:00").value, at("15:00:00").value, at("16:00:00").value])
    assert majority_day(times) == date(2025, 2, 14)
    assert majority_day(times[:2]) == date(2025, 2, 13)  # one each: the earlier
    assert majority_day(times[:0]) is None
