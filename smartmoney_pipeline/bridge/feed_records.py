"""Rows of a live tape as legacy records: prints without their quotes, quotes as they come."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.bridge.contracts import is_fund, legacy_contracts, whole_ms
from smartmoney_pipeline.schemas.units import DEFAULT_MULTIPLIER


def feed_prints(rows: pa.Table) -> pa.Table:
    """Return option prints of the tape as legacy prints. The feed has not joined their quotes, so no place in the quote is said."""
    readable = rows.filter(pc.and_(rows["ts"].is_valid(), pc.and_(rows["price"].is_valid(), rows["size"].is_valid())))
    named = legacy_contracts(readable["option_symbol"].cast(pa.string()))
    price, size = readable["price"].cast(pa.float64()).to_numpy(), readable["size"].cast(pa.int64()).to_numpy()
    ids = readable["print_id"].cast(pa.string())
    return pa.table(
        {
            **_meta(readable, ids),
            "option_contract_id": named.option_contract_id,
            "price": price,
            "size": size,
            "exchange": readable["exchange"].cast(pa.string()),
            "underlying_id": named.underlying_id,
            "option_type": named.option_type,
            "notional": (price * size * DEFAULT_MULTIPLIER).round(2),
            "is_etf": is_fund(named.underlying_id),
        }
    )


def feed_option_quotes(rows: pa.Table) -> pa.Table:
    """Return option quotes of the tape as legacy quotes."""
    readable = rows.filter(rows["ts"].is_valid())
    named = legacy_contracts(readable["option_symbol"].cast(pa.string()))
    return pa.table(
        {
            **_meta(readable, _numbered(readable, "option-quote")),
            "option_contract_id": named.option_contract_id,
            "bid": readable["bid"],
            "ask": readable["ask"],
            "bidSize": readable["bid_size"],
            "askSize": readable["ask_size"],
        }
    )


def feed_equity_quotes(rows: pa.Table) -> pa.Table:
    """Return quotes of underlyings as legacy quotes."""
    readable = rows.filter(rows["ts"].is_valid())
    meta = _meta(readable, _numbered(readable, "equity-quote"))
    return pa.table({**meta, "underlying_id": readable["underlying"].cast(pa.string()), "bid": readable["bid"], "ask": readable["ask"]})


def feed_equity_prints(rows: pa.Table) -> pa.Table:
    """Return prints of underlyings as legacy prints. The tape does not say which were made off an exchange."""
    readable = rows.filter(rows["ts"].is_valid())
    return pa.table(
        {
            **_meta(readable, _numbered(readable, "equity-print")),
            "underlying_id": readable["underlying"].cast(pa.string()),
            "price": readable["price"],
            "size": readable["size"],
            "exchange": readable["exchange"].cast(pa.string()),
            "offExchangeFlag": pa.array(np.zeros(len(readable), dtype=bool)),
        }
    )


def _meta(rows: pa.Table, trace_id: pa.ChunkedArray) -> dict[str, object]:
    ts = whole_ms(rows["ts"])
    return {"source_ts": ts, "ingest_ts": ts, "seq": rows["seq"], "trace_id": trace_id, "ts": ts}


def _numbered(rows: pa.Table, kind: str) -> pa.ChunkedArray:
    """Trace ids of rows that have no id of their own: the feed's number."""
    return pc.binary_join_element_wise(kind, rows["seq"].cast(pa.string()), "-")
