"""Background packages: the ordinary mix of multi-leg orders, opened, closed and rolled."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.background import contract_weights
from smartmoney_pipeline.scenarios.chain import Chain
from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import BACKGROUND, no_legs, package_legs, renumbered
from smartmoney_pipeline.scenarios.sizes import block_sizes, trade_sizes
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.structures import STOCK_SHARES, Placement, place_legs

# Mostly verticals, ratios, calendars and diagonals (LMP); shares inside that order are SEED.
_MIX = {
    "vertical": 0.40,
    "ratio": 0.07,
    "calendar": 0.14,
    "diagonal": 0.12,
    "straddle": 0.05,
    "strangle": 0.05,
    "risk_reversal": 0.06,
    "butterfly": 0.05,
    "iron_condor": 0.035,
    "covered_call": 0.025,
}
_CODES = {"f": 0.479, "g": 0.305, "j": 0.14, "l": 0.03, "h": 0.007, "i": 0.039}
_STOCK_CODES = {"n": 0.55, "k": 0.35, "o": 0.10}


def plan_packages(key: StreamKey, model: MarketModel, target: int) -> pd.DataFrame:
    """Return about `target` background packages as legs (columns of `orders.LEG_COLUMNS`)."""
    rng = key.stream(model.chain.ticker, "background packages")
    names = [name for name in _MIX if not (model.terms.is_index and name in STOCK_SHARES)]
    share = np.array([_MIX[name] for name in names])
    counts = rng.multinomial(int(rng.poisson(target)), share / share.sum())
    parts = [_one_structure(rng, model, name, int(n)) for name, n in zip(names, counts, strict=True) if n]
    return renumbered(parts) if parts else no_legs()


def _one_structure(rng: np.random.Generator, model: MarketModel, name: str, count: int) -> pd.DataFrame:
    legs = place_legs(model.chain, name, _placement(rng, model, count))
    row = legs["package"].to_numpy()
    stock = name in STOCK_SHARES
    code = _codes(rng, _STOCK_CODES if stock else _CODES, count)
    size = _package_sizes(rng, code, model.terms.flow.size_scale * model.mechanism.size_scale)
    side = rng.choice([-1, 1], count)
    first = legs["position"].to_numpy() == 0
    ts = model.clock.busy_times(rng.random(count))
    shares = np.where(first, STOCK_SHARES.get(name, 0) * (side * size)[row], 0)
    return package_legs(
        ts=ts[row], package=row, contract=legs["contract"].to_numpy(), side=side[row] * legs["side"].to_numpy(),
        size=size[row] * legs["ratio"].to_numpy(), condition=code[row], aggression=rng.beta(1.6, 2.4, count)[row],
        shares=shares, event=BACKGROUND,
    )  # fmt: skip


def _codes(rng: np.random.Generator, shares: dict[str, float], count: int) -> Ints:
    return rng.choice([ord(code) for code in shares], count, p=list(shares.values())).astype(np.int64)


def _package_sizes(rng: np.random.Generator, code: Ints, scale: float) -> Ints:
    size = trade_sizes(rng, len(code), 0.8 * scale)
    floor, cross = code == ord("i"), (code == ord("h")) | (code == ord("o"))
    size[floor] = block_sizes(rng, int(floor.sum()), 45.0 * scale, 0.8)
    size[cross] = block_sizes(rng, int(cross.sum()), 110.0 * scale, 0.6)
    return np.minimum(size, 2_000)


def _placement(rng: np.random.Generator, model: MarketModel, count: int) -> Placement:
    chain, weights = model.chain, contract_weights(model)
    by_expiry = np.bincount(chain.column("expiry_index"), weights, len(chain.expiries))
    expiry = rng.choice(len(chain.expiries), count, p=by_expiry / by_expiry.sum())
    middle = _middle_strikes(chain, model.path.spot(np.array([model.clock.open_ns]))[0])[expiry]
    strike = middle + np.rint(1.8 * rng.standard_normal(count)).astype(np.int64)
    far = np.minimum(expiry + rng.integers(1, 4, count), chain.regular_expiries - 1)
    is_call = rng.random(count) < 0.55
    return Placement(expiry.astype(np.int64), strike, rng.choice([1, 1, 2, 2, 3, 4], count), is_call, far.astype(np.int64))


def _middle_strikes(chain: Chain, spot: float) -> Ints:
    return np.array([int(chain.nearest(i, np.array([spot]))[0]) for i in range(len(chain.expiries))])
