"""SEC submissions of one company: 8-K reports with item 2.02 (results). Known at acceptance, so a record of what was, and no forecast."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.providers.http import Answer, HttpClient
from smartmoney_pipeline.calendar.providers.rows import Fetched, collected, event, parsed_json, unusable

NAME = "sec"
CONTACT_VARIABLE = "SEC_USER_AGENT"
"""The SEC asks every caller for a name and an address in the User-Agent header."""

URL = "https://data.sec.gov/submissions/CIK{cik:010d}.json"
_RESULTS = "2.02"
_FORMS = frozenset({"8-K", "8-K/A"})
_ACCEPTED = "acceptanceDateTime"
_COLUMNS = ("form", "items", _ACCEPTED)
_NEW_YORK = ZoneInfo("America/New_York")
_OPEN, _CLOSE = time(9, 30), time(16, 0)


def fetch_results(client: HttpClient, cik: int, ticker: str) -> Fetched:
    """Reports of results of one company by its central index key. Raises `ProviderError`."""
    return parse_results(client.get(URL.format(cik=cik)), ticker)


def parse_results(answer: Answer, ticker: str) -> Fetched:
    """One event a report: its day and time of day are those of acceptance in New York, and from then on it was known."""

    def row_event(row: Mapping[str, Any]) -> dict[str, Any] | None:
        items = [item.strip() for item in str(row["items"] or "").split(",")]
        if row["form"] not in _FORMS or _RESULTS not in items:
            return None
        accepted = _instant(row)
        local = accepted.astimezone(_NEW_YORK)
        return event(ticker, "earnings", local.date(), _when(local.time()), accepted, NAME)

    return collected(NAME, answer.retrieved_at, _rows(answer), row_event, None, ticker)


def _rows(answer: Answer) -> list[dict[str, Any]]:
    document = parsed_json(NAME, answer.text)
    filings = document.get("filings") if isinstance(document, dict) else None
    recent = filings.get("recent") if isinstance(filings, dict) else None
    if not isinstance(recent, dict) or any(not isinstance(recent.get(name), list) for name in _COLUMNS):
        raise ProviderError(f"{NAME} sends no list of filings")
    lists = [recent[name] for name in _COLUMNS]
    if len({len(column) for column in lists}) > 1:
        raise ProviderError(f"{NAME} sends lists of filings of different length")
    return [dict(zip(_COLUMNS, cells, strict=True)) for cells in zip(*lists, strict=True)]


def _instant(row: Mapping[str, Any]) -> datetime:
    try:
        instant = datetime.fromisoformat(str(row[_ACCEPTED]).replace("Z", "+00:00"))
    except ValueError as fault:
        raise unusable(row, _ACCEPTED) from fault
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _when(clock: time) -> str:
    if clock < _OPEN:
        return "bmo"
    return "amc" if clock >= _CLOSE else "during"
