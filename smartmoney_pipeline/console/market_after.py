"""What the market did after events, read from the tape: outcomes for evaluation, never an input of scoring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from smartmoney_pipeline.console.results import LEGS, Results
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.evaluation.economic import Market, Mids

LEG_COLUMNS = ["event_id", "option_symbol", "leg_sign"]


def market_of(tape: Path, results: Results, events: pd.DataFrame) -> Market:
    """Return mids of the underlyings, and of the options of published events, from a canonical tape.

    Raises `CommandError` where the tape lacks the quotes.
    """
    published = events.loc[events["primary_profile_id"].notna() | _sampled(events), "event_id"].tolist()
    legs = results.scan(LEGS, LEG_COLUMNS, pc.field("event_id").isin(published)).to_pandas()
    legs = legs.astype({"event_id": "str", "option_symbol": "str"})
    stocks = _quotes(tape / "underlying_quotes.parquet", "underlying", sorted(set(events["underlying_id"].astype(str))))
    options = _quotes(tape / "option_quotes.parquet", "option_symbol", sorted(set(legs["option_symbol"])))
    return Market(stocks, options, legs, _rate(tape / "rates.parquet"))


def _sampled(events: pd.DataFrame) -> pd.Series:
    """Every tenth event for which nothing is published: enough controls, at a tenth of the quotes."""
    return pd.Series(np.arange(len(events)) % 10 == 0, index=events.index)


def _quotes(file: Path, key: str, names: list[str]) -> dict[str, Mids]:
    table = _read(file, ["ts", key, "bid", "ask"], pc.field(key).isin(names))
    frame = table.to_pandas()
    frame["ts"] = frame["ts"].astype("datetime64[ns, UTC]").astype("int64")
    bid, ask = frame["bid"].to_numpy(np.float64), frame["ask"].to_numpy(np.float64)
    frame["mid"] = np.where((bid > 0) & (ask >= bid), 0.5 * (bid + ask), np.nan)
    frame = frame.sort_values("ts", kind="stable")
    return {
        str(name): Mids(group["ts"].to_numpy(), group["mid"].to_numpy()) for name, group in frame.groupby(key, sort=True, observed=True)
    }


def _rate(file: Path) -> float:
    """Mean rate of the tape; 0 where it has none."""
    if not file.is_file():
        return 0.0
    frame = _read(file, None, None).to_pandas()
    rates = frame["rate"] if "rate" in frame else pd.Series(dtype="float64")
    return 0.0 if rates.empty else float(rates.mean())


def _read(file: Path, columns: list[str] | None, keep: pc.Expression | None) -> pa.Table:
    try:
        return ds.dataset(str(file), format="parquet", partitioning=None).to_table(columns, filter=keep)
    except (OSError, pa.ArrowException) as error:
        raise CommandError(f"{file}: the quotes cannot be read: {str(error).partition(chr(10))[0]}") from error
