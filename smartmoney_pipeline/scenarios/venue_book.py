"""The quotes of single venues behind an NBBO: at every moment their best is the NBBO, and the venue that it names shows its size."""

import numpy as np
import pandas as pd
from numba import njit

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.quote_book import QuoteBook
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.ticks import BREAK_CENTS as COARSE_CENTS
from smartmoney_pipeline.scenarios.ticks import step_cents
from smartmoney_pipeline.scenarios.venues import LETTERS

VENUE_COLUMNS = ("contract", "ts", "exchange", "bid", "ask", "bid_size", "ask_size")
_JOIN_SHARE = 0.35
"""Share of NBBO rows at which one more venue joins the best price with a smaller size (SEED)."""


def venue_rows(key: StreamKey, model: MarketModel, book: QuoteBook, traded: Ints) -> pd.DataFrame:
    """Return venue quotes of the contracts that trade (columns `VENUE_COLUMNS`, prices in cents, 0 = none), by contract and time."""
    place = np.zeros(128, dtype=np.int64)
    place[LETTERS] = np.arange(len(LETTERS))
    secret = int.from_bytes(key.digest(model.chain.ticker, "venue quotes")[:7], "big")
    venues = np.array([int(place[ord("C")])]) if model.terms.is_index else np.arange(len(LETTERS))
    parts = [_of_contract(model, book, int(c), place, venues, secret) for c in np.intersect1d(traded, book.numbers)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: np.empty(0, np.int64) for name in VENUE_COLUMNS})


def _of_contract(model: MarketModel, book: QuoteBook, contract: int, place: Ints, venues: Ints, secret: int) -> pd.DataFrame:
    row = int(np.searchsorted(book.numbers, contract))
    table = book.table.iloc[int(book.starts[row]) : int(book.starts[row + 1])]
    column = {name: table[name].to_numpy(dtype=np.int64) for name in table.columns}
    ticks = model.terms.chain.tick_class
    step, coarse = step_cents(ticks, column["bid"] - 1), int(step_cents(ticks, COARSE_CENTS))
    out = _follow(
        column["ts"], column["bid"], column["ask"], column["bid_size"], column["ask_size"],
        place[column["bid_exchange"]], place[column["ask_exchange"]], step, coarse, venues, np.uint64(secret),
    )  # fmt: skip
    names = ("ts", "exchange", "bid", "ask", "bid_size", "ask_size")
    frame = pd.DataFrame(dict(zip(names, out, strict=True)))
    return frame.assign(contract=contract, exchange=LETTERS[frame["exchange"]])[list(VENUE_COLUMNS)]


@njit(cache=True, nogil=True)
def _chance(secret: np.uint64, ts: int, salt: int) -> float:
    """Return a uniform that depends on the day, the time and the salt alone (SPLITMIX64), whatever other rows there are."""
    z = secret ^ (np.uint64(ts) * np.uint64(0x9E3779B97F4A7C15)) ^ (np.uint64(salt + 1) * np.uint64(0xD1B54A32D192ED03))
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def _legal(cents: int, coarse: int) -> int:
    return cents if cents < COARSE_CENTS else (cents + coarse - 1) // coarse * coarse


@njit(cache=True, nogil=True)
def _settle(
    price: Ints, size: Ints, best: int, best_size: int, named: int, away: int, coarse: int, venues: Ints, secret: np.uint64, ts: int,
    touched: np.ndarray,
) -> None:  # fmt: skip
    """Bring one side of all venues behind a new best price, in place: `away` is the signed step that makes a price worse."""
    sign = 1 if away < 0 else -1
    for i in range(venues.shape[0]):
        v = venues[i]
        if v == named:
            if price[v] != best or size[v] != best_size:
                price[v], size[v], touched[v] = best, best_size, True
        elif best <= 0 or (price[v] > 0 and (sign * (price[v] - best) > 0 or (price[v] == best and size[v] > best_size))):
            # Whoever would be better, or larger at the best price, steps back by one to four steps.
            worse = _legal(best + away * (1 + int(4.0 * _chance(secret, ts, 7 * v + sign))), coarse)
            fresh = max(worse, 0) if best > 0 else 0
            if price[v] != fresh:
                price[v], touched[v] = fresh, True
            if fresh == 0 and size[v] != 0:
                size[v], touched[v] = 0, True


@njit(cache=True, nogil=True)
def _follow(
    ts: Ints, bid: Ints, ask: Ints, bid_size: Ints, ask_size: Ints, bid_venue: Ints, ask_venue: Ints, step: Ints,
    coarse: int, venues: Ints, secret: np.uint64,
) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:  # fmt: skip
    """Walk through one contract's NBBO rows and write a row for every venue whose quote changes."""
    most = 1 + venues.max()
    vb, va = np.zeros(most, np.int64), np.zeros(most, np.int64)
    vbs, vas = np.zeros(most, np.int64), np.zeros(most, np.int64)
    room = 4 * ts.shape[0] + 64
    out = np.empty((6, room), np.int64)
    n = 0
    for i in range(ts.shape[0]):
        touched = np.zeros(most, np.bool_)
        if i == 0:
            for j in range(venues.shape[0]):
                v = venues[j]
                vb[v] = max(bid[i] - step[i] * (1 + int(4.0 * _chance(secret, ts[i], 11 * v))), 0) if bid[i] > 0 else 0
                va[v] = _legal(ask[i] + step[i] * (1 + int(4.0 * _chance(secret, ts[i], 13 * v))), coarse)
                vbs[v] = 1 + int(2.0 * bid_size[i] * _chance(secret, ts[i], 17 * v)) if vb[v] > 0 else 0
                vas[v] = 1 + int(2.0 * ask_size[i] * _chance(secret, ts[i], 19 * v))
                touched[v] = True
        elif _chance(secret, ts[i], 3) < _JOIN_SHARE:
            v = venues[int(venues.shape[0] * _chance(secret, ts[i], 5))]
            if bid[i] > 0 and bid_size[i] > 1:
                vb[v], vbs[v], touched[v] = bid[i], 1 + int((bid_size[i] - 1) * _chance(secret, ts[i], 23)), True
            if ask_size[i] > 1:
                va[v], vas[v], touched[v] = ask[i], 1 + int((ask_size[i] - 1) * _chance(secret, ts[i], 29)), True
        _settle(vb, vbs, bid[i], bid_size[i], bid_venue[i], -step[i], coarse, venues, secret, ts[i], touched)
        _settle(va, vas, ask[i], ask_size[i], ask_venue[i], step[i], coarse, venues, secret, ts[i], touched)
        if n + most > room:
            room *= 2
            grown = np.empty((6, room), np.int64)
            grown[:, :n] = out[:, :n]
            out = grown
        for j in range(venues.shape[0]):
            v = venues[j]
            if touched[v]:
                out[0, n], out[1, n], out[2, n] = ts[i], v, vb[v]
                out[3, n], out[4, n], out[5, n] = va[v], vbs[v], vas[v]
                n += 1
    return out[0, :n], out[1, :n], out[2, :n], out[3, :n], out[4, :n], out[5, :n]
