"""Put-call parity of mids within the half-spreads: an equality for European contracts, two bounds for American ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.market_check.day import NS, YEAR_NS, MarketDay, Measured, rows_before
from smartmoney_pipeline.evaluation.market_check.flow import share

SYNCHRONOUS_NS = NS // 10
"""A put counts for a call's quote if it changed within this time before it (KRAUSE2019: prices must be synchronised)."""

LONGEST_YEARS = 60 / 365
"""Longest American expiry looked at: beyond it dividends that are not in the calendar, and the cost of borrowing, decide."""

_LEAST_PAIRS = 30


def pairs(day: MarketDay, names: list[str]) -> pd.DataFrame:
    """Return call quotes of these underlyings with the put of the same strike and expiry, its quote at most a tenth of a second old."""
    quotes = day.quotes[(day.quotes["bid"] > 0) & (day.quotes["ask"] > day.quotes["bid"])]
    terms = day.contracts
    call_of = terms[terms["is_call"] & ~terms["adjusted"] & terms["underlying"].isin(names)]
    partner = call_of.merge(terms[~terms["is_call"] & ~terms["adjusted"]], on=["underlying", "expiry", "strike"], suffixes=("", "_put"))
    calls = quotes.merge(partner[["code", "code_put", "underlying", "expiry", "strike"]], on="code")
    row = rows_before(calls["code_put"].to_numpy(), calls["at"].to_numpy() + 1, quotes["code"].to_numpy(), quotes["at"].to_numpy())
    fresh = (row >= 0) & (calls["at"].to_numpy() - quotes["at"].to_numpy()[np.maximum(row, 0)] <= SYNCHRONOUS_NS)
    put = quotes.iloc[row[fresh]].reset_index(drop=True)
    calls = calls[fresh].reset_index(drop=True)
    gap = 0.5 * (calls["bid"] + calls["ask"] - put["bid"] - put["ask"])
    slack = 0.5 * (calls["ask"] - calls["bid"] + put["ask"] - put["bid"])
    spot = _spot_between(day, calls)
    years = (calls["expiry"] - calls["at"]) / YEAR_NS
    found = calls[["underlying", "expiry", "strike", "at"]].assign(gap=gap, slack=slack, spot=spot, years=years)
    return found[found["spot"].notna() & (found["years"] > 0)].reset_index(drop=True)


def _spot_between(day: MarketDay, calls: pd.DataFrame) -> np.ndarray:
    """Mid of the underlying at each quote, between its last and its next change: an index is told about once a second."""
    spot = np.full(len(calls), np.nan)
    for name in sorted(calls["underlying"].unique()):
        rows, chosen = day.spots[day.spots["underlying"] == name], (calls["underlying"] == name).to_numpy()
        spot[chosen] = np.interp(calls["at"].to_numpy()[chosen], rows["at"], rows["mid"], left=np.nan)
    return spot


def european_within(table: pd.DataFrame) -> Measured:
    """Share of pairs whose call less put lies within the half-spreads of a x spot - b x strike, a and b fitted per expiry.

    a stands for exp(-yield x time) and b for the discount factor (HULL); the fit takes medians over strikes, then least squares.
    """
    within = []
    for _, group in table.groupby(["underlying", "expiry"], sort=True):
        if len(group) < _LEAST_PAIRS or group["strike"].nunique() < 3:
            continue
        design = np.column_stack([group["spot"], -group["strike"]])
        gap, slack = group["gap"].to_numpy(), group["slack"].to_numpy()
        weight = 1.0 / slack
        solved = np.linalg.lstsq(design * weight[:, None], gap * weight, rcond=None)[0]
        within.append(np.abs(gap - design @ solved) <= slack + 1e-9)
    return share(pd.Series(np.concatenate(within)) if within else pd.Series([], dtype=bool))


def american_within(table: pd.DataFrame, dividends: np.ndarray, rate: float) -> Measured:
    """Share of pairs with spot - dividends - strike <= call - put <= spot - strike x discount, each within the half-spreads (HULL)."""
    low = table["spot"] - dividends - table["strike"] - table["slack"]
    high = table["spot"] - table["strike"] * np.exp(-rate * table["years"]) + table["slack"]
    return share((table["gap"] >= low - 1e-9) & (table["gap"] <= high + 1e-9))


def measure_parity(day: MarketDay) -> dict[str, Measured]:
    """Parity of cash indexes, and bounds of the names with American options."""
    names = pairs(day, day.of_kind("single", "fund"))
    names = names[names["years"] <= LONGEST_YEARS].reset_index(drop=True)
    return {
        "parity_european": european_within(pairs(day, day.of_kind("index"))),
        "parity_american": american_within(names, _dividends(day, names), day.rate),
    }


def _dividends(day: MarketDay, table: pd.DataFrame) -> np.ndarray:
    """Cash dividends in the calendar from after the session to each row's expiry, USD."""
    total = np.zeros(len(table))
    if len(day.calendar) == 0:
        return total
    cash = day.calendar[(day.calendar["event_type"] == "dividend") & day.calendar["amount"].notna()]
    for ticker, date, amount in zip(cash["underlying"], cash["event_date"], cash["amount"], strict=True):
        ex = pd.Timestamp(str(date), tz="America/New_York").tz_convert("UTC").value
        due = (table["underlying"] == ticker) & (table["expiry"] > ex) & (ex > day.session_bounds[0])
        total += np.where(due, float(amount), 0.0)
    return total
