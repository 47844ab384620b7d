"""Pictures of spot, spreads and arrivals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from smartmoney_pipeline.scenarios.clock import Floats
from smartmoney_pipeline.scenarios.pictures_data import SESSION_S, Shown, implied, spot_at
from smartmoney_pipeline.scenarios.pictures_style import COLOURS, GREY, MARKERS, clock_axis, figure, room_above
from smartmoney_pipeline.scenarios.prices.european import black_rows

_JUMP_S, _JUMP_DEVIATIONS = 5, 8.0
_BINS_S = 600
_DELTA_EDGES = np.array([0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98])
_PRICE_EDGES = np.array([0.05, 0.15, 0.3, 0.6, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 150.0])
_LEAST = 30


def spot_picture(day: Shown) -> Figure:
    """One panel per underlying: its mid through the day, abrupt moves marked."""
    rows = -(-len(day.tickers) // 3)
    made, axes = figure(rows, min(3, len(day.tickers)), (13, 3.1 * rows + 0.6), f"Spot paths, {day.title}")
    flat = [one for row in axes for one in row]
    grid = np.arange(0, SESSION_S + 1, _JUMP_S, dtype=np.float64)
    for number, (panel, ticker) in enumerate(zip(flat, day.tickers, strict=False)):
        spot = spot_at(day, ticker, grid)
        panel.plot(grid, spot, color=COLOURS[0], linewidth=0.9)
        jumps = abrupt_moves(spot)
        label = f"abrupt: {len(jumps)} moves of over {_JUMP_DEVIATIONS:.0f} deviations in {_JUMP_S} s"
        panel.plot(grid[jumps], spot[jumps], "o", mfc="none", mec=COLOURS[1], ms=8, mew=1.6, label=label)
        panel.set_title(f"{ticker}   {spot[0]:,.2f} to {spot[-1]:,.2f}  ({100 * np.log(spot[-1] / spot[0]):+.2f} %)")
        panel.legend(loc="best")
        panel.set_ylabel("USD" if number % 3 == 0 else "")
        clock_axis(panel)
    _hide(flat[len(day.tickers) :])
    return made


def _hide(panels: list[Axes]) -> None:
    for panel in panels:
        panel.set_visible(False)


def abrupt_moves(spot: Floats) -> np.ndarray:
    """Return the grid points after a move of over eight robust deviations; neighbours count once."""
    returns = np.diff(np.log(spot))
    deviation = np.sqrt(np.mean(np.clip(np.abs(returns), 0.0, np.quantile(np.abs(returns), 0.99)) ** 2))
    hits = np.flatnonzero(np.abs(returns) > _JUMP_DEVIATIONS * deviation) + 1
    return hits[np.append(True, np.diff(hits) > 3)] if len(hits) else hits


def spread_picture(day: Shown) -> Figure:
    """Spread over mid by delta, and in dollars by price; middle and the band that holds eight of ten, per underlying."""
    made, (panels,) = figure(1, 2, (13, 5.2), f"Quoted spreads, {day.title}")
    quotes = _sampled(day)
    percent = 100.0 * quotes["spread"] / quotes["mid"]
    for number, ticker in enumerate(day.tickers):
        own = (quotes["underlying"] == ticker).to_numpy()
        _band(panels[0], number, ticker, quotes["delta"].abs()[own], percent[own], _DELTA_EDGES, (number - 2.5) * 0.008)
        _band(panels[1], number, ticker, quotes["mid"][own], quotes["spread"][own], _PRICE_EDGES, 0.0)
    for panel in panels:
        panel.set_yscale("log")
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    panels[0].set(xlabel="|delta|: far out of the money on the left", ylabel="spread, % of mid", title="By moneyness")
    panels[1].set(xscale="log", xlabel="mid, USD", ylabel="spread, USD", title="By price")
    panels[1].xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    panels[1].axvline(3.0, color=GREY, linewidth=0.9, linestyle=":")
    panels[1].annotate("tick rises at $3", (3.0, 1.0), (4, -9), xycoords=("data", "axes fraction"), textcoords="offset points", color=GREY)
    panels[0].legend(title="median; bar: 10 to 90 %", loc="upper right", ncols=2)
    return made


def _sampled(day: Shown) -> pd.DataFrame:
    """Every n-th sound quote, about sixty thousand, with its spread and delta."""
    sound = day.quotes[(day.quotes["bid"] > 0) & (day.quotes["ask"] > day.quotes["bid"]) & day.quotes["underlying"].notna()]
    quotes = sound.iloc[:: max(len(sound) // 60_000, 1)].reset_index(drop=True)
    mid = (0.5 * (quotes["bid"] + quotes["ask"])).to_numpy()
    spot = np.zeros(len(quotes))
    for ticker in day.tickers:
        own = (quotes["underlying"] == ticker).to_numpy()
        spot[own] = spot_at(day, ticker, quotes["second"].to_numpy()[own])
    years = np.maximum(quotes["trading_days"].to_numpy() + 1.0 - quotes["second"].to_numpy() / SESSION_S, 0.02) / 252.0
    strike, is_call = quotes["strike"].to_numpy(), quotes["is_call"].to_numpy()
    deviation = implied(mid, spot, strike, years, is_call) * np.sqrt(years)
    known = np.isfinite(deviation)
    delta = black_rows(spot, strike, is_call, np.where(known, deviation, 1.0), np.ones(len(quotes)))[1]
    return quotes.assign(mid=mid, spread=quotes["ask"] - quotes["bid"], delta=np.where(known, delta, np.nan))


def _band(panel: Axes, number: int, ticker: str, x: pd.Series, y: pd.Series, edges: Floats, shift: float) -> None:
    place = np.digitize(x, edges)
    inside = (place > 0) & (place < len(edges)) & x.notna().to_numpy()
    groups = y[inside].groupby(place[inside])
    table = pd.DataFrame({level: groups.quantile(level) for level in (0.1, 0.5, 0.9)})[groups.size() >= _LEAST]
    if table.empty:
        return
    at = table.index.to_numpy()
    log_grid = edges[-1] > 1.0
    middle = np.sqrt(edges[at - 1] * edges[at]) * (1.0 + 0.02 * number) if log_grid else 0.5 * (edges[at - 1] + edges[at]) + shift
    colour = COLOURS[number % len(COLOURS)]
    panel.vlines(middle, table[0.1], table[0.9], color=colour, alpha=0.45, linewidth=2.2)
    panel.plot(middle, table[0.5], color=colour, marker=MARKERS[number % len(MARKERS)], ms=4.5, label=ticker)


def arrival_picture(day: Shown) -> Figure:
    """Prints and quotes per minute by underlying, and prints per second against independent arrivals."""
    made, axes = figure(1, 3, (14, 4.9), f"Arrivals through the day, {day.title}", width_ratios=[1.25, 1.25, 1.0])
    tables = {"Option prints": day.prints, "Quote changes": day.quotes}
    for panel, (name, table) in zip(axes[0], tables.items(), strict=False):
        for number, ticker in enumerate(day.tickers):
            x, rate = per_minute(table.loc[table["underlying"] == ticker, "second"].to_numpy())
            colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
            panel.plot(x, np.where(rate > 0, rate, np.nan), color=colour, marker=marker, markevery=3, ms=4, label=ticker)
        panel.set(yscale="log", ylabel="per minute (means of ten)", title=f"{name} per minute")
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        clock_axis(panel)
    room_above(axes[0][0], 0.16)
    axes[0][0].legend(loc="upper center", ncols=3)
    _counts(axes[0][2], day.prints["second"].to_numpy())
    return made


def per_minute(second: Floats) -> tuple[Floats, Floats]:
    """Return the middles of ten-minute bins (seconds since 9:30) and the rate per minute in each."""
    edges = np.arange(0, SESSION_S + 1, _BINS_S)
    count = np.histogram(second, edges)[0]
    return (edges[:-1] + 0.5 * _BINS_S).astype(np.float64), (count * (60.0 / _BINS_S)).astype(np.float64)


def _counts(panel: Axes, second: Floats) -> None:
    inside = second[(second >= 0) & (second < SESSION_S)]
    per_second = np.bincount(inside.astype(np.int64), minlength=SESSION_S)
    most = max(int(np.quantile(per_second, 0.9995)), 8)
    counts = np.bincount(np.minimum(per_second, most), minlength=most + 1)
    mean = per_second.mean()
    chance = np.exp(np.cumsum(np.log(np.maximum(mean, 1e-9) / np.maximum(np.arange(most + 1), 1))) - np.log(np.maximum(mean, 1e-9)) - mean)
    panel.bar(np.arange(most + 1), counts, color=COLOURS[4], width=0.9, label="this day")
    panel.plot(np.arange(most + 1), SESSION_S * chance, color=COLOURS[1], marker="o", ms=3, label="independent arrivals, same mean")
    panel.set(yscale="log", xlabel=f"prints in one second ({most}: or more)", ylabel="seconds", title="Bursts: prints in one second")
    panel.set_ylim(0.5, SESSION_S)
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    panel.legend(loc="upper right", title=f"variance / mean = {per_second.var() / mean:.1f}" if mean else None)
