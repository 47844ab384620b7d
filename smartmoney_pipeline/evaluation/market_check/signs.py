"""How well simple rules find the customer's side, and how long sides persist."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.market_check.day import MarketDay, Measured
from smartmoney_pipeline.evaluation.market_check.flow import locations, share

LAGS = (1, 5, 10, 20, 50)
LARGEST_PART = 0.95
"""The trade-size rule is left out for the largest prints, where it hurts (GSU2023)."""


def quote_sign(frame: pd.DataFrame) -> np.ndarray:
    """Return +1 above the middle of the quote, -1 below, 0 at it."""
    return np.sign(np.rint((2.0 * frame["price"] - frame["bid"] - frame["ask"]) * 1000.0)).to_numpy().astype(np.int64)


def size_sign(frame: pd.DataFrame) -> np.ndarray:
    """Return +1 where the size equals the bid size that the printing venue shows, -1 the ask size, 0 for both, neither or outside.

    The tape carries the NBBO: a venue's own size is known only while it sets that side. Without venue columns any venue counts.
    """
    small = (frame["size"] <= frame["size"].quantile(LARGEST_PART)) & ~(locations(frame) == "outside")
    bid = (frame["size"] == frame["bid_size"]) & small & _sets(frame, "bid_exchange")
    ask = (frame["size"] == frame["ask_size"]) & small & _sets(frame, "ask_exchange")
    return bid.to_numpy().astype(np.int64) - ask.to_numpy().astype(np.int64)


def _sets(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame[column] == frame["exchange"] if column in frame else pd.Series(True, index=frame.index)


def depth_sign(frame: pd.DataFrame) -> np.ndarray:
    """Return +1 where more is offered than bid for, -1 where less: read at the middle of the quote only (GSU2023)."""
    return np.sign((frame["ask_size"] - frame["bid_size"]).to_numpy()).astype(np.int64)


def accuracy(sign: np.ndarray, side: np.ndarray) -> Measured:
    """Return the share of right signs; an undecided print counts half, as in BILZ-THESIS."""
    if len(side) == 0:
        return Measured(None, 0)
    return Measured(float(np.where(sign == 0, 0.5, sign == side).mean()), len(side))


def measure_rules(day: MarketDay) -> dict[str, Measured]:
    """Accuracy on the customer's side of single-contract prints: rules alone, stacked, and by location."""
    frame = day.quoted
    side, where = frame["side"].to_numpy(), locations(frame)
    quote, size = quote_sign(frame), size_sign(frame)
    stack = np.where(size != 0, size, np.where(quote != 0, quote, depth_sign(frame)))
    found = {"quote_rule": accuracy(quote, side), "size_stack": accuracy(stack, side), "buys": share(frame["side"] > 0)}
    for name, chosen in {
        "trade_size_rule": size != 0,
        "quote_rule_at_quotes": where.isin(["bid", "ask"]).to_numpy(),
        "quote_rule_inside": (where == "inside").to_numpy(),
        "stack_at_quotes": where.isin(["bid", "ask"]).to_numpy(),
        "depth_at_mid": (where == "mid").to_numpy() & (size == 0),
    }.items():
        sign = {"trade_size_rule": size, "stack_at_quotes": stack, "depth_at_mid": depth_sign(frame)}.get(name, quote)
        found[name] = accuracy(sign[chosen], side[chosen])
    return found | {"trade_size_share": share(pd.Series(size != 0))}


def autocorrelation(series: list[np.ndarray], lag: int) -> Measured:
    """Return the autocorrelation at one lag, pooled over series, each about its own mean."""
    centred = [x - x.mean() for x in series if len(x) > lag]
    cases = sum(len(x) - lag for x in centred)
    variance = sum(float(x @ x) for x in centred) / max(sum(len(x) for x in centred), 1)
    if cases == 0 or variance == 0.0:
        return Measured(None, cases)
    return Measured(sum(float(x[lag:] @ x[:-lag]) for x in centred) / cases / variance, cases)


def measure_persistence(day: MarketDay) -> dict[str, Measured]:
    """Autocorrelation of customer sides within an underlying, single-contract prints in tape order."""
    frame = day.trades[day.trades["kind"].isin(("electronic", "auction"))]
    series = [group["side"].to_numpy(dtype=np.float64) for _, group in frame.groupby("underlying", sort=True)]
    return {f"sign_persistence_{lag}": autocorrelation(series, lag) for lag in LAGS}
