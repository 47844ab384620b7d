"""Implied volatility and greeks of prints (D7). Belongs here: which quote is inverted, on which forward; the solver is a kernel."""

from typing import Any

import numpy as np
import numpy.typing as npt

from smartmoney_pipeline.market.aligned import AlignedPrints, Greeks
from smartmoney_pipeline.market.arrays import F8, I32, Bool
from smartmoney_pipeline.market.cited import Cited
from smartmoney_pipeline.market.contracts import ContractArrays, contract_years
from smartmoney_pipeline.market.greeks_kernel import greeks_rows
from smartmoney_pipeline.market.implied_kernel import implied_rows
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

PRICE_FLOOR_USD = Cited(0.03, "SEED")
"""Lowest mid that is inverted: three ticks of 0.01 USD. Below, the price grid decides the volatility."""

TIME_VALUE_FLOOR_USD = Cited(0.01, "SEED")
"""Lowest time value that is inverted: one tick of 0.01 USD."""


def implied_volatility(
    price: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    rate: npt.ArrayLike,
    is_call: npt.ArrayLike,
    price_floor: float = 0.0,
    time_value_floor: float = 0.0,
) -> F8:
    """Annual implied volatility of European options, equal-length or scalar inputs (USD, years, rate per year; nan rate = 0).

    nan where there is no solution: price at or below intrinsic value or above its bound, no time left, or below a floor (USD).
    """
    columns = np.broadcast_arrays(*(np.asarray(v, np.float64) for v in (price, forward, strike, years, rate)))
    p, f, k, t, r = (np.ascontiguousarray(np.atleast_1d(v)) for v in columns)
    calls = np.ascontiguousarray(np.broadcast_to(np.asarray(is_call, np.bool_), p.shape))
    discount = np.exp(-np.nan_to_num(r) * t)
    kept = p >= price_floor
    if time_value_floor > 0.0:
        kept &= p - discount * np.maximum(np.where(calls, f - k, k - f), 0.0) >= time_value_floor
    return implied_rows(np.where(kept, p, np.nan), f, k, t, discount, calls)


def mid_usd(bid: I32, ask: I32) -> F8:
    """Mid of a quote in USD; nan where it is not two-sided or crossed."""
    total = bid.astype(np.int64) + ask.astype(np.int64)
    return np.where(_two_sided(bid, ask), 0.5 * total / TICKS_PER_DOLLAR, np.nan)


def forward_per_underlying(aligned: AlignedPrints, contracts: ContractArrays) -> F8:
    """d forward / d underlying, taken as F / S; 1 where spot is unknown or the options price off their own forward."""
    spot = mid_usd(aligned.u_bid, aligned.u_ask)
    own_forward = contracts.underlying_forward_only[aligned.underlying]
    return np.where(np.isnan(spot) | own_forward, 1.0, aligned.forward / spot)


def _inverted_price(aligned: AlignedPrints, strike: F8, is_call: Bool) -> tuple[F8, Bool]:
    """Mid to invert and its right: an in-the-money print takes the out-of-the-money option of its pair where that is quoted."""
    own, pair = mid_usd(aligned.bid, aligned.ask), mid_usd(aligned.pair_bid, aligned.pair_ask)
    use_pair = inverts_pair(aligned, strike, is_call)
    return np.where(use_pair, pair, own), is_call ^ use_pair


def inverts_pair(aligned: AlignedPrints, strike: F8, is_call: Bool) -> Bool:
    """Whether `price_prints` inverts the other option of the pair: the print is in the money, and both are quoted."""
    in_the_money = np.where(is_call, aligned.forward > strike, aligned.forward < strike)
    return in_the_money & _two_sided(aligned.pair_bid, aligned.pair_ask) & _two_sided(aligned.bid, aligned.ask)


def _two_sided(bid: I32, ask: I32) -> Bool:
    return (bid > 0) & (ask >= bid)


def contract_terms(contracts: ContractArrays, contract: I32) -> dict[str, npt.NDArray[Any]]:
    """Strike in USD, right, and rate (unknown = 0) of each contract."""
    return {
        "strike": contracts.strike_ticks[contract] / TICKS_PER_DOLLAR,
        "is_call": contracts.is_call[contract],
        "rate": np.nan_to_num(contracts.rate[contract]),
    }


def price_prints(aligned: AlignedPrints, contracts: ContractArrays) -> Greeks:
    """Implied volatility and greeks of each print's contract at the mid of its NBBO; nan where no quote or forward allows it.

    Delta and gamma are per unit of the underlying (of the forward where spot is unknown, or where the options price off their own
    forward), vega per 1.00 of volatility. European exercise on the forward; the error for American options is in the limits.
    """
    terms = contract_terms(contracts, aligned.contract)
    years = contract_years(contracts, aligned.ts, aligned.contract)
    price, right = _inverted_price(aligned, terms["strike"], terms["is_call"])
    iv = implied_volatility(
        price, aligned.forward, terms["strike"], years, terms["rate"], right, PRICE_FLOOR_USD.value, TIME_VALUE_FLOOR_USD.value
    )  # fmt: skip
    discount, reach = np.exp(-terms["rate"] * years), forward_per_underlying(aligned, contracts)
    delta, gamma, vega = greeks_rows(iv, aligned.forward, terms["strike"], years, discount, reach, terms["is_call"])
    return Greeks(iv=iv, delta=delta, gamma=gamma, vega=vega)
