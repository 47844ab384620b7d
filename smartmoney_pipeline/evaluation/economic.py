"""Outcomes after an event, held against matched controls. On scenarios these test plumbing and say nothing about any market.

The clock: an event is known at `closed_at`; the first usable price is the first mid at least one second later; exits lie at fixed
horizons. Nothing known later is an input, only an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.bootstrap import ratio_interval
from smartmoney_pipeline.evaluation.classes import PROFILES
from smartmoney_pipeline.evaluation.flat import feature

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SECOND = 1_000_000_000
ENTRY_DELAY_NS = SECOND
HORIZONS_S = (300, 1800)
TRADING_SECONDS_A_YEAR = 252 * 6.5 * 3600
STEP_S = 300
"""Returns for realised volatility are taken over this many seconds."""

PARITY_HORIZON_S = 1800


@dataclass(frozen=True)
class Mids:
    """Mids of one instrument in time order: `ts` ns UTC and `mid`, USD per share, NaN where there was no two-sided quote."""

    ts: Ints
    mid: Floats

    def at(self, when: Ints) -> Floats:
        """Return the mid in force at each time, NaN before the first and after the last quote."""
        place = np.searchsorted(self.ts, when, side="right") - 1
        known = (place >= 0) & (when <= (self.ts[-1] if len(self.ts) else -1))
        return np.where(known, self.mid[np.maximum(place, 0)] if len(self.mid) else np.nan, np.nan)

    def entry(self, closed_at: Ints) -> Floats:
        """Return the first mid at least `ENTRY_DELAY_NS` after each time, NaN where there is none."""
        place = np.searchsorted(self.ts, closed_at + ENTRY_DELAY_NS, side="left")
        inside = place < len(self.ts)
        return np.where(inside, self.mid[np.minimum(place, max(len(self.ts) - 1, 0))] if len(self.mid) else np.nan, np.nan)


@dataclass(frozen=True)
class Market:
    """Mids after the events of one part: underlyings by ticker, options by OSI symbol, contracts of each event with their signed ratio."""

    underlyings: dict[str, Mids]
    options: dict[str, Mids]
    legs: pd.DataFrame
    """event_id, option_symbol, leg_sign (+1 bought, -1 sold as a leg)."""
    rate: float = 0.0
    """Rate of interest a year, continuous."""


def outcomes(events: pd.DataFrame, market: Market) -> pd.DataFrame:
    """Return outcomes of the events of one part, null where unknown, in row order.

    signed_return_bp_300s and _1800s: sign of the stated direction x log return of the underlying, basis points. iv_change_points: change of
    the option's mid in the shorter horizon less delta x change of the underlying, over vega; single contracts only.
    implied_less_realised_points: iv less realised volatility to the end of the session. parity_change_usd: change in 30 minutes of the
    distance of a box's mid from its carry value, USD per share.
    """
    closed = _nanoseconds(events["closed_at"])
    found = pd.DataFrame(index=range(len(events)))
    sign = events["primary_direction"].map({"bullish": 1.0, "bearish": -1.0}).astype(float).to_numpy()
    spot = {horizon: np.full(len(events), np.nan) for horizon in (0, *HORIZONS_S)}
    realised = np.full(len(events), np.nan)
    for ticker, rows in events.groupby("underlying_id", sort=True).indices.items():
        mids = market.underlyings.get(str(ticker))
        if mids is None:
            continue
        spot[0][rows] = mids.entry(closed[rows])
        for horizon in HORIZONS_S:
            spot[horizon][rows] = mids.at(closed[rows] + ENTRY_DELAY_NS + horizon * SECOND)
        realised[rows] = realised_after(mids, closed[rows])
    for horizon in HORIZONS_S:
        found[f"signed_return_bp_{horizon}s"] = 1e4 * sign * np.log(spot[horizon] / spot[0])
    features = {name: feature(events, name) for name in ("iv", "abs_delta", "vega_notional_usd", "contracts", "call_share", "leg_count")}
    found["iv_change_points"] = _iv_change(events, market, closed, spot, features)
    found["implied_less_realised_points"] = 100.0 * (features["iv"] - realised)
    found["parity_change_usd"] = _parity_change(events, market, closed)
    return found


def realised_after(mids: Mids, closed_at: Ints) -> Floats:
    """Return realised volatility a year from each time to the last mid, of returns over `STEP_S`; NaN with fewer than six returns."""
    if not len(mids.ts):
        return np.full(len(closed_at), np.nan)
    grid = np.arange(mids.ts[0], mids.ts[-1] + 1, STEP_S * SECOND)
    returns = np.diff(np.log(mids.at(grid)))
    squares = np.append(np.nancumsum(returns[::-1] ** 2)[::-1], 0.0)
    counts = np.append(np.cumsum(~np.isnan(returns)[::-1])[::-1], 0)
    first = np.minimum(np.searchsorted(grid, closed_at + ENTRY_DELAY_NS), len(squares) - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        yearly = np.sqrt(squares[first] / counts[first] * TRADING_SECONDS_A_YEAR / STEP_S)
    return np.where(counts[first] >= 6, yearly, np.nan)


def _iv_change(events: pd.DataFrame, market: Market, closed: Ints, spot: dict[int, Floats], features: dict[str, Floats]) -> Floats:
    """Change of implied volatility, points: first order in the mid, delta and vega that the event was scored with."""
    single = (features["leg_count"] == 1.0) & np.isfinite(features["vega_notional_usd"]) & (features["vega_notional_usd"] > 0)
    symbol = market.legs.drop_duplicates("event_id").set_index("event_id")["option_symbol"]
    symbols = events["event_id"].map(symbol).to_numpy(object)
    start, end = np.full((2, len(events)), np.nan)
    for row in np.flatnonzero(single):
        mids = market.options.get(str(symbols[row]))
        if mids is not None:
            start[row] = mids.entry(closed[row : row + 1])[0]
            end[row] = mids.at(closed[row : row + 1] + ENTRY_DELAY_NS + HORIZONS_S[0] * SECOND)[0]
    delta = features["abs_delta"] * np.where(features["call_share"] > 0.5, 1.0, -1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        vega = features["vega_notional_usd"] / (100.0 * features["contracts"])
        return np.asarray((end - start - delta * (spot[HORIZONS_S[0]] - spot[0])) / vega, dtype=np.float64)


def _parity_change(events: pd.DataFrame, market: Market, closed: Ints) -> Floats:
    """Distance of a box's mid from its carry value after `PARITY_HORIZON_S` less that at entry, USD per share; negative: it converged."""
    change = np.full(len(events), np.nan)
    structure = events["structure"].astype(object) if "structure" in events else pd.Series(None, index=events.index)
    boxes = np.flatnonzero((structure == "box").to_numpy())
    by_event = {str(name): group for name, group in market.legs.groupby("event_id", sort=False)} if len(boxes) else {}
    for row in boxes:
        legs = by_event.get(str(events["event_id"].iloc[row]))
        if legs is not None:
            entry = int(closed[row]) + ENTRY_DELAY_NS
            gaps = box_gaps(legs, market, np.array([entry, entry + PARITY_HORIZON_S * SECOND]))
            change[row] = gaps[1] - gaps[0]
    return change


