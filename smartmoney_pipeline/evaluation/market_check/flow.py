"""Where prints lie in the quote, how large they are, and which conditions they carry."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.market_check.day import MarketDay, Measured
from smartmoney_pipeline.evaluation.market_check.kinds import COMPLEX, ON_SCREEN

ROOM_USD = 0.05
"""Least width of a quote in which a print's location is counted: a narrower quote has hardly a price inside (see BILZ-THESIS sample)."""

_TENTH_CENT = 1000.0


def share(flags: pd.Series, weights: pd.Series | None = None) -> Measured:
    """Return the share of rows, or of their weights, where `flags` holds."""
    if len(flags) == 0:
        return Measured(None, 0)
    value = flags.mean() if weights is None else weights[flags].sum() / weights.sum()
    return Measured(float(value), len(flags))


def quantile(values: pd.Series, level: float) -> Measured:
    """Return a quantile that is one of the values."""
    return Measured(float(values.quantile(level, interpolation="lower")), len(values)) if len(values) else Measured(None, 0)


def mean(values: pd.Series) -> Measured:
    """Return the mean."""
    return Measured(float(values.mean()), len(values)) if len(values) else Measured(None, 0)


def locations(frame: pd.DataFrame) -> pd.Series:
    """Return `bid`, `ask`, `mid`, `inside` or `outside` per print, on a grid of a tenth of a cent."""
    price, bid, ask = (np.rint(frame[name] * _TENTH_CENT).astype("int64") for name in ("price", "bid", "ask"))
    tests = [price == bid, price == ask, (price < bid) | (price > ask), 2 * price == bid + ask]
    return pd.Series(np.select(tests, ["bid", "ask", "outside", "mid"], default="inside"), index=frame.index)


def measure_location(day: MarketDay) -> dict[str, Measured]:
    """Shares of single-contract prints by location: in quotes with room inside, and at the quotes in all."""
    where = locations(day.quoted)
    roomy = where[2.0 * day.quoted["half"] > ROOM_USD - 1e-9]
    found = {f"at_{name}": share(roomy == name) for name in ("bid", "ask", "mid")}
    found |= {name: share(roomy == name) for name in ("inside", "outside")}
    return found | {"at_quotes_any_width": share(where.isin(["bid", "ask"]))}


def measure_sizes(day: MarketDay) -> dict[str, Measured]:
    """Trade sizes of prints on screen, prices outside cash indexes (ISE lists none), sizes quoted, and mean sizes of all trades."""
    screen = day.trades[day.trades["kind"].isin(ON_SCREEN)]
    size = screen["size"]
    price = screen.loc[~screen["underlying"].isin(day.of_kind("index")), "price"]
    shown = day.quoted["bid_size"][day.quoted["bid_size"] > 0]
    found = {f"size_p{level}": quantile(size, level / 100) for level in (25, 50, 75, 90, 95, 99)}
    found |= {f"price_p{level}": quantile(price, level / 100) for level in (25, 50, 75)}
    typical = shown.median() if len(shown) else np.nan
    return found | {
        "size_mean": mean(size),
        "one_lots": share(size == 1),
        "equal_size_chance": Measured(float((size.value_counts(normalize=True) ** 2).sum()), len(size)),
        "quote_size_p50": quantile(shown, 0.5),
        "quote_size_tail": Measured(float(shown.quantile(0.95) / typical), len(shown)),
        "cleared_size_equity": mean(_of(day, "single", "fund")["size"]),
        "cleared_size_index": mean(_of(day, "index")["size"]),
    }


def _of(day: MarketDay, *kinds: str) -> pd.DataFrame:
    return day.trades[day.trades["underlying"].isin(day.of_kind(*kinds))]


def measure_conditions(day: MarketDay) -> dict[str, Measured]:
    """Shares of prints and of volume by condition, of all trades; errors as shares of all prints."""
    trades = day.trades
    kind, size = trades["kind"], trades["size"]
    groups = {
        "electronic": ("electronic",), "auction": ("auction", "complex_auction"), "complex_electronic": ("complex_electronic",),
        "floor": ("floor", "complex_floor"), "cross": ("cross", "complex_cross"), "stock_tied": ("stock_tied",), "complex": COMPLEX,
    }  # fmt: skip
    found = {f"{name}_volume": share(kind.isin(kinds), size) for name, kinds in groups.items()}
    found |= {f"{name}_prints": share(kind.isin(kinds)) for name, kinds in groups.items()}
    floor = trades[kind.isin(groups["floor"])]
    electronic = trades[kind == "electronic"]
    return found | {
        "floor_complex_volume": share(floor["kind"] == "complex_floor", floor["size"]),
        "floor_complex_prints": share(floor["kind"] == "complex_floor"),
        "sweep_volume": share(electronic["condition"] == "S", electronic["size"]),
        "cancels": share(day.prints["kind"] == "cancel"),
        "late_reports": share(day.prints["kind"] == "late"),
    }


def measure_mix(day: MarketDay) -> dict[str, Measured]:
    """Small-ticket volume by the rule of NYSE, today's expiry in SPX, and the venues of the MIAX group."""
    equity, spx = _of(day, "single", "fund"), day.trades[day.trades["underlying"] == "SPX"]
    close = day.session_bounds[1]
    today = spx["expiry"] <= close
    return {
        "retail_volume": share(_small_tickets(equity), equity["size"]),
        "zero_day_spx_volume": share(today, spx["size"]) if today.any() else Measured(None, 0),
        "miax_volume": share(equity["exchange"].isin(list("MDPS")), equity["size"]),
    }


def _small_tickets(trades: pd.DataFrame) -> pd.Series:
    electronic = trades["kind"] == "electronic"
    small = (trades["size"] <= 10) | (trades["price"] * trades["size"] * 100.0 <= 5_000.0)
    return (electronic & small) | ((trades["kind"] == "auction") & (trades["condition"] != "b"))
