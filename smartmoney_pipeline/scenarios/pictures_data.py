"""What the pictures show, taken from the tables of a day: times in New York, contract terms, volatility of quoted mids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Floats
from smartmoney_pipeline.scenarios.generate import ScenarioDay
from smartmoney_pipeline.scenarios.prices.european import black_rows
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

SESSION_S = 23_400
"""A full session, seconds."""

_TRADING_DAYS = 252
_BISECTIONS = 45


@dataclass(frozen=True)
class Shown:
    """Tables of a day with `second` (since 9:30 in New York) beside `ts`, and contract terms beside symbols."""

    title: str
    tickers: list[str]
    prints: pd.DataFrame
    quotes: pd.DataFrame
    spots: pd.DataFrame
    calendar: pd.DataFrame
    labels: pd.DataFrame
    rate: float


def shown(day: ScenarioDay) -> Shown:
    """Return what the pictures need of a day; quotes are sorted by contract and time."""
    frames = {name: _frame(day, name) for name in ("option_prints", "option_quotes", "underlying_quotes", "event_calendar", "rates")}
    opened = pd.Timestamp(f"{day.session} 09:30", tz="America/New_York").tz_convert("UTC").value
    prints, quotes, spots = (_timed(frames[name], opened) for name in ("option_prints", "option_quotes", "underlying_quotes"))
    owners = dict(zip(prints["option_symbol"].str[:-15], prints["underlying"], strict=True))
    quotes = _with_terms(quotes, opened).sort_values(["option_symbol", "second"], kind="stable", ignore_index=True)
    quotes["underlying"] = quotes["option_symbol"].str[:-15].map(owners)
    spots = spots.assign(mid=0.5 * (spots["bid"] + spots["ask"])).sort_values(["underlying", "second"], kind="stable", ignore_index=True)
    title = f"{day.pack}-{day.seed}, {day.session}"
    rate = float(frames["rates"]["rate"].median())
    tickers = sorted(prints["underlying"].unique())
    return Shown(title, tickers, _with_terms(prints, opened), quotes, spots, frames["event_calendar"], day.labels, rate)


def _frame(day: ScenarioDay, name: str) -> pd.DataFrame:
    table = day.tables[name]
    return table if isinstance(table, pd.DataFrame) else table.to_pandas()


def _timed(table: pd.DataFrame, opened: int) -> pd.DataFrame:
    ns = pd.to_datetime(table["ts"], utc=True).astype("datetime64[ns, UTC]").astype("int64")
    return table.assign(second=(ns - opened) / NS_PER_SECOND)


def _with_terms(table: pd.DataFrame, opened: int) -> pd.DataFrame:
    symbols = pd.Series(table["option_symbol"].unique(), dtype="str")
    roots = symbols.str[:-15]
    days = pd.to_datetime("20" + symbols.str[-15:-9], format="%Y%m%d")
    opening_day = np.datetime64(pd.Timestamp(opened, tz="UTC").date())
    terms = pd.DataFrame(
        {
            "option_symbol": symbols,
            "expiry": days.dt.date,
            "trading_days": np.busday_count(opening_day, days.to_numpy(dtype="datetime64[D]")),
            "calendar_days": (days - pd.Timestamp(opening_day)).dt.days,
            "strike": symbols.str[-8:].astype("int64") / 1000.0,
            "is_call": symbols.str[-9] == "C",
            # Settled at the open beside another class, or of an odd deliverable: a smile of its own.
            "apart": (roots + "W").isin(roots.unique()) | roots.str[-1].str.isdigit(),
        }
    )
    return table.merge(terms, on="option_symbol", how="left")


def quotes_at(day: Shown, ticker: str, second: float) -> pd.DataFrame:
    """Return the sound two-sided quotes of one underlying that stand at a time, with forward, volatility and trading years."""
    rows = day.quotes[(day.quotes["underlying"] == ticker) & (day.quotes["second"] <= second)]
    live = rows.groupby("option_symbol", sort=True).tail(1)
    live = live[(live["bid"] > 0) & (live["ask"] > live["bid"]) & (live["trading_days"] > 0) & ~live["apart"]]
    live = live.assign(mid=0.5 * (live["bid"] + live["ask"]))
    live = live.merge(_forwards(live, day.rate), on="expiry")
    years = (live["trading_days"] + 1.0 - second / SESSION_S) / _TRADING_DAYS
    growth = np.exp(day.rate * live["calendar_days"] / 365.0)
    is_call = live["is_call"].to_numpy()
    volatility = implied(_floats(live["mid"] * growth), _floats(live["forward"]), _floats(live["strike"]), _floats(years), is_call)
    return live.assign(years=years, volatility=volatility)


def _forwards(live: pd.DataFrame, rate: float) -> pd.DataFrame:
    """Forward of each expiry by parity, median over the three strikes nearest the money."""
    calls, puts = (live.loc[live["is_call"] == right, ["expiry", "strike", "mid", "calendar_days"]] for right in (True, False))
    pairs = calls.merge(puts[["expiry", "strike", "mid"]], on=["expiry", "strike"], suffixes=("", "_put"))
    gap = pairs["mid"] - pairs["mid_put"]
    pairs = pairs.assign(distance=gap.abs(), forward=pairs["strike"] + gap * np.exp(rate * pairs["calendar_days"] / 365.0))
    near = pairs.sort_values("distance", kind="stable").groupby("expiry").head(3)
    return near.groupby("expiry")["forward"].median().reset_index()


def _floats(column: pd.Series) -> Floats:
    return column.to_numpy(dtype=np.float64)


def implied(value: Floats, forward: Floats, strike: Floats, years: Floats, is_call: np.ndarray) -> Floats:
    """Return volatilities of undiscounted values by bisection between 1 % and 600 %; NaN outside."""
    root, one = np.sqrt(years), np.ones(len(value))
    low, high = np.full(len(value), 0.01), np.full(len(value), 6.0)
    ends = [black_rows(forward, strike, is_call, end * root, one)[0] for end in (low, high)]
    inside = (value > ends[0]) & (value < ends[1])
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        above = black_rows(forward, strike, is_call, middle * root, one)[0] > value
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(inside, 0.5 * (low + high), np.nan)


def spot_at(day: Shown, ticker: str, second: Floats) -> Floats:
    """Return the mid of the underlying that stands at each time."""
    rows = day.spots[day.spots["underlying"] == ticker]
    place = np.maximum(np.searchsorted(rows["second"].to_numpy(), second, side="right") - 1, 0)
    return rows["mid"].to_numpy()[place]


def next_earnings(day: Shown) -> pd.Series:
    """Return the next earnings date per ticker that has one."""
    if day.calendar.empty:
        return pd.Series(dtype="object")
    rows = day.calendar[day.calendar["event_type"] == "earnings"]
    return rows.groupby("underlying")["event_date"].min()