def box_gaps(legs: pd.DataFrame, market: Market, times: Ints) -> Floats:
    """Return |absolute mid of the box - width x exp(-rate x years)| at each time, USD per share; NaN where a leg has no quote.

    `legs` carry compact OSI symbols: six digits of expiry, right, strike in thousandths.
    """
    value = np.zeros(len(times))
    for symbol, sign in zip(legs["option_symbol"].astype(str), legs["leg_sign"], strict=True):
        mids = market.options.get(symbol)
        value += np.nan if mids is None else float(sign) * mids.at(times)
    strikes = [int(symbol[-8:]) / 1000.0 for symbol in legs["option_symbol"].astype(str)]
    expiry = pd.to_datetime(str(legs["option_symbol"].iloc[0])[-15:-9], format="%y%m%d", utc=True)
    years = (expiry.value - times) / (365.0 * 86_400 * SECOND)
    carry = (max(strikes) - min(strikes)) * np.exp(-market.rate * np.maximum(years, 0.0))
    return np.asarray(np.abs(np.abs(value) - carry), dtype=np.float64)


def _nanoseconds(times: pd.Series) -> Ints:
    return np.asarray(times.astype("datetime64[ns, UTC]").astype("int64"), dtype=np.int64)


OUTCOMES = (
    *(f"signed_return_bp_{horizon}s" for horizon in HORIZONS_S),
    "iv_change_points",
    "implied_less_realised_points",
    "parity_change_usd",
)
DTE_EDGES, DELTA_EDGES, HOUR_EDGES = (2, 14, 60), (0.25, 0.65), (10, 12, 14)
STRATA = ("underlying_id", "dte", "delta", "hour", "size")


