"""One day as the check reads it: prints with the quote and spot strictly before each, sound quotes, and what the contracts are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.market_check import black
from smartmoney_pipeline.evaluation.market_check.kinds import NO_TRADES, SINGLE, print_kind, underlying_kinds

NS = 1_000_000_000
YEAR_NS = 365 * 86_400 * NS
_TIME_BITS = 47
_QUOTE_COLUMNS = ("bid", "ask", "bid_size", "ask_size", "bid_exchange", "ask_exchange")


@dataclass(frozen=True)
class Measured:
    """One statistic of the day: its value (None where nothing could be measured) and the number of cases behind it."""

    value: float | None
    cases: int


@dataclass(frozen=True)
class MarketDay:
    """Tables of one session, sorted and joined.

    `prints`: tape columns, `at` (UTC ns), kind, side, the quote and spot before it, contract terms; `quotes`: by contract and time;
    `spots`: bid, ask, mid by underlying and time; `contracts`: one row per quoted or traded symbol; `kinds`: by underlying.
    """

    prints: pd.DataFrame = field(repr=False)
    quotes: pd.DataFrame = field(repr=False)
    spots: pd.DataFrame = field(repr=False)
    contracts: pd.DataFrame = field(repr=False)
    calendar: pd.DataFrame = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    rate: float
    kinds: dict[str, str]

    @cached_property
    def trades(self) -> pd.DataFrame:
        """Prints that are trades of the regular session: no cancels, late reports or extended hours."""
        return self.prints[~self.prints["kind"].isin(NO_TRADES)]

    @cached_property
    def quoted(self) -> pd.DataFrame:
        """Single-contract electronic and auction prints that a sound quote (0 <= bid < ask) precedes."""
        rows = self.prints
        return rows[rows["kind"].isin(SINGLE) & (rows["ask"] > rows["bid"])]

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the tickers of these kinds of underlying."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    @cached_property
    def session_bounds(self) -> tuple[int, int]:
        """Open and close (UTC ns): 9:30 and 16:00 in New York on the date of the first print."""
        start = pd.Timestamp(int(self.prints["at"].iloc[0]), tz="UTC").tz_convert("America/New_York").normalize()
        return ((start + pd.Timedelta(hours=9.5)).tz_convert("UTC").value, (start + pd.Timedelta(hours=16)).tz_convert("UTC").value)


def market_day(tables: Mapping[str, Any], sides: pd.DataFrame) -> MarketDay:
    """Join the tables of a tape (pandas or Arrow) with the customer side of every print (`print_id`, `side` +1 or -1).

    Raises `KeyError` naming a required table that is missing, and `ValueError` where a print has no side.
    """
    frames = {name: _pandas(table) for name, table in tables.items()}
    prints, quotes, spots = (_timed(frames[name]) for name in ("option_prints", "option_quotes", "underlying_quotes"))
    calendar = frames.get("event_calendar", pd.DataFrame({"underlying": [], "event_type": []}))
    contracts = contract_table(prints, quotes)
    # A print that was delivered twice under one id counts once.
    known = sides[["print_id", "side"]].drop_duplicates("print_id")
    prints = prints.drop_duplicates("print_id").merge(known, on="print_id", how="left", validate="one_to_one")
    if prints["side"].isna().any():
        raise ValueError(f"{int(prints['side'].isna().sum())} prints have no customer side")
    prints["kind"] = print_kind(prints["condition"])
    quotes = _coded(quotes, contracts).sort_values(["code", "at", "seq"], kind="stable", ignore_index=True)
    prints = _coded(prints, contracts).sort_values(["at", "seq"], kind="stable", ignore_index=True)
    spots = spots.assign(mid=0.5 * (spots["bid"] + spots["ask"])).sort_values(["underlying", "at", "seq"], kind="stable", ignore_index=True)
    prints = _with_terms(_with_spot(_with_quotes(prints, quotes), spots), contracts)
    kinds = underlying_kinds(prints["underlying"], calendar)
    return MarketDay(prints, quotes, spots, contracts, calendar, frames.get("history", pd.DataFrame()), _rate(frames), kinds)


def _pandas(table: Any) -> pd.DataFrame:
    return table if isinstance(table, pd.DataFrame) else table.to_pandas()


def _timed(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(at=pd.to_datetime(table["ts"], utc=True).astype("datetime64[ns, UTC]").astype("int64"))


def _rate(frames: Mapping[str, pd.DataFrame]) -> float:
    rates = frames.get("rates")
    return float(np.median(rates["rate"])) if rates is not None and len(rates) else 0.0


def contract_table(prints: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per symbol: code, underlying (empty where it never traded), expiry (UTC ns in New York), strike, is_call, adjusted.

    A root that ends in W settles beside another of the name without one: those are settled at the open, all others at 16:00.
    """
    symbols = pd.Index(np.union1d(prints["option_symbol"].unique(), quotes["option_symbol"].unique()), dtype="object")
    text = pd.Series(symbols, dtype="str")
    day = pd.to_datetime("20" + text.str[-15:-9], format="%Y%m%d")
    root = text.str[:-15]
    at_open = (root + "W").isin(root.unique())
    local = day + pd.to_timedelta(np.where(at_open, 9.5, 16.0), unit="h")
    settles = local.dt.tz_localize("America/New_York").dt.tz_convert("UTC").astype("datetime64[ns, UTC]")
    owner = prints.drop_duplicates("option_symbol").assign(root=lambda frame: frame["option_symbol"].str[:-15])
    owners = dict(zip(owner["root"], owner["underlying"], strict=True))
    return pd.DataFrame(
        {
            "option_symbol": text, "code": np.arange(len(text)), "underlying": root.map(owners).fillna(""),
            "expiry": settles.astype("int64"), "strike": text.str[-8:].astype("int64") / 1000.0, "is_call": text.str[-9] == "C",
            "adjusted": root.str[-1].str.isdigit(),
        }
    )  # fmt: skip


