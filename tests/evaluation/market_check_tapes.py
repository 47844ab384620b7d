"""Tiny tapes made by hand for the tests of the market check; no test is here.

The session is Wednesday 2026-03-18: 9:30 in New York is 13:30 UTC. Times are given in seconds after the open.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from smartmoney_pipeline.evaluation.market_check.day import MarketDay, market_day

OPEN = pd.Timestamp("2026-03-18 13:30", tz="UTC")
CALL, PUT = "ACME260417C00100000", "ACME260417P00100000"


def at(second: float) -> pd.Timestamp:
    return OPEN + pd.Timedelta(seconds=second)


def print_row(second: float, price: float, size: int, side: int, **changed: Any) -> dict[str, Any]:
    row = {"ts": at(second), "option_symbol": CALL, "underlying": "ACME", "price": price, "size": size, "exchange": "C", "condition": "I"}
    return row | {"side": side} | changed


def quote_row(second: float, bid: float, ask: float, **changed: Any) -> dict[str, Any]:
    sizes = {"bid_size": 10, "ask_size": 20, "bid_exchange": "C", "ask_exchange": "C"}
    return {"ts": at(second), "option_symbol": CALL, "bid": bid, "ask": ask} | sizes | changed


def spot_row(second: float, mid: float, underlying: str = "ACME") -> dict[str, Any]:
    return {"ts": at(second), "underlying": underlying, "bid": mid - 0.01, "ask": mid + 0.01}


def made_day(
    prints: list[dict[str, Any]], quotes: list[dict[str, Any]], spots: list[dict[str, Any]] | None = None, **others: pd.DataFrame
) -> MarketDay:
    frame = pd.DataFrame(prints).assign(print_id=[f"p{n}" for n in range(len(prints))], seq=range(len(prints)))
    calendar = pd.DataFrame(
        {"underlying": ["ACME"], "event_type": ["earnings"], "event_date": ["2026-06-30"], "event_time": ["amc"], "amount": [None]}
    )
    tables: dict[str, Any] = {
        "option_prints": frame.drop(columns="side"),
        "option_quotes": pd.DataFrame(quotes).assign(seq=range(len(quotes))),
        "underlying_quotes": pd.DataFrame(spots or [spot_row(0.0, 100.0)]).assign(seq=range(len(spots or [1]))),
        "event_calendar": calendar,
    }
    return market_day(tables | others, frame[["print_id", "side"]])
