"""A small tape written by hand, with its packets and parents, for tests of the bridge; no test is here."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES, Packets

START = pd.Timestamp("2025-01-17 14:30:00", tz="UTC")
START_MS = 1_737_124_200_000
"""The same instant, by `date -u -d '2025-01-17 14:30' +%s`."""

CALL, PUT, FUND = "AAPL250221C00150000", "AAPL250221P00140000", "SPY250117P00590000"


def at(ms: float) -> pd.Timestamp:
    return START + pd.Timedelta(ms, "ms")


def prints(rows: list[dict]) -> pa.Table:
    """Quoted prints; what a row does not say is null, or what a plain print says."""
    plain = {
        "exchange": "C", "condition": " ", "size": 1, "is_locked": False, "is_crossed": False, "is_one_sided": False, "is_stale": False,
        "sign_layer": "none",
    }  # fmt: skip
    model = OUTPUT_TABLES["quoted_prints"]
    schema = pa.schema([pa.field(f.name, _plain(f.type)) for f in arrow_schema(model)])
    return conform(pa.Table.from_pylist([plain | row for row in rows], schema=schema), model)


def packets(rows: list[dict]) -> pa.Table:
    """Packets; whole columns that a row does not say are 0."""
    schema = arrow_schema(Packets)
    filled = {f.name: 0 for f in schema if not f.nullable and pa.types.is_integer(f.type)}
    filled |= {"closed_at": at(1_000)}
    return pa.Table.from_pylist([filled | row for row in rows], schema=schema)


def parents(rows: list[tuple[str, str, str | None]]) -> pa.Table:
    """Event id, kind and structure of parents."""
    return pa.table(
        {
            "event_id": pa.array([row[0] for row in rows], pa.string()),
            "event_kind": pa.array([row[1] for row in rows], pa.string()),
            "structure": pa.array([row[2] for row in rows], pa.string()),
        }
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