def _coded(table: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    return table.assign(code=pd.Index(contracts["option_symbol"]).get_indexer(table["option_symbol"]))


def rows_before(code: np.ndarray, at: np.ndarray, table_code: np.ndarray, table_at: np.ndarray) -> np.ndarray:
    """Return the row of a table, sorted by (code, at), that is last strictly before each (code, at); -1 where there is none."""
    if len(table_at) == 0:
        return np.full(len(at), -1, dtype=np.int64)
    start = min(int(table_at.min()), int(at.min()) if len(at) else int(table_at.min()))
    keys = (table_code.astype(np.int64) << _TIME_BITS) + (table_at - start)
    row = np.searchsorted(keys, (code.astype(np.int64) << _TIME_BITS) + (at - start), side="left") - 1
    return np.where((row >= 0) & (table_code[np.maximum(row, 0)] == code), row, -1)


def _with_quotes(prints: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    row = rows_before(prints["code"].to_numpy(), prints["at"].to_numpy(), quotes["code"].to_numpy(), quotes["at"].to_numpy())
    found = {name: _taken(quotes, name, row) for name in _QUOTE_COLUMNS if name in quotes}
    out = prints.assign(**found)
    return out.assign(mid=0.5 * (out["bid"] + out["ask"]), half=0.5 * (out["ask"] - out["bid"]))


def _taken(table: pd.DataFrame, name: str, row: np.ndarray) -> pd.Series:
    return table[name].iloc[np.maximum(row, 0)].reset_index(drop=True).where(row >= 0)


def spot_before(spots: pd.DataFrame, underlying: pd.Series, at: np.ndarray) -> np.ndarray:
    """Return the mid of the underlying strictly before each time; NaN where there is none."""
    names = pd.Index(np.unique(spots["underlying"]))
    row = rows_before(names.get_indexer(underlying), at, names.get_indexer(spots["underlying"]), spots["at"].to_numpy())
    return np.where(row >= 0, spots["mid"].to_numpy()[np.maximum(row, 0)], np.nan)


def _with_spot(prints: pd.DataFrame, spots: pd.DataFrame) -> pd.DataFrame:
    return prints.assign(spot=spot_before(spots, prints["underlying"], prints["at"].to_numpy()))


def _with_terms(prints: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    terms = contracts.loc[prints["code"], ["expiry", "strike", "is_call"]].reset_index(drop=True)
    years = np.maximum(terms["expiry"].to_numpy() - prints["at"].to_numpy(), NS) / YEAR_NS
    value, spot, strike, is_call = (np.asarray(c) for c in (prints["mid"], prints["spot"], terms["strike"], terms["is_call"]))
    # The spot stands for the forward: good enough to sort contracts by moneyness.
    volatility = black.implied_volatility(value, spot, strike, years, is_call)
    delta, vega = black.delta(spot, strike, years, volatility, is_call), black.vega(spot, strike, years, volatility)
    return pd.concat([prints, terms], axis=1).assign(years=years, volatility=volatility, delta=delta, vega=vega)
