"""Nasdaq calendar of earnings and of ex-dividend dates: one call a day, and no date in a row: it is that of the question."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.providers.http import Answer, HttpClient
from smartmoney_pipeline.calendar.providers.rows import Fetched, american_day, collected, event, money, parsed_json, time_of_day

NAME = "nasdaq"
EARNINGS_URL = "https://api.nasdaq.com/api/calendar/earnings"
DIVIDENDS_URL = "https://api.nasdaq.com/api/calendar/dividends"


def fetch_earnings(client: HttpClient, day: date) -> Fetched:
    """Earnings of one day. Raises `ProviderError`."""
    return parse_earnings(client.get(EARNINGS_URL, {"date": day.isoformat()}), day)


def parse_earnings(answer: Answer, day: date) -> Fetched:
    """Earnings of the day that was asked for; known from the retrieval on, whatever results the rows hold by now."""

    def row_event(row: Mapping[str, Any]) -> dict[str, Any]:
        return event(row.get("symbol"), "earnings", day, time_of_day(row.get("time")), answer.retrieved_at, NAME)

    rows = _rows(_data(answer).get("rows"))
    return collected(NAME, answer.retrieved_at, rows, row_event, (day, day))


def fetch_dividends(client: HttpClient, day: date) -> Fetched:
    """Ex-dividend dates of one day. Raises `ProviderError`."""
    return parse_dividends(client.get(DIVIDENDS_URL, {"date": day.isoformat()}), day)


def parse_dividends(answer: Answer, day: date) -> Fetched:
    """Ex-dividend dates with their amounts, USD per share; the row states its own date."""

    def row_event(row: Mapping[str, Any]) -> dict[str, Any]:
        ex_day = american_day(row, "dividend_Ex_Date")
        return event(row.get("symbol"), "dividend", ex_day, "bmo", answer.retrieved_at, NAME, money(row, "dividend_Rate"))

    calendar = _data(answer).get("calendar")
    rows = _rows(calendar.get("rows") if isinstance(calendar, dict) else None)
    return collected(f"{NAME}-dividends", answer.retrieved_at, rows, row_event, (day, day))


def _data(answer: Answer) -> dict[str, Any]:
    document = parsed_json(NAME, answer.text)
    status = document.get("status") if isinstance(document, dict) else None
    if isinstance(status, dict) and status.get("rCode") not in {None, 200}:
        raise ProviderError(f"{NAME} answers with code {status.get('rCode')}")
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        raise ProviderError(f"{NAME} sends an answer without data")
    return data


def _rows(rows: Any) -> list[Any]:
    """No rows on a day without events is an answer; anything but a list is none."""
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise ProviderError(f"{NAME} sends rows that are no list")
    return rows