def strata_of(events: pd.DataFrame) -> pd.DataFrame:
    """Return what controls are matched on: underlying, bucket of days to expiry, of |delta|, of the time of day in New York, of premium."""
    features = {name: feature(events, name) for name in ("dte_days", "abs_delta", "premium_usd")}
    hour = events["closed_at"].dt.tz_convert("America/New_York").dt.hour.to_numpy()
    premium = pd.Series(features["premium_usd"]).rank(pct=True).fillna(0.5).to_numpy()
    return pd.DataFrame(
        {
            "underlying_id": events["underlying_id"].astype(str).to_numpy(),
            "dte": np.digitize(np.nan_to_num(features["dte_days"], nan=-1.0), DTE_EDGES),
            "delta": np.digitize(np.nan_to_num(features["abs_delta"], nan=-1.0), DELTA_EDGES),
            "hour": np.digitize(hour, HOUR_EDGES),
            "size": np.minimum((premium * 10).astype(np.int64), 9),
        }
    )


def matched_means(values: Floats, strata: pd.DataFrame, block: Ints, is_control: NDArray[np.bool_]) -> Floats:
    """Return the mean of the controls that match each row: the same stratum in other blocks, with the size and then the hour left out
    where there is none; in its own block where there is one block only. NaN without controls."""
    found = np.full(len(values), np.nan)
    several = len(np.unique(block)) > 1
    for kept in (STRATA, STRATA[:-1], STRATA[:-2]):
        keys = pd.Series(list(map(tuple, strata[list(kept)].to_numpy(object))))
        use = is_control & np.isfinite(values)
        table = pd.DataFrame({"key": keys, "block": block, "value": np.where(use, values, 0.0), "n": use.astype(float)})
        whole = table.groupby("key")[["value", "n"]].transform("sum").to_numpy()
        own = table.groupby(["key", "block"])[["value", "n"]].transform("sum").to_numpy() if several else 0.0 * whole
        total, n = (whole - own).T
        found = np.where(np.isnan(found) & (n > 0), total / np.where(n > 0, n, 1.0), found)
    return found


def against_controls(events: pd.DataFrame, values: pd.DataFrame, block: Ints, blocks: int) -> pd.DataFrame:
    """Return one row a published profile and outcome: n, mean, control (mean of matched controls), difference and its 90 % interval.

    Controls are events for which nothing was published, of other sessions (`events.block`) where there are some; `block` [n] are the
    blocks of the bootstrap, which may be finer. Null where nothing is behind a figure.
    """
    session = events["block"].to_numpy(np.int64)
    said = events["primary_profile_id"].astype(object)
    strata, is_control = strata_of(events), said.isna().to_numpy()
    rows = []
    for outcome in OUTCOMES:
        seen = values[outcome].to_numpy(np.float64)
        control = matched_means(seen, strata, session, is_control)
        both = np.isfinite(seen) & np.isfinite(control)
        for profile in PROFILES:
            rows.append((profile, outcome, *_difference(seen, control, both & (said == profile).to_numpy(), block, blocks)))
    return pd.DataFrame(rows, columns=["profile", "outcome", "n", "mean", "control", "difference", "low", "high"])


def _difference(seen: Floats, control: Floats, chosen: NDArray[np.bool_], block: Ints, blocks: int) -> tuple[object, ...]:
    n = int(chosen.sum())
    if not n:
        return 0, None, None, None, None, None
    apart = seen[chosen] - control[chosen]
    ends = ratio_interval(apart, np.ones(n), block[chosen], blocks)
    return n, float(seen[chosen].mean()), float(control[chosen].mean()), float(apart.mean()), *ends
