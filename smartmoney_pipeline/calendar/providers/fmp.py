"""Financial Modeling Prep: earnings and dividends of a span of days. Needs a key; no row says when it was published."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.providers.http import Answer, HttpClient
from smartmoney_pipeline.calendar.providers.rows import Fetched, collected, event, iso_day, money, parsed_json, time_of_day

NAME = "fmp"
KEY_VARIABLE = "FMP_API_KEY"
EARNINGS_URL = "https://financialmodelingprep.com/api/v3/earning_calendar"
DIVIDENDS_URL = "https://financialmodelingprep.com/api/v3/stock_dividend_calendar"


def fetch_earnings(client: HttpClient, first: date, last: date, key: str) -> Fetched:
    """Earnings from `first` to `last`, both included. Raises `ProviderError`."""
    return parse_earnings(client.get(EARNINGS_URL, _span(first, last, key)), (first, last))


def parse_earnings(answer: Answer, covered: tuple[date, date]) -> Fetched:
    """Earnings: a missing result does not say that the event is still to come, so results are not read."""

    def row_event(row: Mapping[str, Any]) -> dict[str, Any]:
        day = iso_day(row, "date")
        return event(row.get("symbol"), "earnings", day, time_of_day(row.get("time")), answer.retrieved_at, NAME)

    return collected(NAME, answer.retrieved_at, _rows(answer), row_event, covered)


def fetch_dividends(client: HttpClient, first: date, last: date, key: str) -> Fetched:
    """Ex-dividend dates from `first` to `last`. Raises `ProviderError`."""
    return parse_dividends(client.get(DIVIDENDS_URL, _span(first, last, key)), (first, last))


def parse_dividends(answer: Answer, covered: tuple[date, date]) -> Fetched:
    """Ex-dividend dates; the amount is the one paid, not the one adjusted for later splits."""

    def row_event(row: Mapping[str, Any]) -> dict[str, Any]:
        return event(row.get("symbol"), "dividend", iso_day(row, "date"), "bmo", answer.retrieved_at, NAME, money(row, "dividend"))

    return collected(f"{NAME}-dividends", answer.retrieved_at, _rows(answer), row_event, covered)


def _span(first: date, last: date, key: str) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat(), "apikey": key}


def _rows(answer: Answer) -> list[Any]:
    document = parsed_json(NAME, answer.text)
    if isinstance(document, dict) and "Error Message" in document:
        raise ProviderError(f"{NAME} refuses the call: {str(document['Error Message'])[:120]}")
    if not isinstance(document, list):
        raise ProviderError(f"{NAME} sends no list of events")
    return document
