"""Background flow in single contracts: which contracts are active, and clustered orders in them."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.arrivals import BRANCHING, clustered, inherit
from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.mechanism import Mechanism
from smartmoney_pipeline.scenarios.metaorders import LENGTH_TAIL, metaorder_numbers
from smartmoney_pipeline.scenarios.orders import BACKGROUND, Style, single_orders
from smartmoney_pipeline.scenarios.sizes import block_sizes, trade_sizes
from smartmoney_pipeline.scenarios.streams import StreamKey

# Shares of orders by style. Volume targets: electronic 55-58 %, auctions 17-24 %, floor to 9.5 %, crosses 4-5 % (NYSE-2020);
# resting customers so that the quote rule is right in about 60 % (BILZ-THESIS).
_STYLES: dict[Style, float] = {
    Style.TAKE: 0.2116,
    Style.REST: 0.37,
    Style.INSIDE: 0.125,
    Style.MIDDLE: 0.075,
    Style.AUCTION: 0.2148,
    Style.CROSS: 0.0004,
    Style.FLOOR: 0.0032,
}
_SWEEP_SHARE = 0.16
_SAME_CONTRACT = 0.55
_SAME_SIDE = 0.65
_SPLIT_SHARE = 0.68
_PIECE_SECONDS = 14.0
"""Share of customer orders that are pieces of larger ones, and seconds between pieces of one (5 to 60 minutes for most: SEED)."""
_SAME_SIZE = 0.4
_MAX_BRANCHING = 0.85


def contract_weights(model: MarketModel) -> Floats:
    """Return the relative activity of every contract of the chain; sums to 1.

    Tenor: the share of today's expiry, then exponential in days, third Fridays favoured. Strikes: exponential in standard deviations
    from the forward, out of the money favoured.
    """
    chain, flow = model.chain, model.terms.flow
    days = chain.column("days")
    tenor = np.exp(-days / flow.tenor_days) * np.where(chain.column("am_settled"), 0.6, 1.0) * ~chain.column("adjusted")
    now = np.full(len(chain), model.clock.open_ns, dtype=np.int64)
    values = model.european(np.arange(len(chain), dtype=np.int64), now)
    distance = np.abs(np.abs(values.delta) - 0.38)
    weight = tenor * np.exp(-distance / 0.14) * np.where(np.abs(values.delta) > 0.6, 0.4, 1.0)
    return _with_zero_dte(weight, days == 0, flow.zero_dte_share)


def _with_zero_dte(weight: Floats, today: np.ndarray, share: float) -> Floats:
    rest = weight * ~today
    if not today.any():
        return rest / rest.sum()
    return share * weight * today / (weight * today).sum() + (1.0 - share) * rest / rest.sum()


def active_contracts(model: MarketModel) -> tuple[Ints, Floats]:
    """Return the contract numbers that background flow trades and their weights; sums to 1."""
    weights = contract_weights(model)
    chosen = np.sort(np.argsort(-weights, kind="stable")[: model.terms.flow.active_contracts])
    return chosen, weights[chosen] / weights[chosen].sum()


def plan_singles(key: StreamKey, model: MarketModel, target: int) -> pd.DataFrame:
    """Return about `target` background orders (columns of `orders.SINGLE_COLUMNS`), in time order."""
    rng, how = key.stream(model.chain.ticker, "background"), model.mechanism
    ts, parent = clustered(rng, model.clock, target, min(BRANCHING * how.clustering, _MAX_BRANCHING))
    count = len(ts)
    style = rng.choice([int(s) for s in Style], count, p=style_shares(how))
    size = _sizes(rng, style, model.terms.flow.size_scale * how.size_scale)
    routed = _SWEEP_SHARE * how.sweep_share * np.where(size >= 10, 2.2, 0.7)
    sweep = (style == Style.TAKE) & (rng.random(count) < routed)
    contract, side, size, piece_of = _customers(rng, model, ts, parent, style, size)
    orders = single_orders(ts=ts, contract=contract, side=side, size=size, style=style, sweep=sweep, event=BACKGROUND, unit=piece_of)
    return orders.iloc[np.argsort(ts, kind="stable")].reset_index(drop=True)


def style_shares(how: Mechanism) -> Floats:
    """Return the share of background orders of each `Style`; takers give and take what the multipliers change."""
    share = np.array([_STYLES[style] for style in Style])
    share[Style.REST] *= how.resting_share
    share[Style.AUCTION] *= how.auction_share
    rest = share.sum() - share[Style.TAKE]
    share[Style.TAKE] = max(1.0 - rest, 0.05)
    return np.asarray(share / share.sum(), dtype=np.float64)


def _customers(
    rng: np.random.Generator, model: MarketModel, ts: Ints, parent: Ints, style: Ints, size: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return contract, side, size and metaorder (or `ALONE`) of every order: pieces of larger orders keep all three, answers to a print
    take after it."""
    contracts, weights = active_contracts(model)
    count, order = len(ts), np.argsort(ts, kind="stable")
    at_once = max(round(_SPLIT_SHARE * count * _PIECE_SECONDS / model.clock.seconds), 1)
    number = np.empty(count, dtype=np.int64)
    number[order] = metaorder_numbers(rng, count, at_once, _SPLIT_SHARE, LENGTH_TAIL / model.mechanism.clustering)
    piece = number >= 0
    contract = inherit(rng, rng.choice(contracts, count, p=weights), parent, _SAME_CONTRACT)
    side = inherit(rng, np.where(rng.random(count) < model.terms.flow.sell_share, -1, 1), parent, _SAME_SIDE)
    worked = int(number.max(initial=-1)) + 1
    of_contract = rng.choice(contracts, worked, p=weights)
    of_side = np.where(rng.random(worked) < model.terms.flow.sell_share, -1, 1)
    contract[piece], side[piece] = of_contract[number[piece]], of_side[number[piece]]
    return contract, side, _worked_sizes(rng, number, style, size), number


def _worked_sizes(rng: np.random.Generator, number: Ints, style: Ints, size: Ints) -> Ints:
    # Some pieces repeat the size of the first of their order; large styles keep their own.
    plain = (number >= 0) & (style != Style.FLOOR) & (style != Style.CROSS) & (style != Style.AUCTION)
    repeats = plain & (rng.random(len(size)) < _SAME_SIZE)
    first = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    rows = np.flatnonzero(plain)[::-1]
    first[number[rows]] = size[rows]
    return np.where(repeats, first[np.maximum(number, 0)] if len(first) else size, size)


def _sizes(rng: np.random.Generator, style: Ints, scale: float) -> Ints:
    size = trade_sizes(rng, len(style), scale)
    floor, cross = style == Style.FLOOR, style == Style.CROSS
    size[floor] = block_sizes(rng, int(floor.sum()), 60.0 * scale, 0.8)
    size[cross] = block_sizes(rng, int(cross.sum()), 300.0 * scale, 0.7)
    # Retail auctions are small; solicited blocks travel under the same code now and then.
    auction = style == Style.AUCTION
    block = auction & (rng.random(len(style)) < 0.006)
    size[auction & ~block] = np.minimum(size[auction & ~block], 60)
    size[block] = block_sizes(rng, int(block.sum()), 300.0 * scale, 0.5)
    return size
