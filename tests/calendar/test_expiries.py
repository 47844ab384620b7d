"""Settlement instants; dates from the exchanges' published expiration rules, hours by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.expiries import settlement_instant_ns, settlement_instants


def ns(text: str) -> int:
    return pd.Timestamp(text).value


CASES = [
    # An equity option expires at the 4:00 p.m. close, New York: UTC-5 in January, UTC-4 in July.
    (date(2025, 1, 17), "pm", "AAPL", "2025-01-17T21:00:00Z"),
    (date(2024, 7, 19), "pm", "AAPL", "2024-07-19T20:00:00Z"),
    # Monthly SPX settles to the opening quotation of its Friday, SPXW of the same Friday to the close.
    (date(2024, 7, 19), "am", "SPX", "2024-07-19T13:30:00Z"),
    (date(2024, 7, 19), "pm", "SPXW", "2024-07-19T20:00:00Z"),
    # VIX settles to the opening quotation of a Wednesday.
    (date(2025, 1, 22), "am", "VIX", "2025-01-22T14:30:00Z"),
    # Half day: the close is 1:00 p.m.
    (date(2024, 11, 29), "pm", "SPXW", "2024-11-29T18:00:00Z"),
    # Good Friday 2019-04-19 and 2025-04-18 were third Fridays: the Thursday before settles.
    (date(2019, 4, 19), "pm", "AAPL", "2019-04-18T20:00:00Z"),
    (date(2025, 4, 18), "am", "SPX", "2025-04-17T13:30:00Z"),
    # Juneteenth 2024 was a Wednesday: VIX settled on Tuesday.
    (date(2024, 6, 19), "am", "VIX", "2024-06-18T13:30:00Z"),
    # Unscheduled closure of 2025-01-09: a daily expiry of that day settles the day before.
    (date(2025, 1, 9), "pm", "SPXW", "2025-01-08T21:00:00Z"),
    # Until February 2015 symbols carried the Saturday after the third Friday.
    (date(2013, 1, 19), "pm", "AAPL", "2013-01-18T21:00:00Z"),
    (date(2013, 1, 19), "am", "SPX", "2013-01-18T14:30:00Z"),
]


@pytest.mark.parametrize(("expiry", "settlement", "root", "instant"), CASES)
def test_settlement_instant(expiry, settlement, root, instant):
    assert settlement_instant_ns(expiry, settlement, root) == ns(instant)


def test_many_contracts_at_once_keep_their_order():
    expiries, settlements, roots, instants = zip(*CASES, strict=True)
    frame = pd.DataFrame({"expiry": pd.to_datetime(list(expiries)), "settlement": settlements, "root": roots})
    found = settlement_instants(frame["expiry"], frame["settlement"], frame["root"])
    assert found.tolist() == [ns(instant) for instant in instants]
    assert found.dtype == np.int64
    as_dates = settlement_instants(pd.Series(list(expiries), dtype=object), list(settlements), list(roots))
    assert as_dates.tolist() == found.tolist()


def test_no_contract_has_no_instant():
    assert settlement_instants([], [], []).tolist() == []


def test_an_expiry_without_session_falls_to_the_session_before():
    days = [date(2013, 1, 19), date(2025, 4, 18), date(2025, 4, 17)]
    found = pd.to_datetime(settlement_instants(days, ["pm"] * 3, ["XYZ"] * 3), utc=True)
    assert found.strftime("%Y-%m-%d").tolist() == ["2013-01-18", "2025-04-17", "2025-04-17"]


@pytest.mark.parametrize(
    ("expiry", "settlement", "words"),
    [
        (date(2025, 1, 17), "AM", "XYZ 2025-01-17: settlement is 'AM'"),
        (date(2025, 1, 17), None, "XYZ 2025-01-17: settlement is None"),
        (date(2099, 1, 16), "pm", "XYZ 2099-01-16: the expiry is outside the calendar"),
        (date(2009, 1, 16), "pm", "XYZ 2009-01-16: the expiry is outside the calendar"),
    ],
)
def test_what_cannot_settle_is_named(expiry, settlement, words):
    with pytest.raises(CalendarError, match=words):
        settlement_instants([date(2025, 1, 17), expiry], ["pm", settlement], ["AAPL", "XYZ"])
