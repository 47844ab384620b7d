"""Alpha Vantage earnings calendar: CSV of the coming months. Errors come as JSON with status 200. Needs a key."""

import csv
from collections.abc import Mapping
from typing import Any

from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.providers.http import Answer, HttpClient
from smartmoney_pipeline.calendar.providers.rows import BadRowError, Fetched, collected, event, iso_day, time_of_day

NAME = "alpha_vantage"
KEY_VARIABLE = "ALPHAVANTAGE_API_KEY"
URL = "https://www.alphavantage.co/query"
_REQUIRED = ("symbol", "reportDate")


def fetch_earnings(client: HttpClient, key: str, horizon: str = "3month") -> Fetched:
    """Earnings of the coming `horizon` (3month, 6month or 12month). Raises `ProviderError`."""
    return parse_earnings(client.get(URL, {"function": "EARNINGS_CALENDAR", "horizon": horizon, "apikey": key}))


def parse_earnings(answer: Answer) -> Fetched:
    """Earnings with six columns, or seven with the time of day. The span is that of the dates, from the day of retrieval on."""
    if answer.text.lstrip().startswith(("{", "<")):
        raise ProviderError(f"{NAME} sends a message and no calendar: {answer.text.strip()[:120]!r}")
    lines = [line for line in csv.reader(answer.text.splitlines()) if line]
    header = [name.strip() for name in lines[0]] if lines else []
    if any(name not in header for name in _REQUIRED):
        raise ProviderError(f"{NAME} sends no calendar: its first line is {','.join(header)[:80]!r}")
    rows = [dict(zip(header, line, strict=True)) if len(line) == len(header) else ",".join(line) for line in lines[1:]]

    def row_event(row: Mapping[str, Any]) -> dict[str, Any]:
        return event(row["symbol"], "earnings", iso_day(row, "reportDate"), time_of_day(row.get("timeOfTheDay")), answer.retrieved_at, NAME)

    days = [day for row in rows if isinstance(row, dict) and (day := _day(row)) is not None]
    covered = (answer.retrieved_at.date(), max(days)) if days else None
    return collected(NAME, answer.retrieved_at, rows, row_event, covered)


def _day(row: Mapping[str, Any]) -> Any:
    try:
        return iso_day(row, "reportDate")
    except BadRowError:
        return None
