"""Background flow in single contracts: which contracts are active, and clustered orders in them."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.arrivals import clustered, inherit
from smartmoney_pipeline.scenarios.clock import Floats, Ints
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import BACKGROUND, Style, single_orders
from smartmoney_pipeline.scenarios.sizes import block_sizes, trade_sizes
from smartmoney_pipeline.scenarios.streams import StreamKey

# Shares of orders by style. Volume targets: electronic 55-58 %, auctions 17-24 %, floor to 9.5 %, crosses 4-5 % (NYSE-2020);
# resting customers so that the quote rule is right in about 60 % (BILZ-THESIS).
_STYLES: dict[Style, float] = {
    Style.TAKE: 0.275,
    Style.REST: 0.325,
    Style.INSIDE: 0.105,
    Style.MIDDLE: 0.075,
    Style.AUCTION: 0.2148,
    Style.CROSS: 0.0004,
    Style.FLOOR: 0.0048,
}
_SWEEP_SHARE = 0.10
_SAME_CONTRACT = 0.55
_SAME_SIDE = 0.65


def contract_weights(model: MarketModel) -> Floats:
    """Return the relative activity of every contract of the chain; sums to 1.

    Tenor: the share of today's expiry, then exponential in days, third Fridays favoured. Strikes: exponential in standard deviations
    from the forward, out of the money favoured.
    """
    chain, flow = model.chain, model.terms.flow
    days = chain.column("days")
    tenor = np.exp(-days / flow.tenor_days) * np.where(chain.column("am_settled"), 0.6, 1.0)
    now = np.full(len(chain), model.clock.open_ns, dtype=np.int64)
    values = model.european(np.arange(len(chain), dtype=np.int64), now)
    distance = np.abs(np.abs(values.delta) - 0.42)
    weight = tenor * np.exp(-distance / 0.13) * np.where(np.abs(values.delta) > 0.6, 0.4, 1.0)
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
    """Return about `target` background orders (columns of `orders.SINGLE_COLUMNS`)."""
    rng = key.stream(model.chain.ticker, "background")
    contracts, weights = active_contracts(model)
    ts, parent = clustered(rng, model.clock, target)
    count = len(ts)
    contract = inherit(rng, rng.choice(contracts, count, p=weights), parent, _SAME_CONTRACT)
    side = np.where(rng.random(count) < model.terms.flow.sell_share, -1, 1)
    side = inherit(rng, side, parent, _SAME_SIDE)
    style = rng.choice([int(s) for s in _STYLES], count, p=list(_STYLES.values()))
    size = _sizes(rng, style, model.terms.flow.size_scale)
    sweep = (style == Style.TAKE) & (rng.random(count) < np.where(size >= 10, 2.2 * _SWEEP_SHARE, 0.7 * _SWEEP_SHARE))
    return single_orders(ts=ts, contract=contract, side=side, size=size, style=style, sweep=sweep, event=BACKGROUND)


def _sizes(rng: np.random.Generator, style: Ints, scale: float) -> Ints:
    size = trade_sizes(rng, len(style), scale)
    floor, cross = style == Style.FLOOR, style == Style.CROSS
    size[floor] = block_sizes(rng, int(floor.sum()), 80.0 * scale, 0.8)
    size[cross] = block_sizes(rng, int(cross.sum()), 300.0 * scale, 0.7)
    # Retail auctions are small; solicited blocks travel under the same code now and then.
    auction = style == Style.AUCTION
    block = auction & (rng.random(len(style)) < 0.006)
    size[auction & ~block] = np.minimum(size[auction & ~block], 60)
    size[block] = block_sizes(rng, int(block.sum()), 300.0 * scale, 0.5)
    return size
