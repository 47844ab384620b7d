"""What features are made from: packets sorted by event, contract terms, and context known before the event. No formulas here."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.features.arrays import Bools, Floats, Ints
from smartmoney_pipeline.features.groups import Groups, OwnGroups
from smartmoney_pipeline.features.next_event import NextEvents
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR


class FeatureInputError(ValueError):
    """The inputs contradict each other; the message names the array."""


@dataclass(frozen=True)
class ContractTerms:
    """Terms of each packet's contract, arrays of one value a packet: strike in USD, days since 1970-01-01, UTC ns."""

    strike: Floats
    expiry_day: Ints
    is_call: Bools
    multiplier: Ints
    dte_days: Ints
    settle_ns: Ints
    adjusted: Bools
    open_interest: Floats
    """Start-of-day open interest of the contract, NaN unknown."""

    def take(self, rows: Ints) -> "ContractTerms":
        """Return the terms of `rows`, in that order."""
        return ContractTerms(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class UnderlyingContext:
    """What is known of each underlying before the session, arrays indexed by underlying id; NaN unknown."""

    index_or_etf: Floats
    """1 an index or a broad fund, 0 neither."""
    realised_volatility: Floats
    """Trailing realised volatility of the last session with one, per year."""
    log_volume_mean: Floats
    log_volume_deviation: Floats
    """Mean and deviation of ln(option contracts per session) over past sessions."""
    volatility_premium_z: Floats
    """IV30 less realised volatility of the last session with both, in deviations of earlier sessions."""

    @classmethod
    def unknown(cls, count: int) -> "UnderlyingContext":
        """Return a context of `count` underlyings of which nothing is known."""
        return cls(*(np.full(count, np.nan) for _ in fields(cls)))


@dataclass(frozen=True)
class FeatureInputs:
    """Events with their packets. `packets` and `terms` are sorted by (event, first_order); event i owns offsets[i]:offsets[i + 1].

    `next_event` has one entry an event: the answer of `CorporateEvents.next_events` at the event's start.
    """

    events: Mapping[str, NDArray]
    packets: Mapping[str, NDArray]
    offsets: Ints
    terms: ContractTerms
    underlyings: UnderlyingContext
    next_event: NextEvents
    session_open_ns: int
    session_close_ns: int

    def __post_init__(self) -> None:
        if len(self.offsets) != len(self.events["event"]) + 1 or np.any(np.diff(self.offsets) < 1):
            raise FeatureInputError("offsets: every event needs at least one packet")
        if self.offsets[-1] != len(self.packets["event"]) or len(self.terms.strike) != self.offsets[-1]:
            raise FeatureInputError("packets: their number differs from the last offset")
        if len(self.next_event) != len(self.events["event"]):
            raise FeatureInputError("next_event: one entry an event is needed")

    def part(self, events: Ints) -> "FeatureInputs":
        """The chosen events (rows, rising) with their packets."""
        counts = np.diff(self.offsets)[events]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        rows = np.arange(offsets[-1]) + np.repeat(self.starts[events] - offsets[:-1], counts)
        return replace(
            self,
            events={name: values[events] for name, values in self.events.items()},
            packets={name: values[rows] for name, values in self.packets.items()},
            offsets=offsets,
            terms=self.terms.take(rows),
            next_event=self.next_event.take(events),
        )

    @property
    def size(self) -> int:
        """Number of events."""
        return len(self.offsets) - 1

    @cached_property
    def one_packet_each(self) -> bool:
        """Whether every event has a single packet: sums and extremes over packets are then the packets' own values."""
        return self.size == int(self.offsets[-1])

    @cached_property
    def made(self) -> dict[str, Any]:
        """What has been computed from these inputs, by name."""
        return {}

    @property
    def starts(self) -> Ints:
        """Row of each event's first packet."""
        return self.offsets[:-1]

    @cached_property
    def event_row(self) -> Ints:
        """Row of the event that each packet belongs to."""
        return np.repeat(np.arange(self.size), np.diff(self.offsets))

    @cached_property
    def _groups(self) -> dict[str, Groups]:
        return {}

    def groups(self, key: str) -> Groups:
        """Packets grouped within events by `contract`, `strike` or `expiry_day`; made once."""
        if key not in self._groups:
            keys = self.packets[key] if key in self.packets else getattr(self.terms, key)
            self._groups[key] = OwnGroups(keys) if self.one_packet_each else Groups(keys, self.event_row, self.size)
        return self._groups[key]

    @cached_property
    def contracts(self) -> Floats:
        """Contracts of each packet."""
        return self.packets["contracts"].astype(np.float64)

    @cached_property
    def shares(self) -> Floats:
        """Shares of the underlying that each packet's contracts stand for: contracts x multiplier."""
        return self.contracts * self.terms.multiplier

    @cached_property
    def premium_usd(self) -> Floats:
        """Premium of each packet, USD."""
        return self.packets["premium_ticks"] / TICKS_PER_DOLLAR * self.terms.multiplier

    @cached_property
    def underlying_price(self) -> Floats:
        """Mid of the underlying before each packet, USD; the forward where the underlying has no two-sided quote; NaN neither."""
        bid, ask = self.packets["u_bid_first"], self.packets["u_ask_first"]
        mid = (bid + ask) / (2 * TICKS_PER_DOLLAR)
        return np.where((bid > 0) & (ask > 0), mid, self.packets["forward_first"])


def feature_inputs(
    events: Mapping[str, NDArray],
    packets: Mapping[str, NDArray],
    terms: ContractTerms,
    underlyings: UnderlyingContext,
    next_event: NextEvents,
    session_ns: tuple[int, int],
) -> FeatureInputs:
    """Return checked inputs; packets may come in any order, `events["event"]` must increase.

    Raises `FeatureInputError` where a packet belongs to no event, an event has no packet, or lengths differ.
    """
    numbers = events["event"]
    if np.any(np.diff(numbers) <= 0):
        raise FeatureInputError("events: the event numbers must increase")
    if not _in_order(packets["event"], packets["first_order"]):
        order = np.lexsort((packets["first_order"], packets["event"]))
        packets, terms = {name: values[order] for name, values in packets.items()}, terms.take(order)
    of_packet = packets["event"]
    offsets = np.append(np.searchsorted(of_packet, numbers), len(of_packet)).astype(np.int64)
    if len(of_packet) and not _all_listed(of_packet, numbers):
        raise FeatureInputError("packets: a packet belongs to an event that is not listed")
    return FeatureInputs(events, packets, offsets, terms, underlyings, next_event, *session_ns)


def _in_order(event: Ints, first_order: Ints) -> bool:
    """Whether packets come by event, then by their first print."""
    later, same = event[1:] > event[:-1], event[1:] == event[:-1]
    return bool(np.all(later | (same & (first_order[1:] >= first_order[:-1]))))


def _all_listed(of_packet: Ints, numbers: Ints) -> bool:
    """Whether each rising event number of a packet is one of the rising `numbers`."""
    if not len(numbers):
        return False
    place = np.searchsorted(numbers, of_packet)
    return bool(np.all(numbers[np.minimum(place, len(numbers) - 1)] == of_packet))
