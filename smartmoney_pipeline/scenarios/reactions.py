"""What executions do to the quotes: resting customers appear, displayed size shrinks or goes, prices step away and come back."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.orders import Style
from smartmoney_pipeline.scenarios.quote_book import QUOTE_COLUMNS, QuoteBook, make_book
from smartmoney_pipeline.scenarios.ticks import TickClass, walk_cents
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_US

_COLUMNS = list(QUOTE_COLUMNS)
_SHOWN_SHARE = 0.4
"""Share of resting customers whose own size is the displayed size when they are filled (SEED; what the trade-size rule reads)."""


def with_reactions(rng: np.random.Generator, ticks: TickClass, book: QuoteBook, touched: pd.DataFrame, close_ns: int) -> QuoteBook:
    """Return the book with the rows that executions cause, sorted again."""
    parts = [
        _resting(rng, touched),
        _stepped(rng, ticks, touched),
        _depleted(rng, ticks, touched),
    ]
    changed = pd.concat(parts, ignore_index=True)
    restored = _restored(rng, book, changed[changed["restore"]])
    added = pd.concat([changed[_COLUMNS], restored[_COLUMNS]], ignore_index=True)
    added = added[added["ts"] < close_ns]
    table = pd.concat([book.table[_COLUMNS], added], ignore_index=True)
    return make_book(table.sort_values(["contract", "ts"], kind="stable", ignore_index=True))


def _resting(rng: np.random.Generator, touched: pd.DataFrame) -> pd.DataFrame:
    shown = (touched["style"] == Style.REST) & (rng.random(len(touched)) < _SHOWN_SHARE)
    rows = touched[shown].copy()
    buys = (rows["side"] > 0).to_numpy()
    rows["ts"] -= (rng.uniform(2.0, 250.0, len(rows)) * NS_PER_MS).astype(np.int64)
    for name, mine in (("bid", buys), ("ask", ~buys)):
        rows[f"{name}_size"] = np.where(mine, rows["size"], rows[f"{name}_size"])
        rows[f"{name}_exchange"] = np.where(mine, rows["venue"], rows[f"{name}_exchange"])
    rows["restore"] = True
    return rows[[*_COLUMNS, "restore"]]


def _stepped(rng: np.random.Generator, ticks: TickClass, touched: pd.DataFrame) -> pd.DataFrame:
    rows = touched[touched["raised"]].copy()
    buys = (rows["side"] > 0).to_numpy()
    rows["ts"] -= (rng.uniform(15.0, 120.0, len(rows)) * NS_PER_US).astype(np.int64)
    return _moved(rng, rows, buys, rows["price"].to_numpy(), restore=False)


def _depleted(rng: np.random.Generator, ticks: TickClass, touched: pd.DataFrame) -> pd.DataFrame:
    rows = touched[(touched["style"] == Style.TAKE) & touched["last"]].copy()
    buys = (rows["side"] > 0).to_numpy()
    rows["ts"] += (rng.uniform(0.05, 3.0, len(rows)) * NS_PER_MS).astype(np.int64)
    gone = (rows["filled"] >= rows["displayed"]).to_numpy() & (rng.random(len(rows)) < 0.6)
    away = walk_cents(ticks, rows["price"].to_numpy(), np.where(buys, 1, -1))
    stay = _moved(rng, rows[gone], buys[gone], away[gone], restore=True)
    displayed, filled = rows["displayed"].to_numpy(), rows["filled"].to_numpy()
    left = np.maximum(displayed - filled % np.maximum(displayed, 1), 1)
    shrunk = rows[~gone].copy()
    shrunk["ask_size"] = np.where(buys[~gone], left[~gone], shrunk["ask_size"])
    shrunk["bid_size"] = np.where(~buys[~gone], left[~gone], shrunk["bid_size"])
    shrunk["restore"] = True
    return pd.concat([stay, shrunk[[*_COLUMNS, "restore"]]])


def _moved(rng: np.random.Generator, rows: pd.DataFrame, buys: np.ndarray, price: Ints, *, restore: bool) -> pd.DataFrame:
    rows = rows.copy()
    fresh = np.maximum(np.rint(rows["displayed"] * rng.uniform(0.4, 1.6, len(rows))), 1).astype(np.int64)
    rows["ask"] = np.where(buys, price, rows["ask"])
    rows["bid"] = np.where(buys, rows["bid"], price)
    rows["ask_size"] = np.where(buys, fresh, rows["ask_size"])
    rows["bid_size"] = np.where(buys, rows["bid_size"], np.where(price > 0, fresh, 0))
    rows["restore"] = restore
    return rows[[*_COLUMNS, "restore"]]


def _restored(rng: np.random.Generator, book: QuoteBook, changed: pd.DataFrame) -> pd.DataFrame:
    later = changed["ts"].to_numpy() + (rng.lognormal(np.log(250.0), 0.9, len(changed)) * NS_PER_MS).astype(np.int64)
    rows = book.at(changed["contract"].to_numpy(), later)
    rows["ts"] = later
    return rows
