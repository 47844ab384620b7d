"""Execution of packages: all legs at one time on one venue, at a net price inside the package's own market; stock legs beside."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import ALONE
from smartmoney_pipeline.scenarios.quote_book import QuoteBook
from smartmoney_pipeline.scenarios.venues import draw_venues
from smartmoney_pipeline.schemas.units import NS_PER_MS

_AGAINST_SINGLES = np.array([ord(letter) for letter in "jlmqrs"])
_ON_FLOOR = np.array([ord(letter) for letter in "impst"])
_FLOOR_VENUES = np.array([ord(letter) for letter in "CXANB"], dtype=np.int64)


@dataclass(frozen=True)
class PackagePrints:
    """Leg prints (columns of `execution.PRINT_COLUMNS`) and stock prints (ts, price in USD, size in shares)."""

    legs: pd.DataFrame
    stock: pd.DataFrame


def execute_packages(rng: np.random.Generator, model: MarketModel, legs: pd.DataFrame, book: QuoteBook) -> PackagePrints:
    """Execute package legs; legs print in whole cents, as complex orders may, and trade at the touch if met by single orders."""
    quote = book.at(legs["contract"].to_numpy(), legs["ts"].to_numpy())
    condition = legs["condition"].to_numpy()
    prints = pd.DataFrame(
        {
            "ts": legs["ts"].to_numpy(),
            "contract": legs["contract"].to_numpy(),
            "price": _leg_prices(legs, quote, np.isin(condition, _AGAINST_SINGLES)),
            "size": legs["size"].to_numpy(),
            "venue": _venues(rng, model, legs),
            "condition": condition,
            "event": legs["event"].to_numpy(),
            "side": legs["side"].to_numpy(),
            "report": legs["report"].to_numpy(),
            "order": -1 - legs["package"].to_numpy(),
            "unit": ALONE,
        }
    )
    return PackagePrints(prints, _stock_prints(rng, model, legs))


def _leg_prices(legs: pd.DataFrame, quote: pd.DataFrame, at_touch: np.ndarray) -> Ints:
    bid, ask = quote["bid"].to_numpy(), quote["ask"].to_numpy()
    side = legs["side"].to_numpy()
    inside = 0.5 * (bid + ask) + side * legs["aggression"].to_numpy() * 0.5 * np.maximum(ask - bid, 0)
    price = np.where(at_touch, np.where(side > 0, ask, bid), np.rint(inside))
    return np.maximum(price, 1).astype(np.int64)


def _venues(rng: np.random.Generator, model: MarketModel, legs: pd.DataFrame) -> Ints:
    number = legs["package"].to_numpy()
    count = int(number.max(initial=-1)) + 1
    venue = draw_venues(rng, count)
    floor = rng.choice(_FLOOR_VENUES, count)
    letters = np.where(np.isin(legs["condition"].to_numpy(), _ON_FLOOR), floor[number], venue[number])
    return model.venues(letters)


def _stock_prints(rng: np.random.Generator, model: MarketModel, legs: pd.DataFrame) -> pd.DataFrame:
    tied = legs[legs["shares"] != 0]
    ts = tied["ts"].to_numpy() + (rng.uniform(0.1, 90.0, len(tied)) * NS_PER_MS).astype(np.int64)
    price = np.round(model.path.spot(tied["ts"].to_numpy()), 2)
    return pd.DataFrame({"ts": ts, "price": price, "size": np.abs(tied["shares"].to_numpy())})
