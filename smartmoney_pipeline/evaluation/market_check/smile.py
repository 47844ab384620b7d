"""Implied volatility from quotes: smiles, term structure, the premium of known events, dynamics with the spot, and absence of arbitrage."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.market_check import black
from smartmoney_pipeline.evaluation.market_check.day import NS, YEAR_NS, MarketDay, Measured, rows_before
from smartmoney_pipeline.evaluation.market_check.flow import share

TRADING_DAYS = 252
"""Volatility runs on trading time, 252 days of 6.5 hours a year, weekends left out (CONV-TRADING-YEAR); discounting on calendar time."""

SHORTEST_YEARS = 1.5 / TRADING_DAYS
"""Least time to expiry of a smile: below it the clock, not the smile, decides."""

SNAPSHOTS_S = (3_600, 7_200, 10_800, 14_400, 18_000, 21_600)
DYNAMICS_S = 900
_WIDTH, _STRIKES, _MOMENTS = 1.5, 5, 15


def snapshot(day: MarketDay, at: int) -> pd.DataFrame:
    """Return every sound two-sided quote at one time with contract terms, mid, half-spread, forward, years and volatility.

    The forward of an expiry is the median of strike + (call - put) grown at the tape's rate over its three strikes nearest the money.
    """
    codes = day.contracts["code"].to_numpy()
    row = rows_before(codes, np.full(len(codes), at + 1), day.quotes["code"].to_numpy(), day.quotes["at"].to_numpy())
    live = day.contracts[row >= 0].reset_index(drop=True)
    bid, ask = (day.quotes[name].to_numpy()[row[row >= 0]] for name in ("bid", "ask"))
    live = live.assign(bid=bid, ask=ask, mid=0.5 * (bid + ask), half=0.5 * (ask - bid), years=trading_years(live["expiry"], at))
    live = live[
        (bid > 0)
        & (ask > bid)
        & (live["years"] >= SHORTEST_YEARS).to_numpy()
        & (live["underlying"] != "").to_numpy()
        & ~live["adjusted"].to_numpy()
    ]
    live = live.merge(_forwards(live, day.rate, at), on=["underlying", "expiry"])
    growth = np.exp(day.rate * (live["expiry"] - at) / YEAR_NS)
    value, forward, strike, years = (_floats(c) for c in (live["mid"] * growth, live["forward"], live["strike"], live["years"]))
    return live.assign(iv=black.implied_volatility(value, forward, strike, years, live["is_call"].to_numpy()))


def _floats(column: pd.Series) -> black.Floats:
    return column.to_numpy(dtype=np.float64)


def trading_years(expiry: pd.Series, at: int) -> pd.Series:
    """Return years of trading time from `at` to expiries (UTC ns): what is left of today, and weekdays after it."""
    today = pd.Timestamp(at, tz="UTC").tz_convert("America/New_York")
    left = (today.normalize() + pd.Timedelta(hours=16) - today).total_seconds() / (6.5 * 3_600)
    days = pd.to_datetime(expiry, utc=True).dt.tz_convert("America/New_York").dt.strftime("%Y-%m-%d").to_numpy(dtype="datetime64[D]")
    return pd.Series((np.busday_count(np.datetime64(today.date()), days) + left) / TRADING_DAYS, index=expiry.index)


def _forwards(live: pd.DataFrame, rate: float, at: int) -> pd.DataFrame:
    keys = ["underlying", "expiry", "strike"]
    calls, puts = (live[live["is_call"] == right][[*keys, "mid"]] for right in (True, False))
    pairs = calls.merge(puts, on=keys, suffixes=("", "_put"))
    gap = pairs["mid"] - pairs["mid_put"]
    pairs = pairs.assign(distance=gap.abs(), forward=pairs["strike"] + gap * np.exp(rate * (pairs["expiry"] - at) / YEAR_NS))
    near = pairs.sort_values("distance", kind="stable").groupby(["underlying", "expiry"]).head(3)
    return near.groupby(["underlying", "expiry"])["forward"].median().reset_index()


def smiles(live: pd.DataFrame) -> pd.DataFrame:
    """Return one row per underlying and expiry: years, level (volatility at the forward), slope (of ln volatility per deviation)."""
    side = live["is_call"] == (live["strike"] >= live["forward"])
    sound = live[side & live["iv"].notna()]
    rows = [(*key, *_fit(group)) for key, group in sound.groupby(["underlying", "expiry"], sort=True) if len(group) >= _STRIKES]
    return pd.DataFrame(rows, columns=["underlying", "expiry", "years", "level", "slope"]).dropna()


def _fit(group: pd.DataFrame) -> tuple[float, float, float]:
    """Level and slope of a quadratic in standardised log-moneyness within one and a half deviations."""
    years = float(group["years"].iloc[0])
    k, iv = np.log(_floats(group["strike"]) / _floats(group["forward"])), _floats(group["iv"])
    level = float(iv[np.argmin(np.abs(k))])
    x = k / (level * np.sqrt(years))
    used = np.abs(x) <= _WIDTH
    if used.sum() < _STRIKES or x[used].min() > -0.4 or x[used].max() < 0.4:
        return years, float("nan"), float("nan")
    curve = np.polynomial.polynomial.polyfit(x[used], iv[used], 2)
    return years, float(curve[0]), float(curve[1] / curve[0])


def measure_smiles(day: MarketDay) -> dict[str, Measured]:
    """Slopes and term structure of indexes, funds and single names over six times of the day; event premium; arbitrage of mids."""
    open_ns = day.session_bounds[0]
    lives = [snapshot(day, open_ns + s * NS) for s in SNAPSHOTS_S]
    curves = [smiles(live).assign(time=number) for number, live in enumerate(lives)]
    table = pd.concat(curves, ignore_index=True)
    index, single = (table[table["underlying"].isin(day.of_kind(*kinds))]["slope"] for kinds in (("index", "fund"), ("single",)))
    steeper = Measured(float(single.median() - index.median()), len(table)) if len(index) and len(single) else Measured(None, 0)
    return (
        {
            "skew_index": _median(index),
            "skew_single": _median(single),
            "skew_gap": steeper,
            "term_index": _term_slope(table[table["underlying"].isin(day.of_kind("index", "fund"))]),
            "calendar_order": _calendar_order(table),
        }
        | measure_arbitrage(pd.concat([live.assign(time=number) for number, live in enumerate(lives)]))
        | measure_events(day, table)
    )


def _median(values: pd.Series) -> Measured:
    return Measured(float(values.median()), len(values)) if len(values) else Measured(None, 0)


def _term_slope(table: pd.DataFrame) -> Measured:
    """Level near 62 trading days less level near 14, median over underlyings and times."""
    gaps = []
    for _, group in table.groupby(["underlying", "time"], sort=True):
        days, level = group["years"].to_numpy() * TRADING_DAYS, group["level"].to_numpy()
        short, long = int(np.argmin(np.abs(days - 14))), int(np.argmin(np.abs(days - 62)))
        if days[long] > 1.5 * days[short]:
            gaps.append(level[long] - level[short])
    return _median(pd.Series(gaps, dtype=np.float64))


def _calendar_order(table: pd.DataFrame) -> Measured:
    """Share of neighbouring expiries whose total variance at the forward does not fall."""
    ordered = table.sort_values(["time", "underlying", "expiry"])
    total = ordered["level"] ** 2 * ordered["years"]
    rise = total.groupby([ordered["time"], ordered["underlying"]]).diff().dropna()
    return share(rise >= 0)


def measure_arbitrage(live: pd.DataFrame) -> dict[str, Measured]:
    """Neighbouring strikes by three: mids bend upwards within a cent or the least half-spread; no butterfly is free at the quotes."""
    keys = ["time", "underlying", "expiry", "is_call"]
    rows = live.sort_values([*keys, "strike"], kind="stable").reset_index(drop=True)
    group = rows.groupby(keys, sort=False).ngroup().to_numpy()
    strike, mid, half, bid, ask = (rows[name].to_numpy() for name in ("strike", "mid", "half", "bid", "ask"))
    same = group[2:] == group[:-2]
    weight = (strike[1:-1] - strike[:-2]) / np.maximum(strike[2:] - strike[:-2], 1e-9)
    slack = np.maximum(0.01, np.minimum(np.minimum(half[:-2], half[1:-1]), half[2:]))
    bend, profit = (mid[1:-1] - _wings(weight, mid)) - slack, bid[1:-1] - _wings(weight, ask)
    return {name: share(pd.Series((gap <= 1e-9)[same])) for name, gap in (("convex_mids", bend), ("butterflies", profit))}


def _wings(weight: np.ndarray, price: np.ndarray) -> np.ndarray:
    return (1.0 - weight) * price[:-2] + weight * price[2:]


def measure_events(day: MarketDay, table: pd.DataFrame) -> dict[str, Measured]:
    """Names with earnings before their listed expiries end: implied move, forward volatility over the event, fall of volatility after."""
    moves, premia, slopes = [], [], []
    for name, when in _earnings(day):
        for _, curve in table[table["underlying"] == name].groupby("time"):
            before, after = curve[curve["expiry"] <= when], curve[curve["expiry"] > when].sort_values("expiry")
            if len(after) >= 2:
                moves.append(_jump(after))
                slopes.append(float(after["level"].iloc[-1] - after["level"].iloc[0]))
            if len(before) and len(after):
                premia.append(_forward_ratio(before.iloc[-1], after.iloc[0]))
    named = {"event_move": moves, "event_premium": premia, "event_term": slopes}
    return {key: _median(pd.Series(values, dtype=np.float64).dropna()) for key, values in named.items()}


def _earnings(day: MarketDay) -> list[tuple[str, int]]:
    """Tickers with the next earnings within 45 days, and the moment before which an expiry does not feel them."""
    close, found = day.session_bounds[1], []
    if len(day.calendar) == 0:
        return []
    for row in day.calendar[day.calendar["event_type"] == "earnings"].itertuples():
        start = pd.Timestamp(str(row.event_date), tz="America/New_York")
        felt = int((start + pd.Timedelta(hours=9 if row.event_time in ("bmo", "during") else 17)).tz_convert("UTC").value)
        if close < felt < close + 45 * 86_400 * NS:
            found.append((str(row.underlying), felt))
    return sorted(found)


def _jump(after: pd.DataFrame) -> float:
    """Standard deviation of the event's log move from two expiries after it (DJKS2019); NaN where variance does not fall."""
    first = after.iloc[0]
    later = after[after["years"] >= 1.3 * first["years"]]
    if later.empty:
        return float("nan")
    second = later.iloc[0]
    variance = (first["level"] ** 2 - second["level"] ** 2) / (1.0 / first["years"] - 1.0 / second["years"])
    return float(np.sqrt(variance)) if variance > 0 else float("nan")


