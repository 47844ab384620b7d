"""The market of the drawn tapes: contracts of three underlyings with quotes that fit together, and what is known before the open."""

import math
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SESSION = date(2026, 7, 8)
"""A Wednesday. No holiday, half day or change of clocks lies between it and the first Monday of September."""

MS, SECOND = 1_000_000, 1_000_000_000
TICKERS = ("ABCD", "SPX", "WXYZ")
ROOTS = {"ABCD": "ABCD", "SPX": "SPXW", "WXYZ": "WXYZ"}
SPOT = 100.0
STRIKES = (90, 95, 100, 105, 110)
EXPIRY_DAYS = (0, 9)
"""Expiries in days after the session: the day itself, and the Friday of next week."""

VOLATILITY = 0.4
Row = dict[str, Any]


def instant(day: date, hours: int, minutes: int) -> int:
    """Nanoseconds UTC of a New York time of day."""
    local = datetime.combine(day, time(hours, minutes), ZoneInfo("America/New_York"))
    return int(local.timestamp()) * SECOND


OPEN = instant(SESSION, 9, 30)
FIRST = instant(SESSION, 10, 0)
"""The first print of a drawn tape comes no earlier."""


def symbol(ticker: str, number: int) -> str:
    """Symbol of one of a ticker's twenty contracts: by expiry, then strike, then call and put."""
    strike, right = STRIKES[number // 2 % len(STRIKES)], "CP"[number % 2]
    expiry = SESSION + timedelta(EXPIRY_DAYS[number // (2 * len(STRIKES))])
    return f"{ROOTS[ticker]}{expiry:%y%m%d}{right}{strike * 1000:08d}"


CONTRACTS = 2 * len(STRIKES) * len(EXPIRY_DAYS)


def fair_cents(number: int) -> int:
    """Price of a contract in cents by Bachelier's formula, so that calls, puts and strikes fit together; never below 20 cents."""
    strike, call = STRIKES[number // 2 % len(STRIKES)], number % 2 == 0
    years = (EXPIRY_DAYS[number // (2 * len(STRIKES))] + 0.25) / 365
    width = SPOT * VOLATILITY * math.sqrt(years)
    d = (SPOT - strike) / width
    cdf, pdf = 0.5 * (1 + math.erf(d / math.sqrt(2))), math.exp(-d * d / 2) / math.sqrt(2 * math.pi)
    value = width * (d * cdf + pdf)
    return max(20, round(100 * (value if call else value - SPOT + strike)))


def quote(number: int) -> tuple[int, int]:
    """Bid and ask of a contract in cents: a tenth wide, on the grid of five cents."""
    middle = 5 * round(fair_cents(number) / 5)
    return middle - 5, middle + 5


def underlying_rows() -> list[Row]:
    """One quote a minute of each underlying from the open on, moving a little; an index has one value."""
    rows = []
    for minute in range(60):
        for place, ticker in enumerate(TICKERS):
            cents = round(100 * SPOT) + (minute * (3 + place)) % 7 - 3
            spread = 0 if ticker == "SPX" else 1
            rows.append({"ts": OPEN + minute * 60 * SECOND + place * SECOND, "seq": len(rows), "underlying": ticker,
                         "bid": (cents - spread) / 100, "ask": (cents + spread) / 100, "bid_size": 300, "ask_size": 200})  # fmt: skip
    return rows


def calendar_rows() -> list[Row]:
    """Earnings known long before, a dividend of tomorrow, and a merger that becomes known while the tape runs."""

    def row(ticker: str, kind: str, days: int, known: int, amount: float | None = None) -> Row:
        return {"underlying": ticker, "event_type": kind, "event_date": SESSION + timedelta(days), "event_time": "amc",
                "known_at": known, "amount": amount, "source": "drawn"}  # fmt: skip

    return [
        row("ABCD", "earnings", 6, OPEN - 30 * 86_400 * SECOND),
        row("WXYZ", "dividend", 1, OPEN - 10 * 86_400 * SECOND, 0.5),
        row("WXYZ", "m_and_a", 2, FIRST + 90 * SECOND),
    ]


def interest_rows() -> list[Row]:
    """Open interest of every second contract."""
    names = [symbol(ticker, number) for ticker in TICKERS for number in range(0, CONTRACTS, 2)]
    return [{"option_symbol": name, "open_interest": 40 * place} for place, name in enumerate(names)]


def history_rows() -> list[Row]:
    """Five sessions before this one."""
    days = [SESSION - timedelta(back) for back in (7, 6, 5, 2, 1)]
    return [
        {
            "underlying": ticker,
            "session_date": day,
            "close": SPOT,
            "realised_volatility": 0.3,
            "option_volume": 900 + 50 * place,
            "iv30": 0.4,
        }
        for ticker in TICKERS
        for place, day in enumerate(days)
    ]
