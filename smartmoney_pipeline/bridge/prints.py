"""Legacy option prints: quoted prints with their place in the quote, the market before them, and the legacy size filter."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.bridge.contracts import is_fund, legacy_contracts, whole_ms
from smartmoney_pipeline.bridge.sides import AA, BB, MID, MISSING, STALE, A, B, nbbo_sides, numbers
from smartmoney_pipeline.schemas.legacy import NBBO_SIDES
from smartmoney_pipeline.schemas.units import DEFAULT_MULTIPLIER
from smartmoney_pipeline.tape.conditions import conditions

Bools = NDArray[np.bool_]
KEEP_NOTIONAL, ISO_NOTIONAL, KEEP_SIZE = 100_000.0, 25_000.0, 500
LEAST, LEAST_FUND, LEAST_BID, LEAST_MID, LEAST_UNQUOTED = 10_000.0, 50_000.0, 25_000.0, 20_000.0, 50_000.0
PROFILE = "smart-money"


def option_prints(prints: pa.Table, first_row: int) -> pa.Table:
    """Return legacy option prints of rows of quoted_prints; `first_row` is the place of the first one in the tape.

    Columns in the order of the wire; fields that nothing is known of are null and stay off the wire.
    """
    named = legacy_contracts(prints["option_symbol"])
    ts, notional = whole_ms(prints["ts"]), (numbers(prints["price_usd"]) * numbers(prints["size"]) * DEFAULT_MULTIPLIER).round(2)
    sides, fund = nbbo_sides(prints), is_fund(named.underlying_id)
    words = pa.array(NBBO_SIDES).take(pa.array(sides))
    passes, reasons = signal(prints, notional, sides, fund.to_numpy(zero_copy_only=False))
    ids = prints["print_id"]
    return pa.table(
        {
            "source_ts": ts,
            "ingest_ts": ts,
            "seq": first_row + np.arange(len(prints)),
            "trace_id": ids,
            "ts": ts,
            "option_contract_id": pc.coalesce(named.option_contract_id, prints["option_symbol"].combine_chunks().cast(pa.string())),
            "price": prints["price_usd"],
            "size": prints["size"],
            "exchange": pc.fill_null(prints["exchange"].cast(pa.string()), ""),
            "conditions": _conditions(prints["condition"].cast(pa.string()).combine_chunks()),
            "underlying_id": named.underlying_id,
            "option_type": named.option_type,
            "notional": notional,
            "nbbo_side": words,
            **_quote(prints, ts, words),
            **_underlying(prints),
            "is_etf": fund,
            "signal_pass": pa.array(passes),
            "signal_reasons": reasons,
            "signal_profile": pa.array([PROFILE] * len(prints), pa.string()),
        }
    )


def signal(prints: pa.Table, notional: NDArray[np.float64], sides: NDArray[np.int64], fund: Bools) -> tuple[Bools, pa.ListArray]:
    """Return which prints pass the legacy filter, and the reasons to keep each. Nothing in this project reads the answer but the wire."""
    iso_codes = pa.array(sorted(letter for letter, entry in conditions().items() if entry.iso), pa.string())
    iso = pc.is_in(prints["condition"].cast(pa.string()), value_set=iso_codes).to_numpy()
    least = np.full(len(prints), LEAST)
    for holds, bound in (
        (fund, LEAST_FUND),
        (np.isin(sides, (B, BB)), LEAST_BID),
        ((sides == MID) & ~iso, LEAST_MID),
        (np.isin(sides, (MISSING, STALE)), LEAST_UNQUOTED),
    ):
        least = np.maximum(least, np.where(holds, bound, 0.0))
    kept = {
        "large_notional": notional >= KEEP_NOTIONAL,
        "ask_side": np.isin(sides, (A, AA)),
        "intermarket_sweep": iso & (notional >= ISO_NOTIONAL),
        "large_size": numbers(prints["size"]) >= KEEP_SIZE,
    }
    marks = np.stack(list(kept.values()), axis=1)
    offsets = np.concatenate([[0], np.cumsum(marks.sum(axis=1))]).astype(np.int32)
    reasons = pa.array(list(kept)).take(pa.array(np.nonzero(marks)[1]))
    return (notional >= least) & marks.any(axis=1), pa.ListArray.from_arrays(pa.array(offsets), reasons)


def _conditions(codes: pa.Array) -> pa.ListArray:
    """One list a print: its code, empty for a regular sale."""
    named = pc.not_equal(pc.utf8_trim_whitespace(codes), "").to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(named)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), codes.filter(pa.array(named)))


def _quote(prints: pa.Table, ts: NDArray[np.int64], words: pa.Array) -> dict[str, pa.Array]:
    bid, ask, age = (numbers(prints[name]) for name in ("bid", "ask", "quote_age_ms"))
    known = ~np.isnan(age)
    return {
        "execution_nbbo_bid": pa.array(bid, from_pandas=True),
        "execution_nbbo_ask": pa.array(ask, from_pandas=True),
        "execution_nbbo_mid": pa.array(((bid + ask) / 2).round(4), from_pandas=True),
        "execution_nbbo_spread": pa.array((ask - bid).round(4), from_pandas=True),
        "execution_nbbo_ts": pa.array(ts - np.where(known, age, 0).round().astype(np.int64), mask=~known),
        "execution_nbbo_age_ms": pa.array(age.round(4), from_pandas=True),
        "execution_nbbo_side": words,
    }


def _underlying(prints: pa.Table) -> dict[str, pa.Array]:
    bid, ask = (numbers(prints[f"underlying_{side}"]) for side in ("bid", "ask"))
    mid = pa.array(((bid + ask) / 2).round(4), from_pandas=True)
    source = pc.if_else(mid.is_valid(), "equity_quote_mid", pa.scalar(None, pa.string()))
    return {
        "execution_underlying_spot": mid,
        "execution_underlying_bid": pa.array(bid, from_pandas=True),
        "execution_underlying_ask": pa.array(ask, from_pandas=True),
        "execution_underlying_mid": mid,
        "execution_underlying_spread": pa.array((ask - bid).round(4), from_pandas=True),
        "execution_underlying_source": source,
    }
