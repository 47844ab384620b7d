"""Small generated days for the live engine: their tables, what batch scoring makes of them, and ways to feed them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.live import LiveEngine, LiveParams, Update
from smartmoney_pipeline.engine.live.universe import REFERENCE_TABLES
from smartmoney_pipeline.engine.live.views import EventLog
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.scenarios.generate import generate
from smartmoney_pipeline.store.run_hash import run_hash
from smartmoney_pipeline.tape.ingest import build_day, read_frames

SESSION = date(2026, 3, 18)
SOURCE = "test-7"
Tables = dict[str, pa.Table]
STREAMS = ("option_prints", "option_quotes", "underlying_quotes")
TO_THE_OPEN = LiveParams(history_ns=None)
SECOND = 1_000_000_000


def ns(table: pa.Table, name: str = "ts") -> np.ndarray:
    return table[name].cast(pa.int64()).to_numpy()


@cache
def generated() -> Tables:
    tables = generate("test", SESSION, 7).tables
    arrow = {name: t if isinstance(t, pa.Table) else pa.Table.from_pandas(t, preserve_index=False) for name, t in tables.items()}
    return {name: arrow[name] for name in (*STREAMS, *REFERENCE_TABLES) if name in arrow}


@cache
def small(prints: int = 250, underlyings: int = 2) -> Tables:
    """The first prints of the busiest underlyings, with every quote up to a minute after them, in tape order."""
    whole = generated()
    counts = pc.value_counts(whole["option_prints"]["underlying"]).to_pylist()
    names = [c["values"] for c in sorted(counts, key=lambda c: (-c["counts"], c["values"]))][:underlyings]
    chosen = ordered(whole["option_prints"].filter(pc.is_in(whole["option_prints"]["underlying"], pa.array(names)))).slice(0, prints)
    end = int(ns(chosen)[-1]) + 60 * SECOND
    symbols = set(pc.unique(chosen["option_symbol"]).to_pylist())
    slices = {symbol[:-9] for symbol in symbols}
    quotes = whole["option_quotes"]
    near = [symbol[:-9] in slices for symbol in quotes["option_symbol"].to_pylist()]
    tables = {name: whole[name] for name in REFERENCE_TABLES if name in whole}
    tables["option_quotes"] = ordered(quotes.filter(pa.array(np.array(near) & (ns(quotes) < end))))
    stock = whole["underlying_quotes"]
    tables["underlying_quotes"] = ordered(stock.filter(pa.array(np.isin(stock["underlying"].to_pylist(), names) & (ns(stock) < end))))
    return {**tables, "option_prints": chosen}


def ordered(table: pa.Table) -> pa.Table:
    return table.sort_by([("ts", "ascending"), ("seq", "ascending")])


def reference_of(tables: Tables, symbols_known: bool = True) -> Tables:
    reference = {name: tables[name] for name in REFERENCE_TABLES if name in tables}
    if symbols_known:
        symbols = {s for name in STREAMS[:2] for s in pc.unique(tables[name]["option_symbol"]).to_pylist()}
        reference["contracts"] = pa.table({"option_symbol": sorted(symbols)})
    return reference


def batch(tables: Tables, folder: Path) -> tuple[str, Path]:
    """Run hash and folder of the day scored at once."""
    day = build_day(read_frames(tables, SESSION), folder / "day", SOURCE, settlement_instant_ns)
    output = score_day(day_context(day), folder / "out")
    return output.manifest["run_hash"], output.folder


def batch_table(folder: Path, name: str) -> pa.Table:
    return pq.read_table(folder / f"{name}.parquet")


def pushes(tables: Tables, prints: int, received: np.ndarray | None = None) -> Iterator[Tables]:
    """The streams in pushes of so many prints each, in order of receipt; quotes come with the print that they precede."""
    rows = tables["option_prints"]
    times = ns(rows) if received is None else received
    order = np.argsort(times, kind="stable")
    rows, times = rows.take(pa.array(order)), times[order]
    quotes = {name: tables[name] for name in STREAMS[1:] if name in tables}
    places = dict.fromkeys(quotes, 0)
    for start in range(0, len(rows), prints):
        stop = min(start + prints, len(rows))
        push = {"option_prints": rows.slice(start, stop - start)}
        for name, table in quotes.items():
            upto = len(table) if stop == len(rows) else int(np.searchsorted(ns(table), times[stop - 1]))
            push[name] = table.slice(places[name], upto - places[name])
            places[name] = upto
        yield push


def engine_of(tables: Tables, params: LiveParams = TO_THE_OPEN, symbols_known: bool = True) -> LiveEngine:
    streams = [name for name in STREAMS if name in tables]
    return LiveEngine(SESSION, SOURCE, reference_of(tables, symbols_known), streams, params)


def logged(updates: list[Update]) -> EventLog:
    log = EventLog()
    for update in updates:
        log.add(update)
    return log


def live(tables: Tables, prints: int, params: LiveParams = TO_THE_OPEN, received: np.ndarray | None = None, known: bool = True) -> EventLog:
    engine = engine_of(tables, params, known)
    return logged([*(engine.push(push) for push in pushes(tables, prints, received)), engine.finish()])


def hash_of(log: EventLog) -> str:
    return run_hash(log.current()["smart_money_events"])


def assert_same_tables(log: EventLog, folder: Path) -> None:
    """The other tables of the result hold the same rows as those of the batch."""
    current = log.current()
    for name in ("parent_event_members", "event_legs", "event_evidence", "event_links"):
        expected = batch_table(folder, name)
        found = current[name].cast(expected.schema)
        assert found.equals(expected), name
