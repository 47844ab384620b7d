"""Picture of implied volatility: smiles of several expiries and term structures, near the open and near the close."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from smartmoney_pipeline.scenarios.pictures_data import Shown, next_earnings, quotes_at
from smartmoney_pipeline.scenarios.pictures_style import COLOURS, GREY, MARKERS, figure, room_above

MOMENTS = {"9:50": 1_200.0, "15:45": 22_500.0}
"""Near the open and near the close: seconds since 9:30."""

_INDEXES = ("SPX", "NDX", "RUT", "XSP", "SPY", "QQQ")
_TENORS = (5, 15, 40, 120)
_REACH, _NEAR = 2.5, 0.5
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200)


def surface_picture(day: Shown) -> Figure:
    """Three underlyings side by side: an index, the name with the nearest earnings, the busiest other name; smiles above, terms below."""
    names = chosen_names(day)
    made, axes = figure(2, len(names), (4.7 * len(names), 8.0), f"Implied volatility of quoted mids, {day.title}")
    earnings = next_earnings(day)
    for column, ticker in enumerate(names):
        tables = {name: out_of_the_money(quotes_at(day, ticker, second)) for name, second in MOMENTS.items()}
        _smiles(axes[0][column], ticker, tables)
        _terms(axes[1][column], day, ticker, tables, earnings)
    axes[0][0].set_ylabel("implied volatility, %")
    axes[1][0].set_ylabel("volatility at the forward, %")
    return made


def chosen_names(day: Shown) -> list[str]:
    """Return up to three tickers: an index, the nearest earnings, then by number of prints."""
    index = [name for name in _INDEXES if name in day.tickers][:1]
    soon = [str(name) for name in next_earnings(day).astype(str).sort_values(kind="stable").index if name in day.tickers]
    busy = [str(name) for name in day.prints["underlying"].value_counts().index if name not in _INDEXES]
    return list(dict.fromkeys([*index, *soon[:1], *busy, *day.tickers]))[:3]


def out_of_the_money(live: pd.DataFrame) -> pd.DataFrame:
    """Keep puts below and calls above the forward, with `k` = ln(strike / forward) and its standardised form `x`."""
    rows = live[(live["is_call"] == (live["strike"] >= live["forward"])) & live["volatility"].notna()]
    rows = rows.assign(k=np.log(rows["strike"] / rows["forward"])).sort_values(["expiry", "strike"], kind="stable", ignore_index=True)
    nearest = rows["k"].abs().groupby(rows["expiry"]).idxmin()
    rows = rows.assign(x=rows["k"] / (rows["expiry"].map(rows.loc[nearest].set_index("expiry")["volatility"]) * np.sqrt(rows["years"])))
    return rows.assign(level=rows["expiry"].map({expiry: _level(group) for expiry, group in rows.groupby("expiry")}))


def _level(group: pd.DataFrame) -> float:
    """Volatility at the forward: a straight line through the quotes within half a deviation, the nearest quote where they are few."""
    near = group[group["x"].abs() <= _NEAR]
    if len(near) < 3:
        return float(group["volatility"].iloc[int(group["x"].abs().to_numpy().argmin())])
    return float(np.polynomial.polynomial.polyfit(near["x"], near["volatility"], 1)[0])


def _smiles(panel: Axes, ticker: str, tables: dict[str, pd.DataFrame]) -> None:
    first = tables[next(iter(tables))]
    sizes = first[first["x"].abs() <= _REACH].groupby("expiry").agg(n=("x", "size"), days=("trading_days", "first"))
    listed = sizes[sizes["n"] >= 4]
    picked = dict.fromkeys(listed["days"].sub(tenor).abs().idxmin() for tenor in _TENORS) if len(listed) else {}
    for number, expiry in enumerate(picked):
        for table, line in zip(tables.values(), ("-", "--"), strict=True):
            rows = table[(table["expiry"] == expiry) & (table["x"].abs() <= _REACH)]
            days = int(rows["trading_days"].iloc[0]) if len(rows) else 0
            label = f"{expiry:%d %b %Y}, {days} trading days" if line == "-" else None
            panel.plot(rows["x"], 100 * rows["volatility"], line, color=COLOURS[number], marker=MARKERS[number], ms=3.2, label=label)
    panel.set(title=f"{ticker}: smiles", xlabel="ln(strike / forward) in standard deviations to expiry")
    panel.axvline(0.0, color=GREY, linewidth=0.8)
    room_above(panel, 0.3)
    panel.legend(loc="upper right", title=" and ".join(f"{m} {s}" for m, s in zip(tables, ("solid", "dashed"), strict=True)))


def _terms(panel: Axes, day: Shown, ticker: str, tables: dict[str, pd.DataFrame], earnings: pd.Series) -> None:
    for number, (moment, table) in enumerate(tables.items()):
        nearest = table.loc[table["k"].abs().groupby(table["expiry"]).idxmin()].sort_values("trading_days")
        line, colour, marker = ("-", "--")[number], COLOURS[number], MARKERS[number]
        panel.plot(nearest["trading_days"], 100 * nearest["level"], line, color=colour, marker=marker, ms=4.5, label=moment)
    if ticker in earnings:
        session = np.datetime64(day.title.rsplit(" ", 1)[-1])
        ahead = int(np.busday_count(session, np.datetime64(str(earnings[ticker]))))
        panel.axvline(ahead + 0.5, color=COLOURS[3], linewidth=1.2, linestyle=":", label=f"earnings {earnings[ticker]:%d %b %Y}")
    panel.set(xscale="log", title=f"{ticker}: term structure", xlabel="trading days to expiry")
    panel.set_xticks(_TICKS, [str(days) for days in _TICKS])
    panel.set_xlim(0.8, 280)
    panel.minorticks_off()
    room_above(panel, 0.16)
    panel.legend(loc="upper right", ncols=3)