def _forward_ratio(before: pd.Series, after: pd.Series) -> float:
    total = after["level"] ** 2 * after["years"] - before["level"] ** 2 * before["years"]
    return float(np.sqrt(max(total, 0.0) / (after["years"] - before["years"])) / before["level"])


def measure_dynamics(day: MarketDay) -> dict[str, Measured]:
    """Rank correlation of quarter-hour returns with changes of the volatility nearest 30 days; median over names."""
    open_ns, close_ns = day.session_bounds
    times = [int(at) for at in np.arange(open_ns + DYNAMICS_S * NS, close_ns, DYNAMICS_S * NS)]
    levels = pd.concat([_month_level(day, at).rename(at) for at in times], axis=1)
    spots = pd.concat([day.spots[day.spots["at"] <= at].groupby("underlying")["mid"].last().rename(at) for at in times], axis=1)
    rise, gain = (table.apply(np.log).diff(axis=1) for table in (levels, spots))
    named = {"leverage_index": day.of_kind("index", "fund"), "leverage_single": day.of_kind("single")}
    return {key: _correlation(gain, rise, names) for key, names in named.items()}


def _month_level(day: MarketDay, at: int) -> pd.Series:
    table = smiles(snapshot(day, at))
    nearest = (table["years"] - 21 / TRADING_DAYS).abs().groupby(table["underlying"]).idxmin()
    return table.loc[nearest].set_index("underlying")["level"]


def _correlation(gain: pd.DataFrame, rise: pd.DataFrame, names: list[str]) -> Measured:
    kept = [name for name in names if name in gain.index and name in rise.index]
    pairs = [pair for name in kept if len(pair := pd.DataFrame({"g": gain.loc[name], "r": rise.loc[name]}).dropna()) >= _MOMENTS]
    if not pairs:
        return Measured(None, 0)
    return Measured(float(np.median([pair["g"].corr(pair["r"], method="spearman") for pair in pairs])), sum(len(p) for p in pairs))
