"""NBBO of every quoted contract: fair value, spread and size at thinned update times, on legal ticks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.impulses import Impulse, effect
from smartmoney_pipeline.scenarios.market_model import MarketModel, Values
from smartmoney_pipeline.scenarios.quote_book import QUOTE_COLUMNS, QuoteBook, make_book
from smartmoney_pipeline.scenarios.quote_noise import QuoteNoise, draw_noise, join_noise
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.ticks import ceil_cents, floor_cents, step_cents
from smartmoney_pipeline.schemas.units import NS_PER_MS

LOCKED_SHARE = 0.0008
CROSSED_SHARE = 0.0003
"""Shares of quote updates that lock or cross the market for a moment (SEED)."""


@dataclass(frozen=True)
class QuotedRows:
    """Update times of all contracts, contract after contract: contract number and UTC ns per row, first row of each contract."""

    contract: Ints
    ts: Ints
    starts: Ints


def quote_contracts(key: StreamKey, model: MarketModel, contracts: Ints, updates: Ints, impulses: list[Impulse]) -> QuoteBook:
    """Return the book of `contracts` (sorted numbers), each from about `updates` candidate times.

    Every contract has a stream of its own, so quoting one more changes no other. Rows that change nothing are dropped.
    """
    log_strike = np.log(model.chain.column("strike")[contracts])
    expiry = model.chain.column("expiry_index")[contracts]
    felt = [_felt(impulses, int(e), float(k)) for e, k in zip(expiry, log_strike, strict=True)]
    noise = [_noise(key, model, int(c), int(n), f) for c, n, f in zip(contracts, updates, felt, strict=True)]
    rows = _rows(contracts, noise)
    effects = [effect(f, int(e), float(k), n.ts) for f, e, k, n in zip(felt, expiry, log_strike, noise, strict=True)]
    log_vol = np.concatenate([rise for rise, _ in effects])
    widening = np.concatenate([factor for _, factor in effects])
    joined = join_noise(noise)
    values = model.fair(rows.contract, rows.ts, rows.starts, log_vol)
    columns = _columns(model, rows, joined, values, widening)
    return make_book(_with_odd_states(model, _changed(columns), joined))


def _felt(impulses: list[Impulse], expiry_index: int, log_strike: float) -> list[Impulse]:
    return [impulse for impulse in impulses if impulse.weight(expiry_index, log_strike) > 0.01]


def _noise(key: StreamKey, model: MarketModel, contract: int, updates: int, impulses: list[Impulse]) -> QuoteNoise:
    symbol = model.chain.column("option_symbol")[contract]
    return draw_noise(key.stream(model.chain.ticker, f"quotes {symbol}"), model.clock, updates, impulses)


def _rows(contracts: Ints, noise: list[QuoteNoise]) -> QuotedRows:
    lengths = np.array([len(n.ts) for n in noise], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return QuotedRows(np.repeat(contracts, lengths), np.concatenate([n.ts for n in noise]), starts)


def _prices(model: MarketModel, noise: QuoteNoise, values: Values, widening: Floats) -> tuple[Ints, Ints]:
    terms, ticks = model.terms.liquidity, model.terms.chain.tick_class
    # Form of the half-spread: hedge cost, volatility risk and a fixed cost (SEED after MP2020).
    half = 0.5 * np.abs(values.delta) * terms.stock_spread + terms.vol_width * values.vega + terms.cost
    half = half * widening * np.exp(0.22 * noise.spread)
    middle = values.price + 0.25 * half * noise.lean
    bid = floor_cents(ticks, middle - half)
    ask = ceil_cents(ticks, middle + half)
    return bid, np.maximum(ask, bid + step_cents(ticks, bid))


def _columns(model: MarketModel, rows: QuotedRows, noise: QuoteNoise, values: Values, widening: Floats) -> dict[str, np.ndarray]:
    opening = 1.0 + 1.2 * np.exp(-model.clock.fraction(rows.ts) / 0.008)
    bid, ask = _prices(model, noise, values, widening * opening)
    median = model.terms.liquidity.quote_size * np.where(values.price < 0.5, 2.0, 1.0)
    bid_size, ask_size = (np.maximum(np.rint(median * np.exp(1.05 * size)), 1).astype(np.int64) for size in noise.sizes)
    return {
        "contract": rows.contract,
        "ts": rows.ts,
        "bid": bid,
        "ask": ask,
        "bid_size": np.where(bid > 0, bid_size, 0),
        "ask_size": ask_size,
        "bid_exchange": model.venues(noise.venues[0]),
        "ask_exchange": model.venues(noise.venues[1]),
        "row": np.arange(len(rows.ts)),
    }


def _changed(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    same = np.ones(len(columns["ts"]) - 1, dtype=bool)
    for name in QUOTE_COLUMNS:
        if name != "ts":
            same &= columns[name][1:] == columns[name][:-1]
    keep = np.concatenate([[True], ~same])
    return {name: values[keep] for name, values in columns.items()}


def _with_odd_states(model: MarketModel, columns: dict[str, np.ndarray], noise: QuoteNoise) -> pd.DataFrame:
    """Insert short locked and crossed states: the odd row first, the sound row again some milliseconds later."""
    table = pd.DataFrame(columns)
    draw = noise.odd[table["row"].to_numpy()]
    chosen = np.flatnonzero((draw < LOCKED_SHARE + CROSSED_SHARE) & (table["bid"].to_numpy() > 10))
    back = table.iloc[chosen].copy()
    back["ts"] += (3.0 + 390.0 * (draw[chosen] / (LOCKED_SHARE + CROSSED_SHARE)) ** 2).astype(np.int64) * NS_PER_MS
    bid = table["bid"].to_numpy()[chosen]
    step = step_cents(model.terms.chain.tick_class, bid - 1)
    table.loc[chosen, "ask"] = bid - np.where(draw[chosen] < CROSSED_SHARE, step, 0)
    kept = pd.concat([table, back[back["ts"] < model.clock.close_ns]])
    return kept.sort_values(["contract", "ts"], kind="stable", ignore_index=True)[list(QUOTE_COLUMNS)]
