"""Packets of one contract by a fixed gap, in four engines: each variant returns a label for each print, the same within a packet only.

A print opens a packet where the print of its contract before it lies further back than the gap. The engine's own rule does more (gaps by
print rate, price path, condition families); here its kernel runs with the rule that every engine can state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import polars as pl
from asof_join import Call, duckdb_of

from smartmoney_pipeline.parent_events.arrival_kernel import no_arrivals
from smartmoney_pipeline.parent_events.packet_kernel import JoinOdds, assign_prints
from smartmoney_pipeline.parent_events.packet_slots import empty_slots, grown_slots
from smartmoney_pipeline.schemas.units import NS_PER_MS

GAP_NS = 250 * NS_PER_MS
FOREVER = np.iinfo(np.int64).max // 2
Prints = Mapping[str, np.ndarray]


def kernel_packets(prints: Prints, threads: int) -> Call:
    """The engine's grouping kernel, with one fixed gap and no other rule."""
    del threads
    ts, contract, n = prints["ts"], prints["contract_id"], len(prints["ts"])
    none, price, codes = np.zeros(n), np.zeros(n, np.int32), np.zeros(n, np.uint8)
    iso, by_venue = np.zeros(256, np.bool_), np.ones(1, np.bool_)
    odds = JoinOdds(*([1.0] * len(JoinOdds._fields)))
    rules = (iso, by_venue, np.full(1, GAP_NS), np.full(1, FOREVER), 0.01, 0, 0, 0, odds, (1, 0.0, 0.0))

    def call() -> np.ndarray:
        slots, at = empty_slots(1 + int(contract.max())), 0
        row_of, elapsed, first, closed_at, touch = (np.empty(n, np.int64) for _ in range(5))
        found = (row_of, elapsed, np.empty(n), first, closed_at, touch)
        market = (ts, contract, np.zeros(n, np.int32), codes, price, codes, codes, price, price, none, none)
        arrivals = no_arrivals(1 + int(contract.max()), 1)
        while (at := assign_prints(at, *market, *slots, *arrivals, *rules, *found)) < n:
            slots = grown_slots(slots)
        return row_of

    return call


def pandas_packets(prints: Prints, threads: int) -> Call:
    """`groupby` with `diff` and `cumsum`, one thread."""
    del threads
    frame = pd.DataFrame({"ts": prints["ts"], "contract": prints["contract_id"]})

    def call() -> np.ndarray:
        gap = frame.groupby("contract", sort=False)["ts"].diff()
        opens = (gap.isna() | (gap > GAP_NS)).astype(np.int64)
        return labels(prints["contract_id"], opens.groupby(frame["contract"], sort=False).cumsum().to_numpy())

    return call


def polars_packets(prints: Prints, threads: int) -> Call:
    """`diff` and `cum_sum` over the contract; the number of threads is that of the process (POLARS_MAX_THREADS)."""
    del threads
    frame = pl.DataFrame({"ts": prints["ts"], "contract": prints["contract_id"]})

    def call() -> np.ndarray:
        opens = (pl.col("ts").diff() > GAP_NS).fill_null(value=True).cast(pl.Int64)
        return labels(prints["contract_id"], frame.select(opens.cum_sum().over("contract"))["ts"].to_numpy())

    return call


def duckdb_packets(prints: Prints, threads: int) -> Call:
    """Two window functions over its own table; its rows come in any order and are put back."""
    count = len(prints["ts"])
    columns = {"print": np.arange(count), "ts": prints["ts"], "contract": prints["contract_id"]}
    connection = duckdb_of(threads, prints=columns)
    window = "PARTITION BY contract ORDER BY print"
    query = f"""
        SELECT print, sum(opens) OVER ({window}) AS packet FROM (
            SELECT print, contract, (coalesce(ts - lag(ts) OVER ({window}) > {GAP_NS}, true))::BIGINT AS opens FROM prints)"""

    def call() -> np.ndarray:
        found = connection.execute(query).fetchnumpy()
        packet = np.empty(count, np.int64)
        packet[found["print"]] = found["packet"]
        return labels(prints["contract_id"], packet)

    return call


def labels(contract: np.ndarray, packet: np.ndarray) -> np.ndarray:
    """One label of a contract and the running number of a packet in it."""
    return contract.astype(np.int64) << 32 | packet.astype(np.int64)


def first_prints(label: np.ndarray) -> np.ndarray:
    """The first print of the packet of each print: the same for every way to label packets."""
    _, first, place = np.unique(label, return_index=True, return_inverse=True)
    return first[place]


VARIANTS: dict[str, Callable[[Prints, int], Call]] = {
    "kernel": kernel_packets,
    "pandas groupby, diff, cumsum": pandas_packets,
    "Polars diff, cum_sum over": polars_packets,
    "DuckDB window functions": duckdb_packets,
}
