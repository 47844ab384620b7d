"""The layers of signing in their order. Belongs here: which rule decides a print, and how much evidence it gives."""

import math
from typing import NamedTuple

from numba import njit

from smartmoney_pipeline.market.arrays import F8, I32, U8, Bool
from smartmoney_pipeline.market.sign_params import SignParams
from smartmoney_pipeline.market.sign_rules import (
    agreement,
    depth_rule,
    market_factor,
    quote_evidence,
    quote_rule,
    tick_rule,
    trade_size_rule,
)
from smartmoney_pipeline.schemas.codes import SignLayer

NONE, EXCLUDED = int(SignLayer.NONE), int(SignLayer.EXCLUDED)
TRADE_SIZE, NBBO_QUOTE, VENUE_QUOTE = int(SignLayer.TRADE_SIZE), int(SignLayer.NBBO_QUOTE), int(SignLayer.VENUE_QUOTE)
DEPTH, CAUSAL_TICK = int(SignLayer.DEPTH), int(SignLayer.CAUSAL_TICK)


class SignIn(NamedTuple):
    """Columns that signing reads. `own_*_size` is the printing venue's size (-1 unknown); `weaken` multiplies the evidence."""

    price: I32
    size: I32
    condition: U8
    is_excluded: Bool
    is_auction: Bool
    bid: I32
    ask: I32
    bid_size: I32
    ask_size: I32
    venue_bid: I32
    venue_ask: I32
    own_bid_size: I32
    own_ask_size: I32
    last_price: I32
    weaken: F8


class LagIn(NamedTuple):
    """The NBBO a little before each print."""

    bid_1ms: I32
    ask_1ms: I32
    bid_10ms: I32
    ask_10ms: I32
    bid_100ms: I32
    ask_100ms: I32


@njit(cache=True, nogil=True)
def sign_single(
    price: int, size: int, bid: int, ask: int, bid_size: int, ask_size: int, venue_bid: int, venue_ask: int,
    own_bid_size: int, own_ask_size: int, last_price: int, is_iso: bool, p: SignParams,
) -> tuple[int, float, int]:  # fmt: skip
    """Side, evidence in nats and layer of one electronic single-leg print; layers in the order of `SignLayer`."""
    has_quote = bid >= 0 and ask > 0
    if has_quote and bid <= price <= ask and size <= p.trade_size_most:
        side = trade_size_rule(size, own_bid_size, own_ask_size)
        if side != 0:
            return side, p.trade_size, TRADE_SIZE
    side = quote_rule(price, bid, ask)
    if side != 0:
        size_known = (own_ask_size if side > 0 else own_bid_size) >= 0
        return side, quote_evidence(price, bid, ask, is_iso, size_known, p), NBBO_QUOTE
    side = quote_rule(price, venue_bid, venue_ask)
    if side != 0:
        return side, p.venue_quote, VENUE_QUOTE
    side = depth_rule(price, bid, ask, bid_size, ask_size)
    if side != 0:
        return side, p.depth, DEPTH
    side = tick_rule(price, last_price) if has_quote else 0
    return side, p.tick, CAUSAL_TICK if side != 0 else NONE


@njit(cache=True, nogil=True)
def sign_auction(price: int, bid: int, ask: int, early_bid: int, early_ask: int, last_price: int, p: SignParams) -> tuple[int, float, int]:
    """Side, evidence and layer of an auction print: the NBBO when the auction began, else that of its report, else the tick."""
    early = early_bid >= 0
    side = quote_rule(price, early_bid, early_ask) if early else quote_rule(price, bid, ask)
    if side != 0:
        return side, (p.auction if early else p.auction_now), NBBO_QUOTE
    side = tick_rule(price, last_price) if bid >= 0 and ask > 0 else 0
    return side, p.tick, CAUSAL_TICK if side != 0 else NONE


@njit(cache=True, nogil=True)
def sign_rows(prints: SignIn, lags: LagIn, p: SignParams, p_buy: F8, layers: U8, stability: F8) -> None:
    """Fill probability of a customer purchase, layer, and stability; an unsigned print has nan."""
    price, size, condition, excluded, auction, bid, ask, bid_size, ask_size = prints[:9]
    venue_bid, venue_ask, own_bid_size, own_ask_size, last_price, weaken = prints[9:]
    bid_1, ask_1, bid_10, ask_10, bid_100, ask_100 = lags
    for i in range(len(price)):
        p_buy[i], stability[i], layers[i] = math.nan, math.nan, EXCLUDED
        if excluded[i]:
            continue
        if auction[i]:
            side, nats, layer = sign_auction(price[i], bid[i], ask[i], bid_100[i], ask_100[i], last_price[i], p)
        else:
            side, nats, layer = sign_single(
                price[i], size[i], bid[i], ask[i], bid_size[i], ask_size[i], venue_bid[i], venue_ask[i],
                own_bid_size[i], own_ask_size[i], last_price[i], condition[i] == p.iso_condition, p,
            )  # fmt: skip
        layers[i] = layer
        if layer == NONE:
            continue
        nats *= weaken[i] * market_factor(bid[i], ask[i], p)
        if layer == NBBO_QUOTE:
            earlier = (bid_1[i], ask_1[i], bid_10[i], ask_10[i], bid_100[i], ask_100[i])
            share = agreement(price[i], side, earlier)
            if share >= 0.0:
                stability[i] = share
                nats *= share
        p_buy[i] = 1.0 / (1.0 + math.exp(-side * nats))
