"""Execution of single-contract orders against the quotes: prints, and what they do to the quotes."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.fills import Fills, running_delay, split_orders
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import Style
from smartmoney_pipeline.scenarios.quote_book import QuoteBook
from smartmoney_pipeline.scenarios.ticks import TickClass, floor_cents, step_cents, walk_cents
from smartmoney_pipeline.scenarios.venues import draw_venues, other_venues
from smartmoney_pipeline.schemas.units import NS_PER_MS

PRINT_COLUMNS = ("ts", "contract", "price", "size", "venue", "condition", "event", "side")
"""Prints inside the generator: UTC ns, contract number, cents, contracts, letters as ASCII, event number, customer side."""

_ELECTRONIC = np.array([ord("I"), ord(" ")])
_CODES = {Style.AUCTION: "a", Style.CROSS: "c", Style.FLOOR: "e"}
_FLOOR_VENUES = np.array([ord(letter) for letter in "CXANB"], dtype=np.int64)
_MAX_FILLS = 9
_PATIENT_SHARE = 0.3
_ALL_SHOWN_SHARE = 0.22
"""Shares of inside fills nearer the customer's own side, and of near-sized takers who take all that is shown (SEED)."""
_MAX_LEVELS = 4


def keep_executable(orders: pd.DataFrame, quote: pd.DataFrame) -> np.ndarray:
    """Return which orders can trade: a market sale needs a bid, a resting purchase one to rest at."""
    needs_bid = (orders["side"] < 0) ^ (orders["style"] == Style.REST)
    return ~(needs_bid.to_numpy() & (quote["bid"].to_numpy() == 0))


