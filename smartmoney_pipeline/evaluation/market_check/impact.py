"""How implied volatility moves with signed customer volume, the move of the underlying taken out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.market_check.black import Floats
from smartmoney_pipeline.evaluation.market_check.day import NS, MarketDay, Measured, rows_before, spot_before

GAP_NS, LOOK_NS = 5 * NS, NS
"""Prints of one contract and side closer than the first make one run; the mid is read again the second time after its last print."""

SHORTEST_YEARS = 1.5 / 365
"""Contracts that expire within the day are left out: their volatility is mostly clock."""

_LEAST_RUNS, _BINS, _CLIP = 30, 8, 5.0
_COLUMNS = ("code", "underlying", "side", "mid", "half", "spot", "delta", "volatility", "vega", "at")


def runs(day: MarketDay) -> pd.DataFrame:
    """Return runs of one side in one contract with `share`, `move` and `error`.

    `share`: vega traded over the underlying's of the day; `move`: signed relative change of volatility, delta times the move of the
    underlying left out, clipped to five half-spreads; `error`: a half-spread in the same unit.
    """
    frame = day.quoted
    frame = frame[(frame["bid"] > 0) & (frame["vega"] > 0) & (frame["years"] > SHORTEST_YEARS)].sort_values(["code", "at"], kind="stable")
    new = (frame["code"].diff() != 0) | (frame["side"].diff() != 0) | (frame["at"].diff() > GAP_NS)
    frame = frame.assign(run=new.cumsum(), traded=frame["size"] * frame["vega"])
    whole = frame.groupby("underlying")["traded"].sum()
    first = {name: (name, "first") for name in _COLUMNS}
    table = frame.groupby("run").agg(**first, end=("at", "last"), traded=("traded", "sum")).reset_index(drop=True)
    unit = table["vega"] * table["volatility"]
    table = table.assign(share=table["traded"] / table["underlying"].map(whole), error=table["half"] / unit)
    moved = np.clip(_moves(day, table) / table["half"], -_CLIP, _CLIP)
    return table.assign(move=moved * table["error"]).dropna(subset=["move"])


def _moves(day: MarketDay, table: pd.DataFrame) -> Floats:
    later = table["end"].to_numpy() + LOOK_NS
    row = rows_before(table["code"].to_numpy(), later, day.quotes["code"].to_numpy(), day.quotes["at"].to_numpy())
    bid, ask = (day.quotes[name].to_numpy()[np.maximum(row, 0)] for name in ("bid", "ask"))
    carried = table["delta"] * (spot_before(day.spots, table["underlying"], later) - table["spot"])
    moved = table["side"] * (0.5 * (bid + ask) - table["mid"] - carried)
    return np.where((row >= 0) & (ask > bid) & (bid > 0), moved, np.nan)


def exponent(share: Floats, move: Floats, error: Floats) -> Measured:
    """Return the slope of ln(mean move) on ln(mean share) over eight bins of equal count.

    Means weigh runs by 1 / error^2, bins by the inverse variance of ln(mean move). 0 where no more than half of the bins move with
    the customer: then there is no law to speak of.
    """
    if len(share) < _LEAST_RUNS * _BINS:
        return Measured(None, len(share))
    parts = np.array_split(np.argsort(share, kind="stable"), _BINS)
    means = np.array([_mean(share[p], move[p], error[p]) for p in parts])
    x, y, deviation = means[means[:, 1] > 0].T
    if len(x) <= _BINS // 2:
        return Measured(0.0, len(share))
    weight = (y / np.maximum(deviation, 1e-12)) ** 2
    spread = np.log(x) - np.average(np.log(x), weights=weight)
    return Measured(float((weight * spread) @ np.log(y) / ((weight * spread) @ spread)), len(share))


def _mean(share: Floats, move: Floats, error: Floats) -> tuple[float, float, float]:
    weight = 1.0 / np.maximum(error, 1e-4) ** 2
    middle = float(np.average(move, weights=weight))
    deviation = float(np.sqrt((weight**2 * (move - middle) ** 2).sum()) / weight.sum())
    return float(np.average(share, weights=weight)), middle, deviation


def measure_impact(day: MarketDay) -> dict[str, Measured]:
    """Exponent of the impact of runs, and the mean relative move of volatility with the largest eighth of them."""
    table = runs(day)
    share, move, error = (table[name].to_numpy(dtype=np.float64) for name in ("share", "move", "error"))
    large = share >= np.quantile(share, 1.0 - 1.0 / _BINS) if len(share) else np.zeros(0, dtype=bool)
    mean = _mean(share[large], move[large], error[large])[1] if large.any() else None
    return {"impact_exponent": exponent(share, move, error), "impact_of_large": Measured(mean, int(large.sum()))}
