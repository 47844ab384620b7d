"""Answers of the providers, made by hand in their documented layouts, and a network that replays them."""

import json
from datetime import UTC, datetime, timedelta

import httpx

from smartmoney_pipeline.calendar.providers.http import Answer, HttpClient, HttpPolicy

NOW = datetime(2025, 1, 6, 13, 0, tzinfo=UTC)

NASDAQ = {
    "data": {
        "asOf": "Thu, Jan 30, 2025",
        "headers": {"time": "Time", "symbol": "Symbol"},
        "rows": [
            {"time": "time-pre-market", "symbol": "AAA", "name": "Triple A ", "epsForecast": "$0.46", "lastYearEPS": "($0.14)"},
            {"time": "time-not-supplied", "symbol": "BH.A", "name": "Steaks", "epsForecast": "", "lastYearEPS": "N/A"},
        ],
    },
    "message": None,
    "status": {"rCode": 200},
}
NASDAQ_DIVIDENDS = {
    "data": {
        "calendar": {
            "rows": [
                {"symbol": "KO", "dividend_Ex_Date": "3/14/2025", "dividend_Rate": 0.51, "announcement_Date": "2/20/2025"},
                {"symbol": "BAD", "dividend_Ex_Date": "N/A", "dividend_Rate": 0.1},
            ]
        }
    },
    "status": {"rCode": 200},
}
FMP = [
    {"date": "2025-01-30", "symbol": "AAA", "eps": None, "epsEstimated": None, "time": "amc", "fiscalDateEnding": "2024-12-30"},
    {"date": "2025-01-31", "symbol": "BBB", "eps": 1.7, "epsEstimated": 1.37, "time": "--", "fiscalDateEnding": "2024-12-30"},
]
FMP_DIVIDENDS = [{"date": "2025-02-10", "symbol": "CCC", "dividend": 0.25, "adjDividend": 0.125, "declarationDate": "2025-01-20"}]
ALPHA_SIX = "symbol,name,reportDate,fiscalDateEnding,estimate,currency\nAAA,Triple A,2025-01-30,2024-12-31,0.46,USD\nBBB,Two B,2025-02-30,2024-12-31,,USD\n"  # noqa: E501
ALPHA_SEVEN = (
    "symbol,name,reportDate,fiscalDateEnding,estimate,currency,timeOfTheDay\n"
    "AAA,Triple A,2025-01-30,2024-12-31,0.46,USD,post-market\nCCC,Sea,2025-02-03,2024-12-31,,USD,pre-market\n"
)
SEC = {
    "filings": {
        "recent": {
            "form": ["10-Q", "8-K", "8-K", "8-K"],
            "items": ["", "2.02,9.01", "5.02", "2.02"],
            "acceptanceDateTime": [
                "2025-01-31T11:00:00.000Z",
                "2025-01-30T21:30:05.000Z",
                "2025-01-15T12:00:00.000Z",
                "2024-10-31T10:05:00.000Z",
            ],
        }
    }
}


def answer(content: object, at: datetime = NOW) -> Answer:
    return Answer(content if isinstance(content, str) else json.dumps(content), at)


class Network:
    """Replays responses in turn (the last one for ever), counts calls; an exception in the list is raised."""

    def __init__(self, *responses: object) -> None:
        self.responses = list(responses)
        self.urls: list[httpx.URL] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(request.url)
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        if isinstance(response, Exception):
            raise response
        return response if isinstance(response, httpx.Response) else httpx.Response(200, json=response)


class Clock:
    """A clock that moves only when something waits."""

    def __init__(self) -> None:
        self.time = NOW
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += timedelta(seconds=seconds)


def client(network: Network, clock: Clock, cache=None, **policy) -> HttpClient:
    return HttpClient("nasdaq", clock.now, clock.sleep, cache, HttpPolicy(**policy), httpx.MockTransport(network))