def execute_singles(
    rng: np.random.Generator, model: MarketModel, orders: pd.DataFrame, book: QuoteBook
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (prints, touched): prints with `PRINT_COLUMNS`, and one row per fill of what it met, for `reactions`.

    Large market orders deplete the displayed size, split over venues and walk up the book; sweeps do so within milliseconds; auctions
    improve on the touch; resting customers are filled at their own side.
    """
    quote = book.at(orders["contract"].to_numpy(), orders["ts"].to_numpy())
    alive = keep_executable(orders, quote)
    orders, quote = orders[alive].reset_index(drop=True), quote[alive].reset_index(drop=True)
    displayed = np.maximum(np.where(_meets_ask(orders), quote["ask_size"], quote["bid_size"]), 1)
    orders["size"] = _all_shown(rng, orders, displayed)
    fills = split_orders(rng, orders["size"].to_numpy(), _fill_counts(rng, orders, displayed))
    level = _levels(orders, fills, displayed)
    ticks = model.terms.chain.tick_class
    price = _prices(rng, ticks, orders, quote)
    side = orders["side"].to_numpy()[fills.order]
    walked = walk_cents(ticks, price[fills.order], side * level)
    venue = _venues(rng, model, orders, quote, fills)
    ts = orders["ts"].to_numpy()[fills.order] + _delays(rng, orders, fills)
    prints = pd.DataFrame(
        {
            "ts": np.minimum(ts, model.clock.close_ns - 1_000),
            "contract": orders["contract"].to_numpy()[fills.order],
            "price": np.maximum(np.where(level > 0, walked, price[fills.order]), step_cents(ticks, 0)),
            "size": fills.size,
            "venue": venue,
            "condition": _conditions(rng, orders)[fills.order],
            "event": orders["event"].to_numpy()[fills.order],
            "side": side,
        }
    )
    return prints, _touched(prints, orders, quote, fills, level, displayed)


def _meets_ask(orders: pd.DataFrame) -> np.ndarray:
    return ((orders["side"] > 0) ^ (orders["style"] == Style.REST)).to_numpy()


def _all_shown(rng: np.random.Generator, orders: pd.DataFrame, displayed: Ints) -> Ints:
    # Some takers want about what is shown and then take exactly that; the trade-size rule reads them wrongly.
    size = orders["size"].to_numpy()
    near = (orders["style"] == Style.TAKE).to_numpy() & (size <= 2 * displayed) & (2 * size >= displayed)
    return np.where(near & (rng.random(len(size)) < _ALL_SHOWN_SHARE), displayed, size)


def _fill_counts(rng: np.random.Generator, orders: pd.DataFrame, displayed: Ints) -> Ints:
    size, style = orders["size"].to_numpy(), orders["style"].to_numpy()
    per_fill = np.maximum(displayed * rng.uniform(0.3, 0.7, len(size)), 1.0)
    natural = np.ceil(size / per_fill).astype(np.int64)
    responders = np.where((size > 20) & (rng.random(len(size)) < 0.5), 2, 1)
    swept = np.maximum(natural, rng.integers(2, 6, len(size)))
    count = np.where(style == Style.TAKE, np.where(orders["sweep"], swept, natural), np.where(style == Style.AUCTION, responders, 1))
    return np.minimum(count, _MAX_FILLS)


def _levels(orders: pd.DataFrame, fills: Fills, displayed: Ints) -> Ints:
    takes = (orders["style"] == Style.TAKE).to_numpy()[fills.order]
    # Hidden and refreshed size at each price: about as much again as displayed.
    return np.where(takes, np.minimum(fills.before // (2 * displayed[fills.order]), _MAX_LEVELS), 0)


def _prices(rng: np.random.Generator, ticks: TickClass, orders: pd.DataFrame, quote: pd.DataFrame) -> Ints:
    bid, ask = quote["bid"].to_numpy(), quote["ask"].to_numpy()
    side, style = orders["side"].to_numpy(), orders["style"].to_numpy()
    touch, own = np.where(side > 0, ask, bid), np.where(side > 0, bid, ask)
    spread = np.maximum(ask - bid, 0)
    patient = rng.random(len(side)) < _PATIENT_SHARE
    start, direction = np.where(patient, own, touch), np.where(patient, -side, side)
    inside = _on_grid(ticks, start - direction * rng.beta(1.5, 2.3, len(side)) * spread, bid, ask)
    middle = _on_grid(ticks, 0.5 * (bid + ask), bid, ask)
    auction = np.clip(np.rint(touch - side * _improvement(rng, len(side)) * spread), np.minimum(bid, ask), np.maximum(bid, ask))
    choices = [style == Style.TAKE, style == Style.REST, style == Style.INSIDE, style == Style.MIDDLE]
    picked = np.select(choices, [touch, own, inside, middle], default=auction)
    floor = style == Style.FLOOR
    return np.maximum(np.where(floor, inside, picked), 1).astype(np.int64)


def _improvement(rng: np.random.Generator, count: int) -> Floats:
    # 30 to 70 % of auctions improve, by 10 to 40 % of the half-spread and now and then to the middle (HKR2025; SEED).
    improved = np.where(rng.random(count) < 0.75, rng.uniform(0.05, 0.22, count), rng.uniform(0.3, 0.5, count))
    return np.where(rng.random(count) < 0.62, improved, 0.0)


def _on_grid(ticks: TickClass, cents: Floats, bid: Ints, ask: Ints) -> Ints:
    low, high = np.minimum(bid, ask), np.maximum(bid, ask)
    step = step_cents(ticks, cents)
    return np.clip(floor_cents(ticks, (cents + 0.5 * step) / 100.0), low, high)


def _venues(rng: np.random.Generator, model: MarketModel, orders: pd.DataFrame, quote: pd.DataFrame, fills: Fills) -> Ints:
    touch = np.where(_meets_ask(orders), quote["ask_exchange"], quote["bid_exchange"])
    takes = (orders["style"] == Style.TAKE).to_numpy()
    first = np.where(takes & (rng.random(len(orders)) < 0.5), touch, draw_venues(rng, len(orders)))
    floor = (orders["style"] == Style.FLOOR).to_numpy()
    first = np.where(floor, rng.choice(_FLOOR_VENUES, len(orders)), first)
    routed = (orders["sweep"].to_numpy() | (rng.random(len(orders)) < 0.4)) & takes
    letters = other_venues(rng, first[fills.order], np.where(routed[fills.order], fills.number, 0))
    return model.venues(letters)


def _delays(rng: np.random.Generator, orders: pd.DataFrame, fills: Fills) -> Ints:
    takes = (orders["style"] == Style.TAKE).to_numpy()
    scale = np.where(orders["sweep"], 1.2, np.where(takes & (rng.random(len(orders)) < 0.5), 2.5, 0.0))
    delay = rng.exponential(1.0, len(fills.order)) * scale[fills.order] * NS_PER_MS
    return running_delay(delay, fills.number, fills.order).astype(np.int64)


def _conditions(rng: np.random.Generator, orders: pd.DataFrame) -> Ints:
    codes = np.where(rng.random(len(orders)) < 0.97, *_ELECTRONIC)
    style = orders["style"].to_numpy()
    for special, letter in _CODES.items():
        codes[style == special] = ord(letter)
    codes[orders["sweep"].to_numpy()] = ord("S")
    return codes.astype(np.int64)


def _touched(prints: pd.DataFrame, orders: pd.DataFrame, quote: pd.DataFrame, fills: Fills, level: Ints, displayed: Ints) -> pd.DataFrame:
    met = quote.loc[fills.order, ["bid", "ask", "bid_size", "ask_size", "bid_exchange", "ask_exchange"]].reset_index(drop=True)
    last = np.concatenate([fills.number[1:] == 0, [True]]) if len(fills.order) else np.empty(0, bool)
    own = pd.DataFrame(
        {
            "order": fills.order,
            "style": orders["style"].to_numpy()[fills.order],
            "level": level,
            "raised": np.where(fills.number == 0, 0, np.diff(level, prepend=0)) > 0,
            "last": last,
            "filled": fills.before + fills.size,
            "displayed": displayed[fills.order],
        }
    )
    return pd.concat([prints[["ts", "contract", "price", "size", "venue", "side"]], own, met], axis=1)
