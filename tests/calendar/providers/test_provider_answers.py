"""What the answers of each provider become. Expected values: the rows of `recorded_answers`, read by hand."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from recorded_answers import ALPHA_SEVEN, ALPHA_SIX, FMP, FMP_DIVIDENDS, NASDAQ, NASDAQ_DIVIDENDS, NOW, SEC, answer

from smartmoney_pipeline.calendar.corporate_events import CorporateEvents
from smartmoney_pipeline.calendar.providers import alpha_vantage, fmp, nasdaq, sec
from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.providers.rows import BadRowError, money
from smartmoney_pipeline.schemas.input_tables import Quarantine

DAY = date(2025, 1, 30)
SPAN = (date(2025, 1, 27), date(2025, 2, 14))
REAL = Path(__file__).resolve().parents[3].parent / "shared" / "real"


def rows(fetched):
    events = fetched.events
    days = events["event_date"].dt.date
    return list(zip(events["underlying"], events["event_type"], days, events["event_time"], strict=True))


def faults(fetched):
    cells = fetched.rejected[["row", "reason", "column", "value"]].astype(object)
    return list(cells.where(cells.notna(), None).itertuples(index=False, name=None))


def test_nasdaq_takes_the_date_of_the_question():
    fetched = nasdaq.parse_earnings(answer(NASDAQ), DAY)
    assert rows(fetched) == [("AAA", "earnings", DAY, "bmo"), ("BH.A", "earnings", DAY, "unknown")]
    assert set(fetched.events["known_at"]) == {pd.Timestamp(NOW)}
    assert CorporateEvents(fetched.events).as_known(pd.Timestamp(NOW).value).empty


def test_nasdaq_dividends_carry_their_amount_and_a_bad_date_is_rejected():
    fetched = nasdaq.parse_dividends(answer(NASDAQ_DIVIDENDS), date(2025, 3, 14))
    assert rows(fetched) == [("KO", "dividend", date(2025, 3, 14), "bmo")]
    assert fetched.events["amount"].tolist() == [0.51]
    assert fetched.row_count == 2
    assert [fault[:3] for fault in faults(fetched)] == [(1, "unreadable_value", "dividend_Ex_Date")]
    assert set(fetched.rejected["source_file"]) == {"nasdaq-dividends 2025-03-14"}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"symbol": " ", "date": "2025-01-30"}, (0, "missing_value", "symbol", None)),
        ({"symbol": "AAA"}, (0, "missing_value", "date", None)),
        ({"symbol": "AAA", "date": "soon"}, (0, "unreadable_value", "date", "soon")),
        ({"symbol": "AAA", "date": "2199-01-30"}, (0, "unreadable_value", "event_date", "2199-01-30")),
        ({"symbol": "AAA", "date": "2025-01-30", "dividend": "half"}, (0, "unreadable_value", "dividend", "half")),
        ({"symbol": "AAA", "date": "2025-01-30", "dividend": "inf"}, (0, "not_a_number", "dividend", "inf")),
        ("AAA", (0, "ragged_row", "whole row", "AAA")),
    ],
)
def test_a_row_that_cannot_be_used_has_its_place_in_the_quarantine(row, fault):
    fetched = fmp.parse_dividends(answer([row]), SPAN)
    assert (len(fetched.events), faults(fetched)) == (0, [fault])
    assert fetched.rejected["source_file"].tolist() == ["fmp-dividends 2025-01-27 to 2025-02-14"]
    model = Quarantine.validate(fetched.rejected)
    assert model["table"].tolist() == ["event_calendar"]


def test_fmp():
    fetched = fmp.parse_earnings(answer(FMP), SPAN)
    assert rows(fetched) == [("AAA", "earnings", DAY, "amc"), ("BBB", "earnings", date(2025, 1, 31), "unknown")]
    dividends = fmp.parse_dividends(answer(FMP_DIVIDENDS), SPAN)
    assert dividends.events["amount"].tolist() == [0.25]


def test_alpha_vantage_with_six_and_with_seven_columns():
    six = alpha_vantage.parse_earnings(answer(ALPHA_SIX))
    assert rows(six) == [("AAA", "earnings", DAY, "unknown")]
    assert faults(six) == [(1, "unreadable_value", "reportDate", "2025-02-30")]
    assert set(six.rejected["source_file"]) == {"alpha_vantage 2025-01-06 to 2025-01-30"}
    seven = alpha_vantage.parse_earnings(answer(ALPHA_SEVEN))
    assert seven.events["event_time"].tolist() == ["amc", "bmo"]
    assert seven.covers == (date(2025, 1, 6), date(2025, 2, 3))


def test_sec_knows_results_at_acceptance_and_no_earlier():
    fetched = sec.parse_results(answer(SEC), "AAA")
    # 21:30:05 UTC is 16:30:05 in New York in January; 10:05 UTC is 06:05 in October.
    assert rows(fetched) == [("AAA", "earnings", DAY, "amc"), ("AAA", "earnings", date(2024, 10, 31), "bmo")]
    assert fetched.events["known_at"].tolist()[0] == pd.Timestamp("2025-01-30T21:30:05Z")
    asked = CorporateEvents(fetched.events).next_events(["AAA"], [pd.Timestamp("2025-01-30T15:00Z").value], DAY)
    assert asked["event_date"].isna().all()


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (lambda text: nasdaq.parse_earnings(answer(text), DAY), "<html>busy</html>"),
        (lambda text: nasdaq.parse_earnings(answer(text), DAY), '{"data": null, "status": {"rCode": 400}}'),
        (lambda text: nasdaq.parse_earnings(answer(text), DAY), '{"data": {"rows": "none"}}'),
        (lambda text: fmp.parse_earnings(answer(text), SPAN), '{"Error Message": "Limit Reach."}'),
        (lambda text: fmp.parse_earnings(answer(text), SPAN), "null"),
        (lambda text: alpha_vantage.parse_earnings(answer(text)), '{"Information": "rate limit is 25 requests per day"}'),
        (lambda text: alpha_vantage.parse_earnings(answer(text)), ""),
        (lambda text: alpha_vantage.parse_earnings(answer(text)), "a,b\n1,2\n"),
        (lambda text: sec.parse_results(answer(text), "AAA"), '{"filings": {}}'),
        (
            lambda text: sec.parse_results(answer(text), "AAA"),
            '{"filings": {"recent": {"form": ["8-K"], "items": [], "acceptanceDateTime": []}}}',
        ),
    ],
)
def test_nonsense_is_an_error_that_names_the_provider(parse, text):
    with pytest.raises(ProviderError, match=r"nasdaq|fmp|alpha_vantage|sec"):
        parse(text)


def test_a_day_without_events_is_an_answer():
    assert nasdaq.parse_earnings(answer({"data": {"rows": None}, "status": {"rCode": 200}}), DAY).row_count == 0


@pytest.mark.parametrize(
    ("text", "dollars"), [("$0.46", 0.46), ("($0.14)", -0.14), ("", None), ("N/A", None), ("$1,234.5", 1234.5), (0.25, 0.25)]
)
def test_money(text, dollars):
    assert money({"rate": text}, "rate") == dollars


@pytest.mark.parametrize("text", ["half", "nan", "inf"])
def test_money_that_is_none(text):
    with pytest.raises(BadRowError):
        money({"rate": text}, "rate")


@pytest.mark.real
@pytest.mark.skipif(not (REAL / "nasdaq_earnings_2023-11-03").is_dir(), reason="the real Nasdaq sample does not lie beside the checkout")
def test_the_real_nasdaq_answer():
    text = (REAL / "nasdaq_earnings_2023-11-03" / "earnings_2023-11-03.json").read_text()
    fetched = nasdaq.parse_earnings(answer(text), date(2023, 11, 3))
    # 85 rows, 2 before the open, 83 without a time: the README beside the file.
    assert fetched.events["event_time"].value_counts().to_dict() == {"unknown": 83, "bmo": 2}
    assert fetched.rejected.empty
    assert {"MOG.A", "MOG.B", "BH.A"} <= set(fetched.events["underlying"])


@pytest.mark.real
@pytest.mark.skipif(not (REAL / "fmp_earnings_2025-05").is_dir(), reason="the real FMP sample does not lie beside the checkout")
def test_the_real_fmp_answer():
    text = (REAL / "fmp_earnings_2025-05" / "earnings.json").read_text()
    fetched = fmp.parse_earnings(answer(json.loads(text)), (date(2025, 5, 9), date(2025, 5, 16)))
    # 143 rows: bmo 90, amc 51, two without: the README beside the file.
    assert fetched.events["event_time"].value_counts().to_dict() == {"bmo": 90, "amc": 51, "unknown": 2}
