"""When prints arrive: the shape of the day, bursts, and how the underlying moves through the day."""

from __future__ import annotations

import numpy as np

from smartmoney_pipeline.evaluation.market_check.day import NS, MarketDay, Measured

BLOCK_S, BURST_WINDOW_S = 1_800, 120
"""Half-hours, within which the daily shape counts as flat, and the window of counts: four times the slowest kernel of 30 s."""

_LEAST_EVENTS = 500


def measure_shape(day: MarketDay) -> dict[str, Measured]:
    """Shares of trades in the first and last half-hour and from 12:00 to 13:30."""
    open_ns, close_ns = day.session_bounds
    second = (day.trades["at"].to_numpy() - open_ns) / NS
    whole = (close_ns - open_ns) / NS
    spans = {"first_half_hour": (0.0, 1_800.0), "last_half_hour": (whole - 1_800.0, whole), "midday": (9_000.0, 14_400.0)}
    return {name: Measured(float(((second >= a) & (second < b)).mean()), len(second)) for name, (a, b) in spans.items()}


def fano(second: np.ndarray, whole_s: float, window_s: int) -> float:
    """Return variance over mean of counts per window, variance taken within half-hours; NaN without counts."""
    per_block = BLOCK_S // window_s
    blocks = int(whole_s // BLOCK_S)
    counts = np.bincount((second // window_s).astype(np.int64), minlength=blocks * per_block)[: blocks * per_block]
    table = counts.reshape(blocks, per_block)
    return float(table.var(axis=1, ddof=1).mean() / table.mean()) if table.sum() else float("nan")


def measure_bursts(day: MarketDay) -> dict[str, Measured]:
    """Overdispersion of print counts in seconds, and the branching ratio that counts of distinct arrivals imply.

    A Hawkes process with branching ratio n has, over windows longer than its kernel, variance / mean = 1 / (1 - n)^2 (HB2014).
    Prints of one underlying at one instant are one arrival.
    """
    open_ns, close_ns = day.session_bounds
    whole = (close_ns - open_ns) / NS
    inside = day.trades[(day.trades["at"] >= open_ns) & (day.trades["at"] < close_ns)]
    seconds, ratios, weights = [], [], []
    for _, group in inside.groupby("underlying", sort=True):
        at = (group["at"].to_numpy() - open_ns) / NS
        arrivals = np.unique(at)
        if len(arrivals) < _LEAST_EVENTS:
            continue
        seconds.append(fano(at, whole, 1))
        ratios.append(1.0 - 1.0 / np.sqrt(max(fano(arrivals, whole, BURST_WINDOW_S), 1.0)))
        weights.append(len(arrivals))
    if not weights:
        return {"fano_1s": Measured(None, 0), "branching": Measured(None, 0)}
    cases = int(np.sum(weights))
    return {name: Measured(float(np.average(v, weights=weights)), cases) for name, v in (("fano_1s", seconds), ("branching", ratios))}


def minute_returns(day: MarketDay, name: str) -> np.ndarray:
    """Return log returns of the underlying's mid over the minutes of the session; NaN before its first quote."""
    rows = day.spots[day.spots["underlying"] == name]
    open_ns, close_ns = day.session_bounds
    edges = np.arange(open_ns, close_ns + 1, 60 * NS)
    place = np.searchsorted(rows["at"].to_numpy(), edges, side="right") - 1
    mid = np.where(place >= 0, rows["mid"].to_numpy()[np.maximum(place, 0)], np.nan)
    return np.diff(np.log(mid))


def measure_spot(day: MarketDay) -> dict[str, Measured]:
    """Variance of minutes in the first and last half-hour against 11:30 to 14:00, from mean absolute returns, so that one jump says little.

    The ratio is the geometric mean over underlyings.
    """
    first, last = [], []
    for name in sorted(day.kinds):
        size = np.abs(minute_returns(day, name))
        middle = np.nanmean(size[120:270]) if len(size) >= 270 else 0.0
        if middle > 0.0:
            first.append(2.0 * np.log(np.nanmean(size[:30]) / middle))
            last.append(2.0 * np.log(np.nanmean(size[-30:]) / middle))
    if not first:
        return {"open_variance": Measured(None, 0), "close_variance": Measured(None, 0)}
    cases = 30 * len(first)
    return {
        "open_variance": Measured(float(np.exp(np.mean(first))), cases),
        "close_variance": Measured(float(np.exp(np.mean(last))), cases),
    }


def measure_history(day: MarketDay) -> dict[str, Measured]:
    """Implied less realised volatility over the past sessions, indexes and funds against single names."""
    if len(day.history) == 0:
        return {"premium_index": Measured(None, 0), "premium_single": Measured(None, 0)}
    gap = day.history.assign(gap=day.history["iv30"] - day.history["realised_volatility"])
    groups = {"premium_index": day.of_kind("index", "fund"), "premium_single": day.of_kind("single")}
    rows = {name: gap.loc[gap["underlying"].isin(names), "gap"].dropna() for name, names in groups.items()}
    return {name: Measured(float(v.mean()) if len(v) else None, len(v)) for name, v in rows.items()}
