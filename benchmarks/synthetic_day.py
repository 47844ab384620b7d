"""A day of any size in the lake layout, drawn straight into sorted chunks: for timing only, no claim to realism."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.calendar.sessions import session_bounds
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR
from smartmoney_pipeline.tape.contracts import CONTRACTS_SCHEMA, UNDERLYINGS_SCHEMA, build_contracts, build_underlyings

SESSION = date(2026, 3, 18)
CHUNK_PRINTS = 250_000
CENT = TICKS_PER_DOLLAR // 100
TIMESTAMP = pa.timestamp("ns", "UTC")
CONDITIONS = np.frombuffer(b"IIIIIIIIIIIISSaaafgce ", dtype=np.uint8)
VENUES = np.frombuffer(b"ABCDEHIJMNPQTWXZ", dtype=np.uint8)
SIZES = np.array([1, 1, 1, 2, 2, 3, 5, 5, 10, 10, 20, 50, 100], dtype=np.int32)


@dataclass(frozen=True)
class Market:
    """Contracts of the day with a flat-volatility price model; arrays by contract id but for `spot0`, by underlying id."""

    contracts: pd.DataFrame
    underlyings: pd.DataFrame
    spot0: np.ndarray
    weight: np.ndarray
    years: np.ndarray


def market(underlyings: int, contracts: int, rng: np.random.Generator) -> Market:
    """Draw a chain: Zipf weights over underlyings, four expiries, strikes around the spot, calls and puts."""
    names = [f"U{number:03d}X" for number in range(underlyings)]
    spot0 = np.round(rng.uniform(20, 400, underlyings))
    expiries = [SESSION + timedelta(days=days) for days in (2, 9, 30, 93)]
    strikes = max(contracts // (underlyings * len(expiries) * 2), 1)
    grid = np.linspace(0.9, 1.1, strikes) if strikes > 1 else np.array([1.0])
    symbols = [
        f"{name}{expiry:%y%m%d}{right}{round(round(spot * k * 2) / 2 * 1000):08d}"
        for name, spot in zip(names, spot0, strict=True)
        for expiry in expiries
        for k in grid
        for right in "CP"
    ]
    frame = build_contracts(pa.array(sorted(set(symbols))), None, settlement_instant_ns)
    tickers = build_underlyings(pa.array(names))
    frame["underlying_id"] = np.searchsorted(tickers["underlying"].to_numpy(object), frame["underlying"].to_numpy(object)).astype(np.int32)
    weight = 1.0 / (1.0 + frame["underlying_id"].to_numpy())
    years = (pd.to_datetime(frame["expiry"]) - pd.Timestamp(SESSION)).dt.days.to_numpy() / 365.0
    return Market(frame, tickers, spot0, weight / weight.sum(), years)


def spot_path(market_: Market, ts: np.ndarray, underlying: np.ndarray, open_ns: int) -> np.ndarray:
    """A smooth path by underlying and time, USD: sums of slow waves, so that any chunk can be drawn by itself."""
    hours = (ts - open_ns) / 3.6e12
    waves = 0.004 * np.sin(2.1 * hours + underlying) + 0.001 * np.sin(31.0 * hours + 2 * underlying)
    return market_.spot0[underlying] * (1 + waves)


def fair_price(market_: Market, contract: np.ndarray, spot: np.ndarray) -> np.ndarray:
    """Bachelier-like value in USD: cheap to draw, monotone in spot, put-call parity exact."""
    strike = market_.contracts["strike"].to_numpy()[contract]
    is_call = (market_.contracts["right"] == "C").to_numpy()[contract]
    deviation = spot * 0.35 * np.sqrt(market_.years[contract])
    moved = (spot - strike) / deviation
    time_value = deviation * 0.4 * np.exp(-0.5 * moved**2 - 0.25 * np.abs(moved))
    intrinsic = np.where(is_call, np.maximum(spot - strike, 0), np.maximum(strike - spot, 0))
    return intrinsic + time_value


def nbbo(market_: Market, ts: np.ndarray, contract: np.ndarray, open_ns: int) -> tuple[np.ndarray, np.ndarray]:
    """Bid and ask in ticks on the cent grid."""
    underlying = market_.contracts["underlying_id"].to_numpy()[contract]
    mid = fair_price(market_, contract, spot_path(market_, ts, underlying, open_ns))
    half = np.maximum(0.01 * mid, 0.01)
    bid = np.maximum(np.floor((mid - half) * 100), 0).astype(np.int32) * CENT
    ask = np.maximum(np.ceil((mid + half) * 100), bid / CENT + 1).astype(np.int32) * CENT
    return bid, ask


def chunk_times(rng: np.random.Generator, count: int, start: int, stop: int) -> np.ndarray:
    """Sorted times in [start, stop), ns."""
    return np.sort(rng.integers(start, stop, count))


def quote_chunk(market_: Market, rng: np.random.Generator, count: int, span: tuple[int, int], open_ns: int) -> pa.Table:
    """One sorted chunk of option quotes."""
    ts = chunk_times(rng, count, *span)
    contract = rng.choice(len(market_.weight), count, p=market_.weight).astype(np.int32)
    bid, ask = nbbo(market_, ts, contract, open_ns)
    sizes = rng.integers(1, 500, (2, count)).astype(np.int32)
    return pa.table(
        {"ts": pa.array(ts, TIMESTAMP), "contract_id": contract, "bid": bid, "ask": ask, "bid_size": sizes[0], "ask_size": sizes[1]}
    )


def bursts(rng: np.random.Generator, ts: np.ndarray, per_event: float) -> np.ndarray:
    """Leader of each print: a print follows the one before it with the chance that gives `per_event` prints an event on average."""
    follows = rng.random(len(ts)) < 1.0 - 1.0 / per_event
    follows[:1] = False
    return np.maximum.accumulate(np.where(follows, 0, np.arange(len(ts))))


def print_chunk(
    market_: Market, rng: np.random.Generator, count: int, span: tuple[int, int], open_ns: int, first: int, per_event: float
) -> pa.Table:
    """One sorted chunk of prints: bursts of one contract, microseconds apart, at one price and under one condition."""
    ts = chunk_times(rng, count, *span)
    leader = bursts(rng, ts, per_event)
    contract = rng.choice(len(market_.weight), count, p=market_.weight).astype(np.int32)[leader]
    place, condition = rng.random(count)[leader], rng.choice(CONDITIONS, count)[leader]
    bid, ask = nbbo(market_, ts[leader], contract, open_ns)
    price = np.where(place < 0.4, ask, np.where(place < 0.8, bid, (bid + ask) // 2 // CENT * CENT))
    ts = ts[leader] + (np.arange(count) - leader) * 1_000
    order = np.argsort(ts, kind="stable")
    seq = np.arange(first, first + count, dtype=np.int64)
    return pa.table(
        {
            "ts": pa.array(ts[order], TIMESTAMP),
            "seq": seq,
            "contract_id": contract[order],
            "price": np.maximum(price, CENT).astype(np.int32)[order],
            "size": rng.choice(SIZES, count),
            "venue": rng.choice(VENUES, count),
            "condition": condition[order],
            "print_id": pa.array(np.char.add("p", np.char.zfill(seq.astype("U9"), 9)).tolist()),
        }
    )


def underlying_chunk(market_: Market, rng: np.random.Generator, count: int, span: tuple[int, int], open_ns: int) -> pa.Table:
    """One sorted chunk of underlying quotes."""
    ts = chunk_times(rng, count, *span)
    underlying = rng.integers(0, len(market_.spot0), count).astype(np.int32)
    mid = np.round(spot_path(market_, ts, underlying, open_ns) * 100).astype(np.int32) * CENT
    return pa.table({"ts": pa.array(ts, TIMESTAMP), "underlying_id": underlying, "bid": mid - CENT, "ask": mid + CENT})


def write_day(
    folder: Path, prints: int, quotes: int, underlyings: int = 100, contracts: int = 3000, seed: int = 1, per_event: float = 1.4
) -> Path:
    """Write the day; chunks of a fixed number of prints keep the memory bounded. Returns `folder`.

    `per_event`: prints an event on average, before the grouping finds bursts of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.Generator(np.random.Philox(seed))
    bounds = session_bounds(SESSION)
    drawn = market(underlyings, contracts, rng)
    pq.write_table(pa.Table.from_pandas(drawn.contracts, CONTRACTS_SCHEMA, preserve_index=False, safe=False), folder / "contracts.parquet")
    pq.write_table(pa.Table.from_pandas(drawn.underlyings, UNDERLYINGS_SCHEMA, preserve_index=False), folder / "underlyings.parquet")
    pieces = max(-(-prints // CHUNK_PRINTS), 1)
    edges = np.linspace(bounds.open_ns, bounds.close_ns, pieces + 1).astype(np.int64)
    counts = {"option_prints": prints, "option_quotes": quotes, "underlying_quotes": max(quotes // 15, pieces)}
    writers: dict[str, pq.ParquetWriter] = {}
    done = 0
    for piece in range(pieces):
        span = (int(edges[piece]), int(edges[piece + 1]))
        share = {name: n // pieces + (1 if piece < n % pieces else 0) for name, n in counts.items()}
        tables = {
            "option_prints": print_chunk(drawn, rng, share["option_prints"], span, bounds.open_ns, done, per_event),
            "option_quotes": quote_chunk(drawn, rng, share["option_quotes"], span, bounds.open_ns),
            "underlying_quotes": underlying_chunk(drawn, rng, share["underlying_quotes"], span, bounds.open_ns),
        }
        done += share["option_prints"]
        for name, table in tables.items():
            write_chunk(writers, folder, name, table)
    for writer in writers.values():
        writer.close()
    write_facts(folder, {**counts, "contracts": len(drawn.contracts), "underlyings": underlyings}, f"{prints}-{quotes}-{seed}")
    return folder


def write_chunk(writers: dict[str, pq.ParquetWriter], folder: Path, name: str, table: pa.Table) -> None:
    """Append one chunk with the encodings of the lake layout."""
    if name not in writers:
        delta = {column: "DELTA_BINARY_PACKED" for column in ("ts", "seq") if column in table.column_names}
        coded = [c for c in ("contract_id", "underlying_id", "venue", "condition") if c in table.column_names]
        path = folder / f"{name}.parquet"
        writers[name] = pq.ParquetWriter(path, table.schema, compression="lz4", use_dictionary=coded, column_encoding=delta)
    writers[name].write_table(table, row_group_size=1 << 20)


def write_facts(folder: Path, rows: dict[str, int], name: str) -> None:
    """Write what `TapeDay.open` asks for."""
    tables = {table: {"rows": count, "columns": []} for table, count in rows.items()}
    facts = {
        "session_date": SESSION.isoformat(),
        "source": "bench",
        "ticks_per_dollar": TICKS_PER_DOLLAR,
        "tables": tables,
        "content_hash": f"bench-{name}",
    }
    (folder / "quality.json").write_text("{}\n")
    (folder / "day.json").write_text(json.dumps(facts))
