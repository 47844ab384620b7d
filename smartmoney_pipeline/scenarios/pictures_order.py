"""Picture of one worked order: its prints over the quote, what it had traded, and the underlying."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from smartmoney_pipeline.scenarios.pictures_data import SESSION_S, Shown
from smartmoney_pipeline.scenarios.pictures_style import COLOURS, GREY, LIGHT, clock_axis, figure
from smartmoney_pipeline.scenarios.templates import load_template

_SHORTEST_S, _LONGEST_S, _LEAST_PRINTS = 60.0, 5_400.0, 5
_MARGIN = 0.35


def worked_order(day: Shown) -> pd.DataFrame:
    """Return the prints of one worked order: in one contract, over one to ninety minutes, with the most prints; may be empty."""
    labels = day.labels[["print_id", "label_id", "template", "variant", "direction"]]
    prints = day.prints.merge(labels[_is_worked(labels)], on="print_id")
    groups = prints.groupby("label_id", sort=True)
    table = groups.agg(
        contracts=("option_symbol", "nunique"),
        prints=("print_id", "size"),
        first=("second", "min"),
        last=("second", "max"),
        size=("size", "sum"),
    )
    lasted = table["last"] - table["first"]
    fits = table[(table["contracts"] == 1) & (table["prints"] >= _LEAST_PRINTS) & lasted.between(_SHORTEST_S, _LONGEST_S)]
    if fits.empty:
        return prints.iloc[:0]
    best = fits.sort_values(["prints", "size"], ascending=False, kind="stable").index[0]
    return prints[prints["label_id"] == best].sort_values("second", kind="stable", ignore_index=True)


def _is_worked(labels: pd.DataFrame) -> pd.Series:
    kinds = {(t, v.name) for t in labels["template"].unique() for v in load_template(t).variants if v.act.mechanism == "worked"}
    return pd.Series([pair in kinds for pair in zip(labels["template"], labels["variant"], strict=True)], index=labels.index, dtype=bool)


def order_picture(day: Shown) -> Figure:
    """The order over its quote, its cumulated contracts, and the underlying; an empty panel says so where no order fits."""
    order = worked_order(day)
    made, axes = figure(3, 1, (12, 8.6), f"One worked order, {day.title}", sharex=True, height_ratios=[3.0, 1.2, 1.2])
    top, middle, bottom = (row[0] for row in axes)
    if order.empty:
        top.set_title("no labelled order in one contract lasted from one to ninety minutes")
        return made
    span = order["second"].iloc[-1] - order["second"].iloc[0]
    first = max(order["second"].iloc[0] - _MARGIN * span, 0.0)
    last = min(order["second"].iloc[-1] + _MARGIN * span, float(SESSION_S))
    _quote(top, day, order, first, last)
    _cumulated(middle, order, last)
    _underlying(bottom, day, order, first, last)
    clock_axis(bottom, first, last)
    bottom.set_xlabel("New York time")
    return made


def _quote(panel: Axes, day: Shown, order: pd.DataFrame, first: float, last: float) -> None:
    symbol = order["option_symbol"].iloc[0]
    quotes = day.quotes[(day.quotes["option_symbol"] == symbol)]
    start = max(int((quotes["second"] <= first).sum()) - 1, 0)
    quotes = quotes.iloc[start : int((quotes["second"] <= last).sum())]
    seconds = np.append(np.maximum(quotes["second"], first), last)
    bid, ask = (np.append(quotes[name], quotes[name].iloc[-1:]) for name in ("bid", "ask"))
    panel.fill_between(seconds, bid, ask, step="post", color=LIGHT, label="bid to ask")
    panel.step(seconds, bid, where="post", color=COLOURS[0], linewidth=0.9)
    panel.step(seconds, ask, where="post", color=COLOURS[0], linewidth=0.9)
    near = day.prints[(day.prints["option_symbol"] == symbol) & day.prints["second"].between(first, last)]
    others = near[~near["print_id"].isin(order["print_id"])]
    if len(others):
        panel.scatter(others["second"], others["price"], s=_area(others["size"]), color=GREY, alpha=0.55, marker="s", label="other prints")
    panel.scatter(
        order["second"], order["price"], s=_area(order["size"]), color=COLOURS[1], alpha=0.8, edgecolor="white", zorder=3, label="the order"
    )
    row = order.iloc[0]
    right = "call" if row["is_call"] else "put"
    panel.set_title(
        f"{row['underlying']} {row['expiry']:%d %b %Y} {row['strike']:g} {right}: {row['template']}, {row['variant']}, "
        f"{row['direction']}, {len(order)} prints, {int(order['size'].sum()):,} contracts"
    )
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:.2f}")
    panel.set_ylabel("premium, USD (area: contracts)")
    panel.legend(loc="best", markerscale=0.6)


def _area(size: pd.Series) -> np.ndarray:
    return 14.0 + 9.0 * np.minimum(size.to_numpy(dtype=np.float64), 150.0)


def _cumulated(panel: Axes, order: pd.DataFrame, last: float) -> None:
    seconds, total = np.append(order["second"], last), np.append(order["size"].cumsum(), order["size"].sum())
    panel.step(seconds, total, where="post", color=COLOURS[1])
    panel.set(ylabel="contracts so far", ylim=(0, None))


def _underlying(panel: Axes, day: Shown, order: pd.DataFrame, first: float, last: float) -> None:
    ticker = order["underlying"].iloc[0]
    rows = day.spots[(day.spots["underlying"] == ticker) & day.spots["second"].between(first, last)]
    panel.step(rows["second"], rows["mid"], where="post", color=COLOURS[2], linewidth=1.0)
    panel.set_ylabel(f"{ticker}, USD")
