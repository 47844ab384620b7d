"""What the alignment carries from print to print, allocated once for a day. Belongs here: allocation, and rules by condition family."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I32, I64, Bool
from smartmoney_pipeline.market.baseline_kernel import BaselineState, empty_baselines
from smartmoney_pipeline.market.contracts import ContractArrays
from smartmoney_pipeline.market.forward_kernel import BEST_STRIKE, SliceState, empty_slices
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


def grown_state(state: AlignState, before: ContractArrays, contracts: ContractArrays, watched: Bool) -> AlignState:
    """The same state with rows for contracts and underlyings that came after those of `before`, whose ids must not have changed."""
    slot = np.full(len(contracts), -1, np.int32)
    slot[: len(state.slot)] = state.slot
    used, fresh = int(np.count_nonzero(slot >= 0)), np.flatnonzero(watched & (slot < 0))
    slot[fresh] = used + np.arange(len(fresh))
    count = max(len(contracts.underlying_forward_only), 1)
    rows, floats = empty_underlying_rows(count)
    baselines = empty_baselines(_room(len(state.quotes), used + len(fresh)), count)
    quotes = state.quotes if len(state.quotes) >= used + len(fresh) else empty_quote_rows(_room(len(state.quotes), used + len(fresh)))
    venues = empty_venue_rows(len(baselines.contract) if len(state.venues) else 0)
    kept = [(state.underlyings, rows), (state.underlying_floats, floats), (state.quotes, quotes), (state.venues, venues)]
    for old, new in (*kept, *zip(state.baselines, baselines, strict=True)):
        new[: len(old)] = old
    return AlignState(slot, quotes, venues, rows, floats, _grown_slices(state, before, contracts, slot), baselines)


def _room(have: int, needed: int) -> int:
    """Rows to make: half as many again as there are, so that contracts that come one by one do not copy the state each time."""
    return have if needed <= have else max(needed, have + have // 2)


def _grown_slices(state: AlignState, before: ContractArrays, contracts: ContractArrays, slot: I32) -> SliceState:
    """Slices under their new numbers; a slice is found by a contract of it, a strike by its price."""
    calls, puts = slots_of(slot, contracts.strike_call), slots_of(slot, contracts.strike_put)
    grown = empty_slices(contracts.slice_start, contracts.strikes, calls, puts, contracts.slice_dividends)
    if not len(before):
        return grown
    old, first = np.unique(before.slice_id, return_index=True)
    new = contracts.slice_id[first]
    grown.rows[new], grown.floats[new] = state.slices.rows[old], state.slices.floats[old]
    for number in new[grown.rows[new, BEST_STRIKE] >= 0].tolist():
        low, high = contracts.slice_start[number : number + 2]
        strike = before.strikes[grown.rows[number, BEST_STRIKE]]
        grown.rows[number, BEST_STRIKE] = low + np.searchsorted(contracts.strikes[low:high], strike)
    return grown


def slots_of(slot: I32, contract: I32) -> I32:
    """Rows of state of contract ids; -1 (no contract) stays -1."""
    return np.where(contract >= 0, slot[contract], -1).astype(np.int32) if len(slot) else contract
