"""What executions do to the quotes: resting customers appear, displayed size shrinks or goes, prices step away and come back."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.orders import Style
from smartmoney_pipeline.scenarios.quote_book import QUOTE_COLUMNS, QuoteBook
from smartmoney_pipeline.scenarios.ticks import TickClass, walk_cents
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_US

_COLUMNS = list(QUOTE_COLUMNS)
_KEPT = [*_COLUMNS, "normal", "restore"]
_LEANING_SHARE = 0.3
_SHOWN_SHARE = 0.7
"""Share of resting customers whose own size is the displayed size when they are filled (SEED; what the trade-size rule reads)."""


def with_reactions(ticks: TickClass, book: QuoteBook, touched: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (the book's rows, the rows that executions add); `touched` carries the draws of every fill."""
    changed = pd.concat([_resting(touched), _stepped(touched), _depleted(ticks, touched), _leaning(touched)], ignore_index=True)
    restored = _restored(book, changed[changed["restore"]])
    return book.table[_COLUMNS], pd.concat([changed[_COLUMNS], restored[_COLUMNS]], ignore_index=True)


def _resting(touched: pd.DataFrame) -> pd.DataFrame:
    shown = (touched["style"] == Style.REST) & (touched["u2"] < _SHOWN_SHARE)
    rows = touched[shown].copy()
    buys = (rows["side"] > 0).to_numpy()
    rows["ts"] -= ((2.0 + 90.0 * rows["u3"]) * NS_PER_MS).astype(np.int64)
    for name, mine in (("bid", buys), ("ask", ~buys)):
        rows[f"{name}_size"] = np.where(mine, rows["size"], rows[f"{name}_size"])
        rows[f"{name}_exchange"] = np.where(mine, rows["venue"], rows[f"{name}_exchange"])
    return rows.assign(restore=True)[_KEPT]


def _leaning(touched: pd.DataFrame) -> pd.DataFrame:
    """Before some fills at the middle the side that the customer takes from shows more: what the depth rule reads (GSU2023)."""
    chosen = (touched["style"] == Style.MIDDLE) & (touched["u2"] < _LEANING_SHARE)
    rows = touched[chosen].copy()
    buys = (rows["side"] > 0).to_numpy()
    rows["ts"] -= ((2.0 + 90.0 * rows["u3"]) * NS_PER_MS).astype(np.int64)
    more = np.rint(np.maximum(rows["bid_size"], rows["ask_size"]) * (1.05 + rows["u6"])).astype(np.int64) + 1
    rows["ask_size"] = np.where(buys, more, rows["ask_size"])
    rows["bid_size"] = np.where(buys | (rows["bid"] == 0), rows["bid_size"], more)
    return rows.assign(restore=True)[_KEPT]


def _stepped(touched: pd.DataFrame) -> pd.DataFrame:
    rows = touched[touched["raised"]].copy()
    buys = (rows["side"] > 0).to_numpy()
    rows["ts"] -= ((15.0 + 105.0 * rows["u3"]) * NS_PER_US).astype(np.int64)
    return _moved(rows, buys, rows["price"].to_numpy(), restore=False)


def _depleted(ticks: TickClass, touched: pd.DataFrame) -> pd.DataFrame:
    rows = touched[(touched["style"] == Style.TAKE) & touched["last"]].copy()
    buys = (rows["side"] > 0).to_numpy()
    rows["ts"] += ((0.05 + 2.95 * rows["u4"]) * NS_PER_MS).astype(np.int64)
    gone = ((rows["filled"] >= rows["displayed"]) & (rows["u5"] < 0.6)).to_numpy()
    away = walk_cents(ticks, rows["price"].to_numpy(), np.where(buys, 1, -1))
    stay = _moved(rows[gone], buys[gone], away[gone], restore=True)
    displayed, filled = rows["displayed"].to_numpy(), rows["filled"].to_numpy()
    left = np.maximum(displayed - filled % np.maximum(displayed, 1), 1)
    shrunk = rows[~gone].copy()
    shrunk["ask_size"] = np.where(buys[~gone], left[~gone], shrunk["ask_size"])
    shrunk["bid_size"] = np.where(~buys[~gone], left[~gone], shrunk["bid_size"])
    return pd.concat([stay, shrunk.assign(restore=True)[_KEPT]])


def _moved(rows: pd.DataFrame, buys: np.ndarray, price: Ints, *, restore: bool) -> pd.DataFrame:
    rows = rows.copy()
    fresh = np.maximum(np.rint(rows["displayed"] * (0.4 + 1.2 * rows["u6"])), 1).astype(np.int64)
    rows["ask"] = np.where(buys, price, rows["ask"])
    rows["bid"] = np.where(buys, rows["bid"], price)
    rows["ask_size"] = np.where(buys, fresh, rows["ask_size"])
    rows["bid_size"] = np.where(buys, rows["bid_size"], np.where(price > 0, fresh, 0))
    return rows.assign(restore=restore)[_KEPT]


def _restored(book: QuoteBook, changed: pd.DataFrame) -> pd.DataFrame:
    later = changed["ts"].to_numpy() + (250.0 * np.exp(0.9 * changed["normal"].to_numpy()) * NS_PER_MS).astype(np.int64)
    rows = book.at(changed["contract"].to_numpy(), later)
    rows["ts"] = later
    return rows
