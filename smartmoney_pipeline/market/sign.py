"""Signing of prints as a probability (D6). Belongs here: the columns that the rules read, and what weakens them by contract."""

import numpy as np

from smartmoney_pipeline.market.aligned import AlignedPrints, SignedPrints
from smartmoney_pipeline.market.arrays import F8, I32, column_types
from smartmoney_pipeline.market.contracts import ContractArrays, contract_years
from smartmoney_pipeline.market.sign_kernel import LagIn, SignIn, sign_rows
from smartmoney_pipeline.market.sign_params import (
    DEEP_FACTOR,
    DEEP_MONEYNESS,
    LONG_DATED_FACTOR,
    UNKNOWN_FAMILY_FACTOR,
    UNSIGNED_FAMILIES,
    WEAK_FAMILIES,
    sign_params,
)
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR


def own_sizes(aligned: AlignedPrints) -> tuple[I32, I32]:
    """Bid and ask size of the printing venue: from its own quote, else the NBBO's where that venue sets it, else -1."""
    at_bid = np.where(aligned.bid_exchange == aligned.venue, aligned.bid_size, -1)
    at_ask = np.where(aligned.ask_exchange == aligned.venue, aligned.ask_size, -1)
    bid_size = np.where(aligned.venue_bid_size >= 0, aligned.venue_bid_size, at_bid)
    ask_size = np.where(aligned.venue_ask_size >= 0, aligned.venue_ask_size, at_ask)
    return bid_size.astype(np.int32), ask_size.astype(np.int32)


def contract_factor(aligned: AlignedPrints, contracts: ContractArrays) -> F8:
    """What expiry, moneyness and family leave of the evidence; unknown moneyness weakens nothing."""
    strike = contracts.strike_ticks[aligned.contract] / TICKS_PER_DOLLAR
    ratio = aligned.forward / strike
    moneyness = np.where(contracts.is_call[aligned.contract], ratio, 1.0 / ratio)
    factor = np.where(moneyness > DEEP_MONEYNESS.value, DEEP_FACTOR.value, 1.0)
    years = contract_years(contracts, aligned.ts, aligned.contract)
    factor *= np.where(years > 1.0, LONG_DATED_FACTOR.value, 1.0)
    return factor * np.where(np.isin(aligned.family, WEAK_FAMILIES), UNKNOWN_FAMILY_FACTOR.value, 1.0)


def sign_prints(aligned: AlignedPrints, contracts: ContractArrays) -> SignedPrints:
    """Probability that the customer bought, layer that decided, and stability, for each print.

    Every input is from strictly before the print. Legs of packages, matched, floor, late and extended-hours prints are `EXCLUDED`; a print
    that no rule decides is `NONE`; both have nan. Stability is the share of the quotes 1, 10 and 100 ms earlier on which the quote rule
    agrees (nan where none is known, or another rule decided).
    """
    bid_size, ask_size = own_sizes(aligned)
    named = {name: getattr(aligned, name) for name in column_types(SignIn) if hasattr(aligned, name)}
    prints = SignIn(
        **named,
        is_excluded=np.isin(aligned.family, UNSIGNED_FAMILIES),
        is_auction=aligned.family == ConditionFamily.SINGLE_AUCTION,
        own_bid_size=bid_size,
        own_ask_size=ask_size,
        weaken=contract_factor(aligned, contracts),
    )
    lags = LagIn(**{name: getattr(aligned, name) for name in column_types(LagIn)})
    n = len(aligned)
    out = SignedPrints(p_buy=np.empty(n), sign_layer=np.empty(n, np.uint8), sign_stability=np.empty(n))
    sign_rows(prints, lags, sign_params(), out.p_buy, out.sign_layer, out.sign_stability)
    return out
