"""Spreads, quote states, quote load, and what auctions improve."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.market_check.day import MarketDay, Measured
from smartmoney_pipeline.evaluation.market_check.flow import mean, share

ACTIVE_PRINTS = 10
"""Prints from which a contract counts as active."""

TENOR_DAYS = (2.0, 10.0, 45.0)
"""Classes of tenor within which spreads are compared: in and out of the money trade in different expiries."""

_LEAST = 20


def measure_spreads(day: MarketDay) -> dict[str, Measured]:
    """Spreads at single-contract prints: of single names, of funds, by moneyness and by price."""
    frame = day.quoted[day.quoted["bid"] > 0]
    single = frame[frame["underlying"].isin(day.of_kind("single"))]
    fund = frame[frame["underlying"].isin(day.of_kind("fund"))]
    weekly = frame[~frame["underlying"].isin(day.of_kind("index")) & (frame["years"] <= 8 / 365) & (frame["size"] <= 10)]
    distance = (frame["price"] - frame["mid"]) / frame["mid"]
    return {
        "half_spread_share": mean(single["half"] / single["mid"]),
        "half_spread_usd": mean(single["half"]),
        "effective_to_quoted": _over((single["price"] - single["mid"]).abs(), single["half"]),
        "customer_cost_to_effective": _over(frame["side"] * distance, distance.abs()),
        "weekly_small_spread": mean(2.0 * weekly["half"] / weekly["mid"]),
        "fund_spread_usd": Measured(float(2.0 * fund["half"].median()), len(fund)) if len(fund) else Measured(None, 0),
        "otm_spread_ratio": _ratio(frame, _zone(frame, 0.05, 0.25), _zone(frame, 0.35, 0.65), relative=True),
        "itm_spread_ratio": _ratio(frame, _zone(frame, 0.75, 0.99), _zone(frame, 0.35, 0.65), relative=False),
        "cheap_spread_ratio": _ratio(frame, frame["mid"] < 0.5, frame["mid"] >= 3.0, relative=True),
        "dear_spread_ratio": _ratio(frame, frame["mid"] >= 3.0, frame["mid"] < 0.5, relative=False),
    }


def _over(top: pd.Series, bottom: pd.Series) -> Measured:
    return Measured(float(top.mean() / bottom.mean()), len(top)) if len(top) and bottom.mean() > 0 else Measured(None, 0)


def _zone(frame: pd.DataFrame, low: float, high: float) -> pd.Series:
    return frame["delta"].abs().between(low, high)


def _ratio(frame: pd.DataFrame, top: pd.Series, bottom: pd.Series, relative: bool) -> Measured:
    """Median spread of one group over that of another, within each underlying and class of tenor; median over those."""
    spread = 2.0 * frame["half"] / (frame["mid"] if relative else 1.0)
    tenor = np.digitize(frame["years"] * 365, TENOR_DAYS)
    table = pd.DataFrame({"name": frame["underlying"], "tenor": tenor, "spread": spread, "top": top, "bottom": bottom})
    upper, lower = (table[table[side]].groupby(["name", "tenor"])["spread"] for side in ("top", "bottom"))
    enough = (upper.size() >= _LEAST) & (lower.size() >= _LEAST)
    names = enough.index[enough.fillna(False).astype(bool)]
    if len(names) == 0:
        return Measured(None, 0)
    return Measured(float((upper.median()[names] / lower.median()[names]).median()), int((table["top"] | table["bottom"]).sum()))


def measure_quotes(day: MarketDay) -> dict[str, Measured]:
    """Quote load, locked, crossed and zero-bid states, and the price grid."""
    quotes, prints = day.quotes, day.trades
    updates = np.bincount(quotes["code"], minlength=len(day.contracts))
    traded = np.bincount(prints["code"], minlength=len(day.contracts))
    active = traded >= ACTIVE_PRINTS
    known = prints[prints["bid"].notna() & prints["kind"].isin(("electronic", "auction"))]
    cheap = quotes[quotes["ask"] <= 0.05 + 1e-9]
    load = float(np.median(updates[active] / traded[active])) if active.any() else None
    return {
        "updates_per_print": Measured(len(quotes) / max(len(prints), 1), len(prints)),
        "updates_per_print_active": Measured(load, int(active.sum())),
        "locked": share(quotes["bid"] == quotes["ask"]),
        "crossed": share(quotes["bid"] > quotes["ask"]),
        "zero_bid_at_prints": share(known["bid"] == 0),
        "zero_bid_far": share(cheap["bid"] == 0),
        "nickel_grid": _nickel_grid(day),
    }


def _nickel_grid(day: MarketDay) -> Measured:
    """Share of quoted bids from 3 dollars up that lie on the five-cent grid, outside funds, whose classes quote in cents throughout."""
    owner = day.contracts["underlying"].to_numpy()[day.quotes["code"]]
    bid = day.quotes["bid"][np.isin(owner, day.of_kind("single", "index")) & (day.quotes["bid"] >= 3.0)]
    return share(np.rint(bid * 100).astype("int64") % 5 == 0)


def measure_auctions(day: MarketDay) -> dict[str, Measured]:
    """How often auctions beat the touch on the customer's side, and by what share of the half-spread."""
    frame = day.quoted[(day.quoted["kind"] == "auction") & (day.quoted["half"] > 0.01)]
    touch = np.where(frame["side"] > 0, frame["ask"], frame["bid"])
    better = frame["side"] * (touch - frame["price"]) / frame["half"]
    improved = better > 1e-6
    return {"auctions_improved": share(improved), "auction_improvement": mean(better[improved])}
