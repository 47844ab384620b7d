"""What the alignment carries from print to print, allocated once for a day. Belongs here: allocation, and rules by condition family."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I32, I64, Bool
from smartmoney_pipeline.market.baseline_kernel import BaselineState, empty_baselines
from smartmoney_pipeline.market.contracts import ContractArrays
from smartmoney_pipeline.market.forward_kernel import SliceState, empty_slices
from smartmoney_pipeline.market.quote_kernel import empty_quote_rows
from smartmoney_pipeline.market.underlying_kernel import empty_underlying_rows
from smartmoney_pipeline.market.venue_kernel import empty_venue_rows
from smartmoney_pipeline.schemas.codes import ConditionFamily

UNTIMELY = (ConditionFamily.LATE, ConditionFamily.CANCEL)
"""Families whose time is not that of the trade: quotes carried on them do not enter the state."""

TICK_FAMILIES = (ConditionFamily.SINGLE, ConditionFamily.SINGLE_AUCTION, ConditionFamily.UNKNOWN, ConditionFamily.OTHER)
"""Families whose price is one contract's own; a leg's price in a package is not."""


@dataclass(frozen=True, eq=False)
class FamilyRules:
    """By condition family (256): counts in baselines, tells the market of its time, sets the contract's last price."""

    counts: Bool
    is_timely: Bool
    sets_price: Bool


def family_rules() -> FamilyRules:
    """What a print of each condition family does to the state."""
    families = np.arange(256)
    return FamilyRules(
        counts=families != ConditionFamily.CANCEL,
        is_timely=~np.isin(families, UNTIMELY),
        sets_price=np.isin(families, TICK_FAMILIES),
    )


@dataclass(frozen=True, eq=False)
class AlignState:
    """Arrays per contract, underlying and slice; `slot` maps a contract to its row, -1 = not watched."""

    slot: I32
    quotes: I64
    venues: I64
    underlyings: I64
    underlying_floats: F8
    slices: SliceState
    baselines: BaselineState


def new_state(contracts: ContractArrays, watched: Bool, with_venues: bool) -> AlignState:
    """State before the first quote of the day; only `watched` contracts get rows."""
    slot = np.where(watched, np.cumsum(watched) - 1, -1).astype(np.int32)
    slots = max(int(watched.sum()), 1)
    count = max(len(contracts.underlying_forward_only), 1)
    underlyings, floats = empty_underlying_rows(count)
    return AlignState(
        slot=slot,
        quotes=empty_quote_rows(slots),
        venues=empty_venue_rows(slots if with_venues else 0),
        underlyings=underlyings,
        underlying_floats=floats,
        slices=empty_slices(
            contracts.slice_start,
            contracts.strikes,
            slots_of(slot, contracts.strike_call),
            slots_of(slot, contracts.strike_put),
            contracts.slice_dividends,
        ),
        baselines=empty_baselines(slots, count),
    )


def slots_of(slot: I32, contract: I32) -> I32:
    """Rows of state of contract ids; -1 (no contract) stays -1."""
    return np.where(contract >= 0, slot[contract], -1).astype(np.int32) if len(slot) else contract
