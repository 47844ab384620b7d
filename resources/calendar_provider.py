"""Where corporate events come from that lie on no tape: a static file, or the history of what providers said."""

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import pandas as pd
from pydantic import Field

from smartmoney_pipeline.calendar.history import CalendarHistory, Refreshed
from smartmoney_pipeline.calendar.providers import alpha_vantage, fmp, nasdaq, sec
from smartmoney_pipeline.calendar.providers.http import HttpClient, required_key
from smartmoney_pipeline.calendar.providers.rows import Fetched
from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider
from smartmoney_pipeline.calendar.refresh import refresh_all


class CalendarFile(dg.ConfigurableResource):
    """A static calendar file (CSV, Parquet or JSON), or the history of `CalendarFeeds`.

    Empty: the events of a session are those on its tape, and none is made up.
    """

    path: str = ""

    def opened(self) -> StaticFileProvider | None:
        """Read the file once, for all sessions; None without a file. Raises `CalendarError` where it cannot be read."""
        return StaticFileProvider(Path(self.path)) if self.path else None


class CalendarFeeds(dg.ConfigurableResource):
    """Providers of corporate events, and the history of what each said when. Keys come from the environment alone.

    `history` is a Parquet file that `CalendarFile` reads as it is; `providers` are names out of nasdaq, fmp, alpha_vantage and sec;
    `companies` maps tickers to the central index keys that the SEC knows them by.
    """

    history: str
    cache: str = ""
    providers: list[str] = Field(default_factory=lambda: ["nasdaq"])
    companies: dict[str, int] = Field(default_factory=dict)
    days_ahead: int = 14

    def refresh(self, now: Callable[[], datetime] | None = None) -> list[Refreshed]:
        """Ask every provider and add what is new. One that fails is a warning in the log and in the answer; its last snapshot stays."""
        clock = now or (lambda: datetime.now(UTC))
        first = clock().date()
        calls = [call for name in self.providers for call in self._calls(name, clock, first)]
        outcome = refresh_all(CalendarHistory(self.history), calls, clock())
        for warning in (one.warning for one in outcome if one.warning):
            dg.get_dagster_logger().warning(warning)
        return outcome

    def known(self, session: date) -> pd.DataFrame:
        """What some print of the session may use, as it was learned by then. Raises `CalendarError` for a damaged history."""
        return CalendarHistory(self.history).events(session)

    def _calls(self, name: str, clock: Callable[[], datetime], first: date) -> Sequence[tuple[str, Callable[[], Fetched]]]:
        last = first + timedelta(days=self.days_ahead)
        days = [first + timedelta(days=n) for n in range(self.days_ahead + 1)]
        client = self._client(name, clock)
        if name == nasdaq.NAME:
            earnings = [(nasdaq.NAME, partial(nasdaq.fetch_earnings, client, day)) for day in days]
            return earnings + [(f"{nasdaq.NAME}-dividends", partial(nasdaq.fetch_dividends, client, day)) for day in days]
        if name == fmp.NAME:
            span = (client, first, last)
            kinds = ((fmp.NAME, fmp.fetch_earnings), (f"{fmp.NAME}-dividends", fmp.fetch_dividends))
            return [(label, partial(_with_key, fetch, fmp.KEY_VARIABLE, *span)) for label, fetch in kinds]
        if name == alpha_vantage.NAME:
            return [(name, partial(_with_key, alpha_vantage.fetch_earnings, alpha_vantage.KEY_VARIABLE, client))]
        if name == sec.NAME:
            return [(name, partial(sec.fetch_results, client, cik, ticker)) for ticker, cik in sorted(self.companies.items())]
        raise ValueError(f"{name!r} is no provider of events; known are nasdaq, fmp, alpha_vantage, sec")

    def _client(self, name: str, clock: Callable[[], datetime]) -> HttpClient:
        cache = Path(self.cache) if self.cache else None
        contact = os.environ.get(sec.CONTACT_VARIABLE, "smartmoney-pipeline")
        return HttpClient(name, clock, time.sleep, cache, headers={"User-Agent": contact, "Accept": "application/json, text/csv, */*"})


def _with_key(fetch: Callable[..., Fetched], variable: str, *arguments: object) -> Fetched:
    return fetch(*arguments, required_key(variable, os.environ))
