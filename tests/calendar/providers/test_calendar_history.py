"""What is learned, when, and what stays when a provider fails. Dates and counts are made by hand."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import httpx
import pandas as pd
import pytest
import recorded_answers as recorded
from recorded_answers import NOW, Clock, Network, answer, client

from smartmoney_pipeline.calendar.corporate_events import CorporateEvents
from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.history import CalendarHistory
from smartmoney_pipeline.calendar.providers import fmp, nasdaq
from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider
from smartmoney_pipeline.calendar.refresh import refresh, refresh_all
from smartmoney_pipeline.calendar.standing import concerning

SPAN = (date(2025, 1, 20), date(2025, 3, 31))


def said(day, *rows):
    """An answer `day` days after the first, of (symbol, date, time) rows."""
    content = [{"symbol": symbol, "date": when, "time": time} for symbol, when, time in rows]
    return fmp.parse_earnings(answer(content, NOW + timedelta(days=day)), SPAN)


def counts(learned):
    return learned.new, learned.changed, learned.withdrawn, learned.repeated


def instant(day):
    return pd.Timestamp(NOW + timedelta(days=day)).value + 1


@pytest.fixture
def history(tmp_path):
    return CalendarHistory(tmp_path / "history.parquet")


def test_moved_confirmed_and_repeated(history):
    assert counts(history.learn(said(0, ("AAA", "2025-01-30", "--"), ("BBB", "2025-02-04", "amc")))) == (2, 0, 0, 0)
    assert counts(history.learn(said(1, ("AAA", "2025-01-30", "amc"), ("BBB", "2025-02-04", "amc")))) == (0, 1, 0, 1)
    assert counts(history.learn(said(2, ("AAA", "2025-02-03", "amc"), ("BBB", "2025-02-04", "amc")))) == (0, 1, 1, 1)
    events = CorporateEvents(history.rows)
    seen = [events.as_known(instant(day)).query("underlying == 'AAA'") for day in range(3)]
    assert [(len(rows), str(rows["event_date"].iloc[0])[:10], rows["event_time"].iloc[0]) for rows in seen] == [
        (1, "2025-01-30", "unknown"),
        (1, "2025-01-30", "amc"),
        (1, "2025-02-03", "amc"),
    ]


def test_withdrawn_and_named_again(history):
    both = (("AAA", "2025-01-30", "amc"), ("BBB", "2025-02-04", "amc"))
    history.learn(said(0, *both))
    assert counts(history.learn(said(2, both[1]))) == (0, 0, 1, 1)
    assert set(history.events(date(2025, 1, 7))["underlying"]) == {"AAA", "BBB"}
    assert set(history.events(date(2025, 1, 8))["underlying"]) == {"BBB"}  # called off at 13:00 UTC, an hour and a half before the open
    assert counts(history.learn(said(5, *both))) == (1, 0, 0, 1)
    assert set(history.events(date(2025, 1, 13))["underlying"]) == {"AAA", "BBB"}


def test_a_duplicate_in_one_answer_is_one_event(history):
    learned = history.learn(said(0, ("AAA", "2025-01-30", "--"), ("AAA", "2025-01-30", "bmo"), ("AAA", "2025-01-30", "bmo")))
    assert counts(learned) == (1, 0, 0, 2)
    assert history.rows["event_time"].tolist() == ["bmo"]


def test_an_event_that_is_over_is_not_withdrawn(history):
    history.learn(said(0, ("AAA", "2025-01-30", "amc")))
    assert counts(history.learn(said(30, ("BBB", "2025-02-20", "amc")))) == (1, 0, 0, 0)


def test_the_past_reads_as_it_was(history):
    history.learn(said(0, ("AAA", "2025-01-30", "amc")))
    before = history.events(date(2025, 1, 7))
    history.learn(said(10, ("AAA", "2025-02-10", "bmo")))
    again = CalendarHistory(history.path)
    pd.testing.assert_frame_equal(again.events(date(2025, 1, 7)), before)
    assert StaticFileProvider(history.path).events(date(2025, 1, 21))["event_date"].dt.date.tolist() == [date(2025, 2, 10)]
    assert len(again.rows) == 2


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (httpx.Response(429), "limits the number of calls"),
        (httpx.ReadTimeout("slow"), "no answer in time"),
        (httpx.ConnectError("down"), "cannot be reached"),
        (httpx.Response(200, text="<html>"), "no JSON"),
        (httpx.Response(200, json={"data": {"rows": [{"symbol": ""}, {"symbol": None}, {"symbol": "A"}]}}), "unusable rows"),
    ],
)
def test_a_provider_that_fails_leaves_the_last_snapshot_in_force(history, caplog, response, why):
    day = date(2025, 1, 30)
    assert refresh(history, "nasdaq", partial(nasdaq.fetch_earnings, client(Network(recorded.NASDAQ), Clock()), day)).warning is None
    kept = history.rows.copy()
    outcome = refresh(history, "nasdaq", partial(nasdaq.fetch_earnings, client(Network(response), Clock()), day))
    assert why in outcome.warning
    assert "calendar as of 2025-01-06 13:00 UTC stays in force" in outcome.warning
    assert outcome.warning in caplog.text
    pd.testing.assert_frame_equal(CalendarHistory(history.path).rows, kept)


def test_a_warning_stands_in_the_file_until_the_provider_answers_again(history):
    def down():
        raise ProviderError("fmp cannot be reached")

    def at(day):
        return datetime(2025, 1, day, 11, tzinfo=UTC)  # 06:00 in New York, before the open

    refresh_all(history, [("fmp", lambda: said(0, ("AAA", "2025-01-30", "amc"))), ("sec", down)], at(6))
    refresh_all(history, [("fmp", down), ("fmp", lambda: said(1, ("AAA", "2025-01-30", "amc")))], at(7))
    for standing in (CalendarHistory(history.path).standing, StaticFileProvider(history.path).standing):
        assert {name: one.at for name, one in standing.items()} == {"fmp": at(7), "sec": at(6)}
        # The session of the 3rd was over before anybody failed; that of the 6th knew of one failure.
        assert [len(concerning(standing, date(2025, 1, day))) for day in (3, 6, 7, 8)] == [0, 1, 2, 2]
        assert "fmp cannot be reached; its calendar as of" in concerning(standing, date(2025, 1, 8))[0]
    refresh_all(history, [("fmp", lambda: said(2, ("AAA", "2025-01-30", "amc")))], at(8))
    assert list(CalendarHistory(history.path).standing) == ["sec"]
    assert len(StaticFileProvider(history.path).events(date(2025, 1, 8))) == 1


def test_an_answer_that_forgets_nearly_everything_is_not_believed(history):
    names = [(f"S{number}", "2025-02-04", "amc") for number in range(20)]
    history.learn(said(0, *names))
    outcome = refresh(history, "fmp", lambda: said(1))
    assert "no longer names 20 of 20 known events" in outcome.warning
    assert history.rows["withdrawn_at"].isna().all()


def test_a_damaged_history_is_named(tmp_path):
    path = tmp_path / "history.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(CalendarError, match=r"history\.parquet"):
        CalendarHistory(path)
