"""The last quote strictly before each print, by contract, in five engines: each variant returns the row of the matched quote, -1 none.

A variant takes the inputs and a number of threads, converts them to what its engine reads, and returns the call to be timed. Prints and
quotes come in tape order; the result is in the order of the prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from numba import njit

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.market.align import Aligner
from smartmoney_pipeline.market.contracts import ContractArrays
from smartmoney_pipeline.tape.conditions import family_table
from smartmoney_pipeline.tape.layout import TapeDay

Call = Callable[[], np.ndarray]
TIE_EVERY = 997
"""Each print of this step gets a quote of its contract at its very instant, which must not match."""


@dataclass(frozen=True)
class JoinInputs:
    """Columns of prints and quotes in tape order; `contracts` None where the engine's own stage is not run."""

    prints: Mapping[str, np.ndarray]
    quotes: Mapping[str, np.ndarray]
    contracts: ContractArrays | None = None


def read_inputs(day: Path) -> JoinInputs:
    """Read a generated day, and move some quotes to the instant of a print."""
    opened = TapeDay.open(day)
    prints, quotes = _whole(opened.print_batches()), _whole(opened.quote_batches())
    tied = np.arange(0, len(prints["ts"]), TIE_EVERY)
    at = np.searchsorted(quotes["ts"], prints["ts"][tied])
    tied, at = tied[at < len(quotes["ts"])], at[at < len(quotes["ts"])]
    quotes["ts"][at], quotes["contract_id"][at] = prints["ts"][tied], prints["contract_id"][tied]
    return JoinInputs(prints, quotes, day_context(opened).contracts)


def _whole(batches: Iterator[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    parts = list(batches)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@njit(cache=True, nogil=True)
def _last_before(p_ts, p_contract, q_ts, q_contract, last, out):  # type: ignore[no-untyped-def]
    """One pass over both streams with the last quote of each contract."""
    q = 0
    for i in range(len(p_ts)):
        while q < len(q_ts) and q_ts[q] < p_ts[i]:
            last[q_contract[q]] = q
            q += 1
        out[i] = last[p_contract[i]]


def kernel_alone(inputs: JoinInputs, threads: int) -> Call:
    """A table of the last quote by contract: what the join costs where nothing else is asked of it."""
    del threads
    prints, quotes = inputs.prints, inputs.quotes
    size = 1 + int(max(prints["contract_id"].max(), quotes["contract_id"].max()))

    def call() -> np.ndarray:
        out = np.empty(len(prints["ts"]), np.int64)
        _last_before(prints["ts"], prints["contract_id"], quotes["ts"], quotes["contract_id"], np.full(size, -1, np.int64), out)
        return out

    return call


def kernel_stage(inputs: JoinInputs, threads: int) -> Call:
    """The engine's align stage, which also finds five earlier quotes, the other right, the forward and the trailing baselines.

    The rows of the quotes travel as their bid sizes.
    """
    del threads
    contracts, prints = inputs.contracts, inputs.prints
    if contracts is None:
        raise ValueError("the align stage needs the contracts of a day")
    rows = np.arange(len(inputs.quotes["ts"]), dtype=np.int32)
    quotes = {**inputs.quotes, "bid_size": rows}

    def call() -> np.ndarray:
        return Aligner(contracts, None, family_table()).align(prints, iter([quotes])).bid_size

    return call


def pandas_merge(inputs: JoinInputs, threads: int) -> Call:
    """`merge_asof`, which knows one thread."""
    del threads
    prints, quotes = (pd.DataFrame(columns) for columns in _sides(inputs))

    def call() -> np.ndarray:
        joined = pd.merge_asof(prints, quotes, on="ts", by="contract", allow_exact_matches=False)
        return joined["quote"].fillna(-1).to_numpy(np.int64)

    return call


def polars_join(inputs: JoinInputs, threads: int) -> Call:
    """`join_asof`; the number of threads is that of the process (POLARS_MAX_THREADS)."""
    del threads
    prints, quotes = (pl.DataFrame(columns).with_columns(pl.col("ts").set_sorted()) for columns in _sides(inputs))

    def call() -> np.ndarray:
        joined = prints.join_asof(
            quotes, on="ts", by="contract", strategy="backward", allow_exact_matches=False, check_sortedness=False
        )  # fmt: skip
        return joined["quote"].fill_null(-1).to_numpy()

    return call


def duckdb_join(inputs: JoinInputs, threads: int) -> Call:
    """`ASOF LEFT JOIN` over its own tables; its rows come in any order and are put back."""
    prints, quotes = _sides(inputs)
    count = len(prints["ts"])
    connection = duckdb_of(threads, prints={**prints, "print": np.arange(count)}, quotes=quotes)
    query = """
        SELECT p.print, coalesce(q.quote, -1) AS quote
        FROM prints p ASOF LEFT JOIN quotes q ON p.contract = q.contract AND p.ts > q.ts"""

    def call() -> np.ndarray:
        found = connection.execute(query).fetchnumpy()
        out = np.empty(count, np.int64)
        out[found["print"]] = found["quote"]
        return out

    return call


def duckdb_of(threads: int, **tables: Mapping[str, np.ndarray]) -> duckdb.DuckDBPyConnection:
    """A database in memory with these tables. They are its own: of a foreign table it knows no size and joins by a nested loop."""
    connection = duckdb.connect(config={"threads": threads})
    for name, columns in tables.items():
        connection.register("foreign_table", pa.table(dict(columns)))
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM foreign_table")
        connection.unregister("foreign_table")
    return connection


def _sides(inputs: JoinInputs) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the table engines join on."""
    prints = {"ts": inputs.prints["ts"], "contract": inputs.prints["contract_id"]}
    rows = np.arange(len(inputs.quotes["ts"]), dtype=np.int64)
    return prints, {"ts": inputs.quotes["ts"], "contract": inputs.quotes["contract_id"], "quote": rows}


VARIANTS: dict[str, Callable[[JoinInputs, int], Call]] = {
    "kernel, last quote only": kernel_alone,
    "kernel, whole align stage": kernel_stage,
    "pandas merge_asof": pandas_merge,
    "Polars join_asof": polars_join,
    "DuckDB ASOF JOIN": duckdb_join,
}
