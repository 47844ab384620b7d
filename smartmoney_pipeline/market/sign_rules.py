"""The published signing rules, one function each. Belongs here: the side that a rule gives (+1 buy, -1 sell, 0 undecided) and its evidence.

Prices are whole ticks, and twice the price is compared with bid + ask: a mid-point in floats signs a fifth of the exact mids by rounding.
A missing bid or ask is -1, no bid or no ask is 0.
"""

from numba import njit

from smartmoney_pipeline.market.sign_params import SignParams


@njit(cache=True, nogil=True)
def quote_rule(price: int, bid: int, ask: int) -> int:
    """Above the mid is a buy, below it a sell; undecided without ask, at the mid, and inside a locked or crossed market."""
    if bid < 0 or ask <= 0 or ask <= price <= bid:
        return 0
    doubled, total = 2 * price, bid + ask
    return (doubled > total) - (doubled < total)


@njit(cache=True, nogil=True)
def trade_size_rule(size: int, bid_size: int, ask_size: int) -> int:
    """Size equal to the quoted bid size alone is a buy, to the ask size alone a sell: a resting order was filled (GSU2023)."""
    return int(size == bid_size and size != ask_size) - int(size == ask_size and size != bid_size)


@njit(cache=True, nogil=True)
def depth_rule(price: int, bid: int, ask: int, bid_size: int, ask_size: int) -> int:
    """At the exact mid of an open market, more size offered than bid is a buy, less is a sell (GSU2023)."""
    if bid <= 0 or ask <= bid or 2 * price != bid + ask or bid_size < 0 or ask_size < 0:
        return 0
    return (ask_size > bid_size) - (ask_size < bid_size)


@njit(cache=True, nogil=True)
def tick_rule(price: int, last_price: int) -> int:
    """Above the last different price is a buy, below it a sell."""
    return (price > last_price) - (price < last_price) if last_price > 0 else 0


@njit(cache=True, nogil=True)
def quote_evidence(price: int, bid: int, ask: int, is_iso: bool, size_known: bool, p: SignParams) -> float:
    """Evidence of the quote rule by place: outside, at the touch, or inside by distance from the mid."""
    if price > max(bid, ask) or price < min(bid, ask):
        return p.outside
    if price in (bid, ask):
        if is_iso:
            return p.iso
        return p.at_touch if size_known else p.at_touch_without_sizes
    distance = abs(2 * price - bid - ask) / (ask - bid)
    return p.inside_least + (p.inside_most - p.inside_least) * distance


@njit(cache=True, nogil=True)
def market_factor(bid: int, ask: int, p: SignParams) -> float:
    """What the state of the NBBO leaves of the evidence: no bid, wide, locked or crossed."""
    if bid < 0 or ask <= 0:
        return 1.0
    factor = p.zero_bid if bid == 0 else 1.0
    spread = ask - bid
    if spread > p.wide_ticks and 2 * spread > p.wide_share * (bid + ask):
        factor *= p.wide
    return factor * p.locked if spread <= 0 else factor


@njit(cache=True, nogil=True)
def agreement(price: int, side: int, earlier: tuple[int, int, int, int, int, int]) -> float:
    """Share of the known earlier quotes (bid, ask at three lags) on which the quote rule gives the same side; -1 where none is known."""
    known, same = 0, 0
    for lag in range(0, 6, 2):
        bid, ask = earlier[lag], earlier[lag + 1]
        if bid >= 0:
            known += 1
            same += quote_rule(price, bid, ask) == side
    return same / known if known > 0 else -1.0
