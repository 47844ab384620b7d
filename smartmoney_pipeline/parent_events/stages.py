"""The stages of the cascade as functions on waiting packets in tape order. Belongs here: which packets take part, and their keys.

Each stage gets row numbers of the store in tape order and the time before which every packet has been handed to it. It answers for each
row a group number, RELEASED (goes to the next stage) or PENDING (cannot be said yet), and the log-odds of the group.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I64, Bool
from smartmoney_pipeline.parent_events.burst_kernel import BUCKET_NATS, ClipSizes, herds, worked_orders
from smartmoney_pipeline.parent_events.chain_kernel import chain
from smartmoney_pipeline.parent_events.ladder_kernel import Ladder
from smartmoney_pipeline.parent_events.legged_kernel import legged_packages
from smartmoney_pipeline.parent_events.legged_sets_kernel import LEGGED_COLUMNS
from smartmoney_pipeline.parent_events.package_kernel import coded_packages
from smartmoney_pipeline.parent_events.packet_params import package_windows
from smartmoney_pipeline.parent_events.packet_store import PacketStore
from smartmoney_pipeline.parent_events.parent_params import (
    AUCTION_TICKET,
    CLOCK_ODDS,
    CONTRACT_SHARES,
    EQUAL_SIZE_CHANCE,
    ONE_LOT_FACTOR,
    ORDER_FAMILIES,
    SIMILAR_SIZE_CHANCE,
    SIZE_SLACK,
    TICKET_USD,
    ParentParams,
)
from smartmoney_pipeline.parent_events.patterns_kernel import FACTS
from smartmoney_pipeline.parent_events.terms import ContractTerms
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

SCOPE_BITS, BUCKET_BITS = 22, 6
CODED, LEGGED, WORKED, HERD = 1, 2, 4, 8
TAKES, SIDE = "_takes", "_side"


@dataclass(frozen=True, eq=False)
class Decided:
    """Answer of a stage, by row: group, log-odds, and the time at which the group was settled (0 where the stage's hold says it)."""

    group: I64
    odds: F8
    settled_at: I64


class StageContext:
    """What the stages share: the store, the terms, the parameters, and when each contract first printed (ns)."""

    def __init__(self, store: PacketStore, terms: ContractTerms, params: ParentParams, first_seen: I64) -> None:
        self.store, self.terms, self.params = store, terms, params
        self.ladder = Ladder(terms.strike_units, terms.strike_reach, terms.position, terms.listing, first_seen)
        self.package_windows = package_windows(params.packet)
        self.orders = np.zeros(len(ConditionFamily), np.bool_)
        self.orders[list(ORDER_FAMILIES)] = True
        if len(terms) and len(terms) + int(terms.chain.max()) >= 1 << 22:
            raise ValueError("too many contracts and chains for the keys of worked orders")

    def col(self, name: str, rows: I64) -> np.ndarray:
        """A packet column at the rows, contiguous."""
        return self.store.column(name).take(rows)

    def facts(self, rows: I64) -> I64:
        """int64[n, FACTS]: rank, expiry, strike, right and size of each packet."""
        contract, terms = self.col("contract", rows), self.terms
        facts = np.empty((len(rows), FACTS), np.int64)
        columns: tuple[np.ndarray, ...] = (terms.rank, terms.expiry_day, terms.strike_units, terms.is_call)
        for j, values in enumerate(columns):
            facts[:, j] = values[contract]
        facts[:, -1] = self.col("contracts", rows)
        return facts


def stage_columns(packets: Mapping[str, np.ndarray], x: StageContext) -> dict[str, np.ndarray]:
    """Columns kept beside the packets: `TAKES`, the bits of the stages that take a packet, and `SIDE` (+1 bought, -1 sold, 0 unknown).

    Coded: families of package codes. Legged: orders without one. Worked: orders with a side, that is where one side prevails by
    `least_side` of the contracts. Herd: tickets among those.
    """
    family, size, lean = packets["family"], packets["contracts"], packets["aggressor_size_sum"]
    side = np.where(np.abs(lean) >= x.params.least_side * size, np.sign(lean), 0).astype(np.int64)
    order = x.orders[family]
    takes = (x.package_windows[family] >= 0) * CODED
    takes |= order * LEGGED
    takes |= (order & (side != 0)) * WORKED
    takes |= (order & (side != 0) & _tickets(packets, x.params)) * HERD
    return {TAKES: takes, SIDE: side}


def _tickets(packets: Mapping[str, np.ndarray], p: ParentParams) -> Bool:
    """Packets that an exchange counts as retail (NYSE-RETAIL-2023): at most ten contracts a print, or at most 5,000 USD, or an order of
    moderate size in a price-improvement auction. In a rush several small tickets make one packet.
    """
    size, largest = packets["contracts"], packets["size_max"]
    small = (largest <= p.small_ticket) & (size <= p.most_in_ticket_packet)
    cheap = packets["premium_ticks"] <= TICKET_USD.value / CONTRACT_SHARES * TICKS_PER_DOLLAR
    improved = (packets["family"] == ConditionFamily.SINGLE_AUCTION) & (largest < AUCTION_TICKET.value)
    return small | cheap | improved


def coded(x: StageContext, rows: I64, complete_until: int) -> Decided:
    """Packages by code: one key for each underlying, venue and family."""
    family = x.col("family", rows)
    window = x.package_windows[family]
    key = (x.col("underlying", rows) << 16) | (x.col("venue_first", rows) << 8) | family
    span = window * x.params.chain_factor
    group, settled_at = coded_packages(chain(key), x.col("start_ts", rows), window, span, x.facts(rows), complete_until)
    return Decided(group, np.zeros(len(rows)), settled_at)


def legged(x: StageContext, rows: I64, complete_until: int) -> Decided:
    """Packages without a code: one key for each underlying and family."""
    key = (x.col("underlying", rows) << 8) | x.col("family", rows)
    columns = np.empty((len(rows), LEGGED_COLUMNS), np.int64)
    for j, name in enumerate(("start_ts", "venue_first", "touch", "price_first", "bid_first", "ask_first")):
        columns[:, j] = x.col(name, rows)
    hz = x.col("underlying_rate_hz_first", rows)
    return _answer(*legged_packages(chain(key), columns, x.facts(rows), hz, x.params.legged, complete_until))


def worked(x: StageContext, rows: I64, complete_until: int) -> Decided:
    """Worked orders: one key for each contract (each chain, from `least_ladder_size` on), family, side and bucket of sizes, by ruler."""
    contract, size = x.col("contract", rows), x.col("contracts", rows)
    p = x.params
    side = (x.col("family", rows) * 2 + (x.col(SIDE, rows) > 0)) << SCOPE_BITS
    followers = np.stack([chain(((side | _scope(x, contract, size, ruler)) << BUCKET_BITS) | _buckets(size, ruler)) for ruler in (0, 1)])
    beside = np.stack([chain(side | contract), chain(side | x.terms.chain[contract])])
    rate = x.col("contract_rate_hz_first", rows) * np.where(size == 1, ONE_LOT_FACTOR.value, 1.0)
    market = (x.col("start_ts", rows), contract.astype(np.int32), x.ladder, size, rate)
    sizes = ClipSizes(p.least_ladder_size, p.small_ticket, SIZE_SLACK.value, EQUAL_SIZE_CHANCE.value, SIMILAR_SIZE_CHANCE.value)
    return _answer(*worked_orders(followers, beside, *market, sizes, CLOCK_ODDS.value, p.worked, complete_until))


def _buckets(size: I64, ruler: int) -> I64:
    return (np.log(size) / BUCKET_NATS + 0.5 * ruler).astype(np.int64)


def _scope(x: StageContext, contract: I64, size: I64, ruler: int) -> I64:
    """Contract, or chain where the whole bucket may hold clips of a size that ladders over strikes."""
    ladder = _buckets(size, ruler) >= _buckets(np.array([x.params.least_ladder_size]), ruler)
    return np.where(ladder, len(x.terms) + x.terms.chain[contract], contract)


def herd(x: StageContext, rows: I64, complete_until: int) -> Decided:
    """Herds: one key for each underlying, family, right, side and tenor bucket.

    Small tickets reach the tape in the book and through price-improvement auctions alike (NYSE-RETAIL-2023): one family here.
    """
    family = x.col("family", rows)
    family = np.where(family == ConditionFamily.SINGLE_AUCTION, ConditionFamily.SINGLE, family).astype(np.int64)
    contract = x.col("contract", rows)
    right, tenor = x.terms.is_call[contract], x.terms.tenor[contract]
    key = ((x.col("underlying", rows) * 16 + family) * 2 + right) * 8 + tenor
    side = x.col(SIDE, rows)
    market = (x.col("start_ts", rows), side, x.col("contracts", rows), x.col("underlying_rate_hz_first", rows))
    return _answer(*herds(chain(key * 2 + (side > 0)), chain(key), *market, x.params.herd, complete_until))


def _answer(group: I64, odds: F8) -> Decided:
    return Decided(group, odds, np.zeros(len(group), np.int64))
