"""Execution of single-contract orders against the quotes: prints, and what they do to the quotes."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.draws import MAX_FILLS, Draws, draw, exponential
from smartmoney_pipeline.scenarios.fills import Fills, running_delay, split_orders
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import Report, Style
from smartmoney_pipeline.scenarios.quote_book import QuoteBook
from smartmoney_pipeline.scenarios.ticks import TickClass, floor_cents, step_cents, walk_cents
from smartmoney_pipeline.scenarios.venues import other_venues, venues_at
from smartmoney_pipeline.schemas.units import NS_PER_MS

PRINT_COLUMNS = ("ts", "contract", "price", "size", "venue", "condition", "event", "side", "report", "order", "unit")
"""Prints inside the generator: UTC ns, contract number, cents, contracts, letters as ASCII, event number, customer side, `Report`, number
of the order (packages below 0), unit of the order."""

_ELECTRONIC = np.array([ord("I"), ord(" ")])
_CODES = {Style.AUCTION: "a", Style.CROSS: "c", Style.FLOOR: "e"}
_FLOOR_VENUES = np.array([ord(letter) for letter in "CXANB"], dtype=np.int64)
_PATIENT_SHARE = 0.3
"""Share of inside fills nearer the customer's own side (SEED)."""
_ROOM_STEPS = 3
_IMPROVED_SHARE, _BETTERING_SHARE = 0.92, 0.72
"""Steps between bid and offer that leave room inside, and shares of takers and resting customers who then trade there (BILZ-THESIS:
seven of ten prints lie inside where quotes are wide)."""
_ALL_SHOWN_SHARE = 0.66
_FIRST_SHOWN_SHARE = 0.85
"""Shares of near-sized takers who take all that is shown, and of larger ones whose first fill is all that is shown (SEED)."""
_HIDDEN = 0.6
"""Hidden and refreshed size at each price, relative to the displayed size (SEED)."""
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
    improve on the touch; resting customers are filled at their own side. Every order has draws of its own, whatever becomes of others.
    """
    draws, orders = draw(rng, len(orders)), orders.assign(order=np.arange(len(orders)))
    quote = book.at(orders["contract"].to_numpy(), orders["ts"].to_numpy())
    alive = keep_executable(orders, quote)
    orders, quote, draws = orders[alive].reset_index(drop=True), quote[alive].reset_index(drop=True), draws.of(alive)
    orders = _inside_where_wide(draws, model.terms.chain.tick_class, orders, quote)
    displayed = np.maximum(np.where(_meets_ask(orders), quote["ask_size"], quote["bid_size"]), 1)
    orders["size"] = _all_shown(draws, orders, displayed)
    fills = _fills(draws, model, orders, displayed)
    prints = _prints(draws, model, orders, quote, fills, _levels(model, orders, fills, displayed))
    return prints, _touched(draws, prints, orders, quote, fills, _levels(model, orders, fills, displayed), displayed)


def _inside_where_wide(draws: Draws, ticks: TickClass, orders: pd.DataFrame, quote: pd.DataFrame) -> pd.DataFrame:
    """Where there is room between the quotes, some takers are improved upon and some resting customers are better than the quote."""
    bid, ask, style = quote["bid"].to_numpy(), quote["ask"].to_numpy(), orders["style"].to_numpy()
    wide = ask - bid >= _ROOM_STEPS * step_cents(ticks, bid)
    takers = (style == Style.TAKE) & ~orders["sweep"].to_numpy() & (draws.order[:, 9] < _IMPROVED_SHARE)
    resting = (style == Style.REST) & (draws.order[:, 9] < _BETTERING_SHARE)
    style = np.where(wide & (takers | resting), int(Style.INSIDE), style)
    return orders.assign(style=style, patient=np.where(wide & (takers | resting), resting, draws.order[:, 5] < _PATIENT_SHARE))


def _prints(draws: Draws, model: MarketModel, orders: pd.DataFrame, quote: pd.DataFrame, fills: Fills, level: Ints) -> pd.DataFrame:
    ticks = model.terms.chain.tick_class
    price = _prices(draws, ticks, orders, quote)
    side = orders["side"].to_numpy()[fills.order]
    walked = walk_cents(ticks, price[fills.order], side * level)
    contract = orders["contract"].to_numpy()[fills.order]
    ts = orders["ts"].to_numpy()[fills.order] + _delays(draws, orders, fills)
    extended = (orders["report"] == Report.EXTENDED).to_numpy()[fills.order]
    return pd.DataFrame(
        {
            "ts": np.where(extended, ts, np.minimum(ts, model.last_trade_ns(contract) - 1_000)),
            "contract": contract,
            "price": np.maximum(np.where(level > 0, walked, price[fills.order]), step_cents(ticks, 0)),
            "size": fills.size,
            "venue": _venues(draws, model, orders, quote, fills),
            "condition": _conditions(draws, model, orders)[fills.order],
            "event": orders["event"].to_numpy()[fills.order],
            "side": side,
            **{name: orders[name].to_numpy()[fills.order] for name in ("report", "order", "unit")},
        }
    )


def _meets_ask(orders: pd.DataFrame) -> np.ndarray:
    return ((orders["side"] > 0) ^ (orders["style"] == Style.REST)).to_numpy()


def _all_shown(draws: Draws, orders: pd.DataFrame, displayed: Ints) -> Ints:
    # Some takers want about what is shown and then take exactly that; the trade-size rule reads them wrongly.
    size = orders["size"].to_numpy()
    takers = (orders["style"] == Style.TAKE) | ((orders["style"] == Style.INSIDE) & ~orders["patient"])
    near = takers.to_numpy() & (size <= 3 * displayed) & (3 * size >= displayed)
    return np.where(near & (draws.order[:, 0] < _ALL_SHOWN_SHARE), displayed, size)


def _fills(draws: Draws, model: MarketModel, orders: pd.DataFrame, displayed: Ints) -> Fills:
    size, style = orders["size"].to_numpy(), orders["style"].to_numpy()
    taken, sweep = style == Style.TAKE, orders["sweep"].to_numpy()
    shown = 0.3 + 0.2 * _HIDDEN * model.mechanism.hidden_size + 0.4 * (draws.order[:, 1] - 0.5)
    natural = np.ceil(size / np.maximum(displayed * shown, 1.0)).astype(np.int64)
    natural = np.where(size == displayed, 1, natural)
    responders = np.where((size > 20) & (draws.order[:, 2] < 0.5), 2, 1)
    swept = np.maximum(natural, 2 + (4 * draws.order[:, 3]).astype(np.int64))
    count = np.where(taken, np.where(sweep, swept, natural), np.where(style == Style.AUCTION, responders, 1))
    all_of_it = taken & (size > displayed) & (draws.order[:, 4] < _FIRST_SHOWN_SHARE)
    weights = 0.3 + exponential(draws.fill[:, :, 0])
    return split_orders(weights, size, np.minimum(count, MAX_FILLS), np.where(all_of_it, displayed, 0))


def _levels(model: MarketModel, orders: pd.DataFrame, fills: Fills, displayed: Ints) -> Ints:
    takes = (orders["style"] == Style.TAKE).to_numpy()[fills.order]
    there = displayed[fills.order] * (1.0 + _HIDDEN * model.mechanism.hidden_size)
    return np.where(takes, np.minimum((fills.before / there).astype(np.int64), _MAX_LEVELS), 0)


def _prices(draws: Draws, ticks: TickClass, orders: pd.DataFrame, quote: pd.DataFrame) -> Ints:
    bid, ask = quote["bid"].to_numpy(), quote["ask"].to_numpy()
    side, style = orders["side"].to_numpy(), orders["style"].to_numpy()
    touch, own = np.where(side > 0, ask, bid), np.where(side > 0, bid, ask)
    spread = np.maximum(ask - bid, 0)
    patient = orders["patient"].to_numpy()
    start, direction = np.where(patient, own, touch), np.where(patient, -side, side)
    depth = np.maximum(draws.order[:, 6], draws.order[:, 7]) * draws.order[:, 8]
    inside = _on_grid(ticks, start - direction * depth * spread, bid, ask)
    middle = _on_grid(ticks, 0.5 * (bid + ask), bid, ask)
    auction = np.clip(np.rint(touch - side * _improvement(draws) * spread), np.minimum(bid, ask), np.maximum(bid, ask))
    choices = [style == Style.TAKE, style == Style.REST, style == Style.INSIDE, style == Style.MIDDLE]
    picked = np.select(choices, [touch, own, inside, middle], default=auction)
    floor = style == Style.FLOOR
    return np.maximum(np.where(floor, inside, picked), 1).astype(np.int64)


def _improvement(draws: Draws) -> Floats:
    # 30 to 70 % of auctions improve, by 10 to 40 % of the half-spread and now and then to the middle (HKR2025; SEED).
    how, far, whether = draws.order[:, 6], draws.order[:, 7], draws.order[:, 8]
    improved = np.where(how < 0.88, 0.04 + 0.14 * far, 0.3 + 0.2 * far)
    return np.where(whether < 0.68, improved, 0.0)


def _on_grid(ticks: TickClass, cents: Floats, bid: Ints, ask: Ints) -> Ints:
    low, high = np.minimum(bid, ask), np.maximum(bid, ask)
    step = step_cents(ticks, cents)
    return np.clip(floor_cents(ticks, (cents + 0.5 * step) / 100.0), low, high)


def _venues(draws: Draws, model: MarketModel, orders: pd.DataFrame, quote: pd.DataFrame, fills: Fills) -> Ints:
    touch = np.where(_meets_ask(orders), quote["ask_exchange"], quote["bid_exchange"])
    style = orders["style"].to_numpy()
    at_touch = (style == Style.TAKE) & (draws.order[:, 9] < 0.5)
    shown = (style == Style.TAKE) & (orders["size"].to_numpy() >= np.where(_meets_ask(orders), quote["ask_size"], quote["bid_size"]))
    first = np.where(at_touch | shown, touch, venues_at(draws.order[:, 10]))
    floor_venue = _FLOOR_VENUES[(draws.order[:, 10] * len(_FLOOR_VENUES)).astype(np.int64)]
    first = np.where(style == Style.FLOOR, floor_venue, first)
    routed = (orders["sweep"].to_numpy() | (draws.order[:, 11] < 0.4)) & (style == Style.TAKE)
    letters = other_venues(draws.order[:, 9][fills.order], first[fills.order], np.where(routed[fills.order], fills.number, 0))
    return model.venues(letters)


def _delays(draws: Draws, orders: pd.DataFrame, fills: Fills) -> Ints:
    takes = (orders["style"] == Style.TAKE).to_numpy()
    scale = np.where(orders["sweep"], 1.2, np.where(takes & (draws.order[:, 2] < 0.5), 2.5, 0.0))
    delay = exponential(draws.fill[fills.order, fills.number, 1]) * scale[fills.order] * NS_PER_MS
    return running_delay(delay, fills.number, fills.order).astype(np.int64)


def _conditions(draws: Draws, model: MarketModel, orders: pd.DataFrame) -> Ints:
    codes = np.where(draws.order[:, 3] < 0.97, *_ELECTRONIC)
    style = orders["style"].to_numpy()
    for special, letter in _CODES.items():
        codes[style == special] = ord(letter)
    # A class that is listed on one exchange has no other to protect: its sweeps carry no intermarket code.
    codes[orders["sweep"].to_numpy() & (not model.terms.is_index)] = ord("S")
    return codes.astype(np.int64)


def _touched(
    draws: Draws, prints: pd.DataFrame, orders: pd.DataFrame, quote: pd.DataFrame, fills: Fills, level: Ints, displayed: Ints
) -> pd.DataFrame:
    met = quote.loc[fills.order, ["bid", "ask", "bid_size", "ask_size", "bid_exchange", "ask_exchange"]].reset_index(drop=True)
    last = np.concatenate([fills.number[1:] == 0, [True]]) if len(fills.order) else np.empty(0, bool)
    own = pd.DataFrame(
        {
            "style": orders["style"].to_numpy()[fills.order],
            "level": level,
            "raised": np.where(fills.number == 0, 0, np.diff(level, prepend=0)) > 0,
            "last": last,
            "filled": fills.before + fills.size,
            "displayed": displayed[fills.order],
            "normal": draws.normal[fills.order, fills.number],
            **{f"u{i}": draws.fill[fills.order, fills.number, i] for i in range(2, 7)},
        }
    )
    return pd.concat([prints[["ts", "contract", "price", "size", "venue", "side"]], own, met], axis=1)
