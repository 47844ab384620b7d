"""Prints with the market that stood before them, and what later stages add. Belongs here: the records, no computation."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I32, I64, U8, Bool, column_types


class _Table:
    """Rows of equal-length arrays that can be cut and joined."""

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """One table of the rows of `parts`, in their order; of no rows where `parts` is empty."""
        names = column_types(cls)
        if not parts:
            return cls(**{name: np.empty(0, dtype) for name, dtype in names.items()})
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def slice(self, start: int, stop: int) -> Self:
        """Rows `start` up to and without `stop`, as views."""
        return type(self)(**{name: getattr(self, name)[start:stop] for name in column_types(type(self))})

    def take(self, rows: I64 | Bool) -> Self:
        """The chosen rows (row numbers or a mask), as copies."""
        return type(self)(**{name: getattr(self, name)[rows] for name in column_types(type(self))})

    def __len__(self) -> int:
        return len(getattr(self, next(iter(column_types(type(self))))))


@dataclass(frozen=True, eq=False)
class AlignedPrints(_Table):
    """One chunk of prints in tape order, each with the state strictly before it.

    Times are int64 ns UTC, prices int32 ticks of 1e-4 USD, sizes contracts. -1 stands for none, nan for unknown.
    """

    ts: I64
    contract: I32
    underlying: I32
    price: I32
    size: I32
    venue: U8
    condition: U8
    family: U8
    order: I64
    bid: I32
    ask: I32
    bid_size: I32
    ask_size: I32
    quote_ts: I64
    bid_exchange: U8
    ask_exchange: U8
    disagrees: Bool
    bid_1ms: I32
    ask_1ms: I32
    bid_10ms: I32
    ask_10ms: I32
    bid_100ms: I32
    ask_100ms: I32
    history_short: Bool
    pair_bid: I32
    pair_ask: I32
    ref_bid: I32
    ref_ask: I32
    ref_mid_u: F8
    venue_bid: I32
    venue_ask: I32
    venue_bid_size: I32
    venue_ask_size: I32
    u_bid: I32
    u_ask: I32
    u_quote_ts: I64
    u_return_30s: F8
    u_sigma_1s: F8
    u_return_open: F8
    forward: F8
    forward_source: U8
    rate: F8
    last_price: I32
    contract_rate_hz: F8
    underlying_rate_hz: F8
    contract_volume: I64
    underlying_volume: I64
    premium_log_mean: F8
    premium_log_var: F8
    size_p99: F8
    premium_count: I64

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, field.name)) for field in fields(self)}
        if len(lengths) > 1:
            raise ValueError(f"columns of aligned prints differ in length: {sorted(lengths)}")


@dataclass(frozen=True, eq=False)
class SignedPrints(_Table):
    """Probability that the customer bought (nan = not signed), the deciding `SignLayer`, and the share of lags that agree."""

    p_buy: F8
    sign_layer: U8
    sign_stability: F8


@dataclass(frozen=True, eq=False)
class Greeks(_Table):
    """Implied volatility (annual, decimals), delta and gamma per unit of underlying, vega per 1.00 of volatility, in USD."""

    iv: F8
    delta: F8
    gamma: F8
    vega: F8
