"""NBBO of every quoted contract: fair value, spread and size at thinned update times, on legal ticks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios import troubles
from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.disturbances import Disturbance
from smartmoney_pipeline.scenarios.impact import VolResponse
from smartmoney_pipeline.scenarios.impulses import Impulse, effect
from smartmoney_pipeline.scenarios.market_model import MarketModel, Values
from smartmoney_pipeline.scenarios.paths import Path
from smartmoney_pipeline.scenarios.quote_book import QUOTE_COLUMNS, QuoteBook, make_book
from smartmoney_pipeline.scenarios.refresh import (
    QuoteNoise,
    QuoteTimes,
    answer_times,
    base_times,
    draw_noise,
    echo_times,
    join_noise,
    shared_times,
    with_answers,
)
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.ticks import ceil_cents, floor_cents, step_cents
from smartmoney_pipeline.scenarios.troubles import forced_times
from smartmoney_pipeline.schemas.units import NS_PER_MS

LOCKED_SHARE = 0.0008
CROSSED_SHARE = 0.0003
"""Shares of quote updates that lock or cross the market for a moment (SEED)."""

_LEAN, _DEEP_WIDTH = 0.12, 2.4
"""Deviation of a contract's mid from fair value in half-spreads, and rise of spreads per unit of |delta| above a half (SEED)."""

_SIZE_SPREAD = 1.35
"""Deviation of ln displayed size; published quartiles give 1.6 over all classes (BILZ-THESIS), less within one."""

_BUSIEST = 30
_SHARED_SHARE = 0.7
"""Share of a contract's quote times at which its whole expiry is quoted anew (SEED)."""


@dataclass(frozen=True)
class Market:
    """What quotes answer to beside the model: declared impulses, the response to executed volume, and disturbances."""

    impulses: list[Impulse]
    response: VolResponse
    troubles: list[Disturbance]


@dataclass(frozen=True)
class QuotedRows:
    """Rows of all contracts, contract after contract: contract number, UTC ns of the row and of its view of the spot, first rows."""

    contract: Ints
    ts: Ints
    as_of: Ints
    starts: Ints


def quote_contracts(key: StreamKey, model: MarketModel, contracts: Ints, updates: Ints, calm: Path, market: Market) -> QuoteBook:
    """Return the book of `contracts` (sorted numbers); `updates` per contract of the chain, `calm` the path without impact.

    Every contract has a stream of its own, and every expiry one for the times that its contracts share, so that call and put, and
    strike and strike, see one spot. Rows that change nothing are dropped.
    """
    shared = _shared(key, model, contracts, updates, calm)
    parts = [_one(key, model, int(c), int(n), shared, market) for c, n in zip(contracts, updates[contracts], strict=True)]
    lengths = np.array([len(part.times.ts) for part in parts], dtype=np.int64)
    rows = QuotedRows(
        np.repeat(contracts, lengths),
        np.concatenate([part.times.ts for part in parts]),
        np.concatenate([part.times.as_of for part in parts]),
        np.concatenate([[0], np.cumsum(lengths)]),
    )
    noise = join_noise([part.noise for part in parts])
    widening = np.concatenate([part.widening for part in parts]) * troubles.widening(market.troubles, rows.contract, rows.ts)
    values = model.fair(rows.contract, rows.as_of, rows.starts, np.concatenate([part.log_vol for part in parts]))
    columns = _columns(model, rows, noise, values, widening)
    troubles.bend(market.troubles, model.terms.chain.tick_class, columns)
    kept = troubles.quiet(market.troubles, rows.contract, rows.ts)
    return make_book(_with_odd_states(model, _changed({name: column[kept] for name, column in columns.items()}), noise))


@dataclass(frozen=True)
class _Part:
    times: QuoteTimes
    noise: QuoteNoise
    log_vol: Floats
    widening: Floats


def _shared(key: StreamKey, model: MarketModel, contracts: Ints, updates: Ints, calm: Path) -> dict[int, Ints]:
    chain, by_expiry = model.chain, model.chain.column("expiry_index")[contracts]
    shared = {}
    for index in np.unique(by_expiry).tolist():
        expiry, mine = chain.expiries[index], contracts[by_expiry == index]
        rng = key.stream(chain.ticker, f"refresh {expiry.root} {expiry.day}")
        # The busiest contracts of the whole expiry say how often: what happens to trade changes nothing.
        busiest = np.sort(updates[chain.starts[index] : chain.starts[index + 1]])[-_BUSIEST:]
        count = float(busiest.mean()) * _SHARED_SHARE
        shared[index] = shared_times(rng, model.clock, calm, int(count), int(model.last_trade_ns(mine[:1])[0]))
    return shared


def _one(key: StreamKey, model: MarketModel, contract: int, updates: int, shared: dict[int, Ints], market: Market) -> _Part:
    chain = model.chain
    expiry, log_strike = int(chain.column("expiry_index")[contract]), float(np.log(chain.column("strike")[contract]))
    rng = key.stream(chain.ticker, f"quotes {chain.column('option_symbol')[contract]}")
    base = base_times(rng, model.clock, shared[expiry], int(updates * (1.0 - _SHARED_SHARE)))
    noise = draw_noise(rng, len(base.ts))
    felt = [impulse for impulse in market.impulses if impulse.weight(expiry, log_strike) > 0.01]
    mine = market.response.felt.ts[market.response.felt.contract == contract]
    extra = np.concatenate([echo_times(mine), forced_times(market.troubles, contract), *(answer_times(i) for i in felt)])
    last = int(model.last_trade_ns(np.array([contract]))[0])
    times, noise = with_answers(base, noise, shared[expiry], extra[extra < last])
    log_vol, widening = effect(felt, expiry, log_strike, times.ts)
    return _Part(times, noise, log_vol + market.response.at(contract, times.ts), widening)


def _prices(model: MarketModel, noise: QuoteNoise, values: Values, widening: Floats) -> tuple[Ints, Ints]:
    terms, ticks = model.terms.liquidity, model.terms.chain.tick_class
    widening = widening * model.mechanism.spread_scale
    # Form of the half-spread: hedge cost, volatility risk and a fixed cost (SEED after MP2020).
    half = 0.5 * np.abs(values.delta) * terms.stock_spread + terms.vol_width * values.vega + terms.cost
    # Deep in the money the hedge is the whole price: wider in USD, as wider in percent out of the money.
    half = half * (1.0 + _DEEP_WIDTH * np.maximum(np.abs(values.delta) - 0.5, 0.0)) * widening * np.exp(0.22 * noise.spread)
    middle = values.price + _LEAN * half * noise.lean
    bid = floor_cents(ticks, middle - half)
    ask = ceil_cents(ticks, middle + half)
    return bid, np.maximum(ask, bid + step_cents(ticks, bid))


def _columns(model: MarketModel, rows: QuotedRows, noise: QuoteNoise, values: Values, widening: Floats) -> dict[str, np.ndarray]:
    opening = 1.0 + 1.2 * np.exp(-model.clock.fraction(rows.ts) / 0.008)
    bid, ask = _prices(model, noise, values, widening * opening)
    median = model.terms.liquidity.quote_size * np.where(values.price < 0.5, 2.0, 1.0)
    bid_size, ask_size = (np.maximum(np.rint(median * np.exp(_SIZE_SPREAD * size)), 1).astype(np.int64) for size in noise.sizes)
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
    kept = pd.concat([table, back[back["ts"] < model.last_trade_ns(back["contract"].to_numpy())]])
    return kept.sort_values(["contract", "ts"], kind="stable", ignore_index=True)[list(QUOTE_COLUMNS)]
