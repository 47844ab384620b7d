"""Context of an underlying from its past sessions, made once a session. Nothing of the session itself enters."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.features.inputs import UnderlyingContext

BASELINE_SESSIONS = 60
MIN_BASELINE_SESSIONS = 10
"""Sessions behind the volume baseline: 20 to 60 is the range that the evidence base names; fewer than 10 say nothing."""

BROAD_FUNDS = frozenset({"SPY", "QQQ", "IWM", "DIA"})
"""Broad index funds with listed options. A seed: sector and single-factor funds are left out."""


def underlying_context(
    tickers: Sequence[str], is_index: NDArray[np.bool_], history: pd.DataFrame | None, broad_funds: Collection[str] = BROAD_FUNDS
) -> UnderlyingContext:
    """Return the context per underlying id (the position in `tickers`).

    `history` has the columns of the tape's history table, sessions before this one only; None = nothing observed.
    """
    flags = (np.asarray(is_index, dtype=bool) | np.isin(list(tickers), list(broad_funds))).astype(np.float64)
    if history is None or history.empty:
        return UnderlyingContext(flags, *(np.full(len(tickers), np.nan) for _ in range(4)))
    rows = history.sort_values(["underlying", "session_date"], kind="stable")
    volume = _log_volume(rows)
    return UnderlyingContext(
        flags,
        _by_ticker(_last_known(rows, "realised_volatility"), tickers),
        _by_ticker(volume["mean"], tickers),
        _by_ticker(volume["std"], tickers),
        _by_ticker(_premium_z(rows), tickers),
    )


def _last_known(rows: pd.DataFrame, column: str) -> pd.Series:
    if column not in rows:
        return pd.Series(dtype="float64")
    return rows.dropna(subset=[column]).groupby("underlying")[column].last()


def _log_volume(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean and deviation of ln(contracts) over the last sessions, by underlying; null below the least number of sessions."""
    if "option_volume" not in rows:
        return pd.DataFrame({"mean": [], "std": []}, dtype="float64")
    volume = pd.to_numeric(rows["option_volume"]).astype("float64")
    known = rows[volume > 0].assign(log_volume=np.log(volume[volume > 0]))
    recent = known.groupby("underlying").tail(BASELINE_SESSIONS).groupby("underlying")["log_volume"]
    return recent.agg(["mean", "std"]).where(recent.size() >= MIN_BASELINE_SESSIONS)


def _premium_z(rows: pd.DataFrame) -> pd.Series:
    """IV30 less realised volatility of the last session, against up to BASELINE_SESSIONS sessions before it, by underlying."""
    if not {"iv30", "realised_volatility"} <= set(rows.columns):
        return pd.Series(dtype="float64")
    premium = (pd.to_numeric(rows["iv30"]) - pd.to_numeric(rows["realised_volatility"])).astype("float64")
    recent = rows.assign(premium=premium).dropna(subset=["premium"]).groupby("underlying").tail(BASELINE_SESSIONS + 1)
    last = recent.groupby("underlying")["premium"].last()
    earlier = recent[recent.duplicated("underlying", keep="last")].groupby("underlying")["premium"]
    deviation = earlier.std().where((earlier.size() >= MIN_BASELINE_SESSIONS) & (earlier.std() > 0))
    return (last - earlier.mean()) / deviation


def _by_ticker(values: pd.Series, tickers: Sequence[str]) -> NDArray[np.float64]:
    return values.reindex(list(tickers)).to_numpy(dtype=np.float64, na_value=np.nan)
