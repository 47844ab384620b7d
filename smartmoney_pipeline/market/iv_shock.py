"""Change of implied volatility against half a minute before, in volatility points and half-spreads. Belongs here: the pre-trade drift.

Both states are inverted from the contract's own mid, each on its own forward, so that a level error of the method cancels. The strike is
held, not the log-moneyness: over half a minute the difference is the skew times the move of the underlying.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from smartmoney_pipeline.market.align_params import REFERENCE_STEP_S
from smartmoney_pipeline.market.aligned import AlignedPrints
from smartmoney_pipeline.market.arrays import F8, I32, I64
from smartmoney_pipeline.market.cited import Cited
from smartmoney_pipeline.market.contracts import ContractArrays, contract_years
from smartmoney_pipeline.market.greeks_kernel import greeks_rows
from smartmoney_pipeline.market.pricing import (
    PRICE_FLOOR_USD,
    TIME_VALUE_FLOOR_USD,
    contract_terms,
    implied_volatility,
    inverts_pair,
    mid_usd,
)
from smartmoney_pipeline.schemas.units import NS_PER_SECOND, TICKS_PER_DOLLAR

SHOCK_FLOOR_HALF_SPREADS = Cited(0.5, "SEED")
"""A shock smaller than this many half-spreads (in volatility) is inside the price grid and is not reported."""

SHOCK_VEGA_FLOOR_USD = Cited(0.01, "SEED")
"""Least vega, USD per volatility point, at which a shock is reported."""


class IvShock(NamedTuple):
    """Shock in volatility points (nan = not reported), half of the quoted spread in points, and the shock in half-spreads."""

    points: F8
    half_spread_points: F8
    half_spreads: F8


def reference_time(ts: I64) -> I64:
    """Instant of the reference state of prints at `ts` (ns): one step before the current step began, 30 to 60 s earlier."""
    step = round(REFERENCE_STEP_S.value * NS_PER_SECOND)
    return ts - ts % step - step


def reference_forward(aligned: AlignedPrints, contracts: ContractArrays) -> F8:
    """Forward at the reference time: the underlying's mid then with the print's own basis; nan where either is unknown."""
    spot = mid_usd(aligned.u_bid, aligned.u_ask)
    own_forward = contracts.underlying_forward_only[aligned.underlying]
    return np.where(own_forward, np.nan, aligned.forward * aligned.ref_mid_u / spot)


def iv_shock_points(
    *,
    bid: I32,
    ask: I32,
    forward: F8,
    years: F8,
    ref_bid: I32,
    ref_ask: I32,
    ref_forward: F8,
    ref_years: F8,
    strike: F8,
    rate: F8,
    is_call: npt.NDArray[np.bool_],
    known_iv: F8 | None = None,
) -> IvShock:
    """Volatility now less volatility at the reference state, by row; quotes in ticks, forwards and strikes in USD.

    `known_iv`: volatility of the same quote where it has been inverted before, nan elsewhere. Not reported (nan) below the floors: less
    than half a half-spread, or a vega below a cent a point.
    """
    floors = (PRICE_FLOOR_USD.value, TIME_VALUE_FLOOR_USD.value)
    known = np.full(len(bid), np.nan) if known_iv is None else known_iv
    price = np.where(np.isnan(known), mid_usd(bid, ask), np.nan)
    now = np.where(np.isnan(known), implied_volatility(price, forward, strike, years, rate, is_call, *floors), known)
    discount = np.exp(-rate * years)
    vega = greeks_rows(now, forward, strike, years, discount, np.ones(len(now)), is_call)[2]
    sensitive = vega >= 100.0 * SHOCK_VEGA_FLOOR_USD.value
    # Below the floor nothing is reported, so the earlier state is inverted only above it.
    before = np.where(sensitive, mid_usd(ref_bid, ref_ask), np.nan)
    then = implied_volatility(before, ref_forward, strike, ref_years, rate, is_call, *floors)
    half_spread_usd = 0.5 * (ask.astype(np.int64) - bid) / TICKS_PER_DOLLAR
    half_spread = 100.0 * half_spread_usd / vega
    points = 100.0 * (now - then)
    with np.errstate(invalid="ignore"):
        told = (np.abs(points) >= SHOCK_FLOOR_HALF_SPREADS.value * half_spread) & sensitive
    points = np.where(told, points, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(half_spread > 0.0, points / half_spread, np.nan)
    return IvShock(points, half_spread, scaled)


def print_iv_shock(aligned: AlignedPrints, contracts: ContractArrays, iv: F8 | None = None) -> IvShock:
    """`iv_shock_points` of aligned prints against their own reference state; meant for the first prints of packets.

    `iv`: what `price_prints` found for the same prints; it saves the inversion where both read the same quote.
    """
    terms = contract_terms(contracts, aligned.contract)
    of_pair = inverts_pair(aligned, terms["strike"], terms["is_call"])
    return iv_shock_points(
        bid=aligned.bid,
        ask=aligned.ask,
        forward=aligned.forward,
        years=contract_years(contracts, aligned.ts, aligned.contract),
        ref_bid=aligned.ref_bid,
        ref_ask=aligned.ref_ask,
        ref_forward=reference_forward(aligned, contracts),
        ref_years=contract_years(contracts, reference_time(aligned.ts), aligned.contract),
        known_iv=None if iv is None else np.where(of_pair, np.nan, iv),
        **terms,
    )
