"""Which expiries an underlying lists: daily, weekly Fridays and third Fridays, moved to the session before on a holiday."""

from dataclasses import dataclass
from datetime import date, timedelta

from smartmoney_pipeline.calendar.sessions import is_session, next_session
from smartmoney_pipeline.scenarios.underlyings import Underlying, is_replica


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """One listed expiry of one root; ordered by date, then root."""

    day: date
    root: str
    settlement: str
    adjusted: bool = False
    """Whether it delivers something other than 100 shares."""


def session_on_or_before(day: date) -> date:
    """Return `day`, or the last session before it where the exchange is closed."""
    while not is_session(day):
        day -= timedelta(days=1)
    return day


def third_friday(year: int, month: int) -> date:
    """Return the third Friday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def _daily(session: date, count: int) -> list[date]:
    days = []
    day = session
    for _ in range(count):
        days.append(day)
        day = next_session(day)
    return days


def _fridays(session: date, count: int) -> list[date]:
    first = session + timedelta(days=(4 - session.weekday()) % 7)
    return [session_on_or_before(first + timedelta(weeks=i)) for i in range(count)]


def _third_fridays(session: date, count: int) -> list[date]:
    months = [(session.year + (session.month - 1 + i) // 12, (session.month - 1 + i) % 12 + 1) for i in range(count + 1)]
    days = [session_on_or_before(third_friday(year, month)) for year, month in months]
    return [day for day in days if day >= session][:count]


def listed_expiries(ticker: str, terms: Underlying, session: date) -> list[Expiry]:
    """Return the expiries listed on `session`, nearest first; those of an adjusted root (ticker + `1`) stand behind all others.

    An index lists its weeklies under root + W with PM settlement, and third Fridays under its own root with AM settlement, which
    last trade on the day before. A replica of one lists everything under its own root with PM settlement.
    """
    chain = terms.chain
    short = {*_daily(session, chain.daily_sessions), *_fridays(session, chain.weekly_fridays)}
    monthly = _third_fridays(session, chain.monthly_fridays)
    if not terms.is_index or is_replica(ticker):
        regular = sorted(Expiry(day, ticker, "pm") for day in {*short, *monthly} if day >= session)
        return regular + [Expiry(day, f"{ticker}1", "pm", adjusted=True) for day in monthly[: chain.adjusted_expiries]]
    pm = {Expiry(day, f"{ticker}W", "pm") for day in {*short, *monthly} if day >= session}
    am = {Expiry(day, ticker, "am") for day in monthly if day > session}
    return sorted(pm | am)
