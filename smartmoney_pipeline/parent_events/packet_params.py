"""Numbers of the packet rule, each with its source, and the record that hands them to the kernel."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from smartmoney_pipeline.market.arrays import I64, Bool
from smartmoney_pipeline.market.cited import Cited
from smartmoney_pipeline.parent_events.packet_kernel import JoinOdds
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.schemas.packet_columns import CONDITION_BITS
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND

PACKAGE_FAMILIES: tuple[ConditionFamily, ...] = (
    ConditionFamily.MULTI_AUTO,
    ConditionFamily.MULTI_AUCTION,
    ConditionFamily.MULTI_CROSS,
    ConditionFamily.MULTI_FLOOR,
    ConditionFamily.STOCK_OPTION,
)
"""Families whose prints are legs of a package by their own code."""

STOCK_WINDOW_NS = 10 * NS_PER_MS
"""The stock-tied family mixes electronic, auction and floor codes: the middle window serves all (SEED)."""


EXCITED = Cited(0.6, "HBB2013")
"""Orders that one order of a contract brings: prints bring 0.6 to 0.8, and the low end since some of those are fills of one order."""

EXCITED_S = Cited(10.0, "SEED")
"""Time constant of what orders bring, in seconds: between the kernels of 200 ms and 30 s that are published for print arrival."""

ANSWERS_HZ = Cited(0.2, "HBB2013")
"""Strangers a second that a print brings to its own contract at once. Of three published kernels (2 ms, 200 ms, 30 s) the middle one holds
a third of 0.6 answers, of which a fifth stay in the contract (SEED): 0.04 within 200 ms. The shortest is one order's own fills."""

NEW_PRICE_THERE = Cited(1 / 3, "SEED")
"""A venue's book fills an order in one go: later prints of it there come at the price at which it rests, and seldom at a new one."""

AGAINST_PATH = Cited(1 / 7, "SEED")
"""A sweep that buys goes up through the offers: 3 % of its steps go down, of a stranger's 20 %."""

BOTH_ISO = Cited(3.0, "SEED")
"""The next print of an intermarket sweep carries its code too (0.9); a stranger's does at the tape's share of such prints (0.3)."""

ONE_ISO = Cited(1 / 4, "SEED")
"""An order's prints carry one code but for its rest (0.1); of two strangers' prints 0.4 differ in it."""

NO_ISO = Cited(1 / 3, "SEED")
"""An order that goes on to another venue after the first has answered is mostly sent as an intermarket sweep."""

ATOMIC = Cited(13.0, "SEED")
"""Two prints of one venue and code within a millisecond: two strangers' agree in the venue by 0.15 and in the code by 0.5."""

ISO_GOES_ON = Cited(7.0, "SEED")
"""How much more often an intermarket sweep prints again than other orders do: it is sent to several venues at once."""

JOIN_PRIOR = Cited(1 / 85, "SEED")
"""Density of one order's next print against the chance of a stranger so far: a tenth of the orders print again, at any time from 50 us to
250 ms alike on a logarithmic scale (8.5 nats)."""


@dataclass(frozen=True, slots=True)
class PacketParams:
    """Times in ns. Every number is a seed except `gap_chance`, whose table of chances is measured (CHANCE-TABLE)."""

    gap_chance: float = 0.01
    gap_min_ns: int = 5 * NS_PER_MS
    gap_max_ns: int = 250 * NS_PER_MS
    span_ns: int = NS_PER_SECOND
    atomic_ns: int = NS_PER_MS
    electronic_ns: int = NS_PER_MS
    auction_ns: int = 10 * NS_PER_MS
    floor_ns: int = 2 * NS_PER_SECOND
    package_span_ns: int = 2 * NS_PER_SECOND
    small_ticket: int = 10
    stale_ns: int = 900 * NS_PER_SECOND


class KernelParams(NamedTuple):
    """The same numbers by condition family, for the kernel. `fixed_gap` is -1 where the gap adapts to the print rate, `span` -1 where
    nothing joins."""

    gap_chance: float
    gap_min: int
    gap_max: int
    atomic: int
    odds: JoinOdds
    flow: tuple[int, float, float]
    small_ticket: int
    stale: int
    by_venue: Bool
    fixed_gap: I64
    span: I64
    condition_bits: I64
    iso: Bool


def package_windows(params: PacketParams) -> I64:
    """int64[families]: the time that may part two legs of one package, ns; -1 for families without packages."""
    windows = np.full(len(ConditionFamily), -1, np.int64)
    windows[[ConditionFamily.MULTI_AUTO, ConditionFamily.MULTI_CROSS]] = params.electronic_ns
    windows[ConditionFamily.MULTI_AUCTION] = params.auction_ns
    windows[ConditionFamily.MULTI_FLOOR] = params.floor_ns
    windows[ConditionFamily.STOCK_OPTION] = STOCK_WINDOW_NS
    return windows


def kernel_params(params: PacketParams, condition_bits: np.ndarray) -> KernelParams:
    """Parameters by family. Raises `ValueError` unless `condition_bits` holds one bit set for each of the 256 codes."""
    if condition_bits.shape != (256,):
        raise ValueError(f"condition_bits has shape {condition_bits.shape}, not (256,)")
    windows = package_windows(params)
    fixed_gap, span = windows.copy(), np.where(windows >= 0, params.package_span_ns, params.span_ns).astype(np.int64)
    fixed_gap[ConditionFamily.BAR], span[ConditionFamily.BAR] = 0, -1
    return KernelParams(
        gap_chance=params.gap_chance,
        gap_min=params.gap_min_ns,
        gap_max=params.gap_max_ns,
        atomic=params.atomic_ns,
        odds=JoinOdds(*(odds.value for odds in (NEW_PRICE_THERE, AGAINST_PATH, BOTH_ISO, ONE_ISO, NO_ISO, ATOMIC, ISO_GOES_ON))),
        flow=(round(EXCITED_S.value * NS_PER_SECOND), EXCITED.value, ANSWERS_HZ.value),
        small_ticket=params.small_ticket,
        stale=params.stale_ns,
        by_venue=windows >= 0,
        fixed_gap=fixed_gap,
        span=span,
        condition_bits=np.ascontiguousarray(condition_bits, np.int64),
        iso=(condition_bits >> CONDITION_BITS["iso"] & 1).astype(np.bool_),
    )
