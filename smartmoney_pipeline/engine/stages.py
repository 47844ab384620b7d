"""The per-print stages with their carried state: align, sign, price, packets, parents, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.engine.condition_marks import condition_bits, condition_families
from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.priced_packets import PricedPackets
from smartmoney_pipeline.engine.streams import quote_stream, underlying_stream, venue_stream
from smartmoney_pipeline.market.align import Aligner
from smartmoney_pipeline.market.aligned import AlignedPrints, SignedPrints
from smartmoney_pipeline.market.contracts import contract_years, watched_contracts
from smartmoney_pipeline.market.sign import sign_prints
from smartmoney_pipeline.parent_events.assembled import Assembled
from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.parent_events.packets import PacketBuilder, PacketRows
from smartmoney_pipeline.parent_events.parents import ParentBuilder
from smartmoney_pipeline.tape.layout import Batch, TapeDay

Sink = Callable[[AlignedPrints, SignedPrints, NDArray[np.int64]], None]
"""Takes each chunk of quoted prints with the packet number of every print."""

Columns = dict[str, np.ndarray]

END_OF_TIME = np.iinfo(np.int64).max


def printing_contracts(day: TapeDay) -> NDArray[np.int32]:
    """Contracts that print on this day: only their slices need quotes."""
    seen = np.zeros(len(day.contracts), np.bool_)
    for batch in day.print_batches(("contract_id",)):
        seen[batch["contract_id"]] = True
    return np.flatnonzero(seen).astype(np.int32)


@dataclass(frozen=True)
class Market:
    """Streams of quotes, None where there are none, and the contracts whose quotes are kept."""

    watched: NDArray[np.bool_]
    quotes: Iterator[Batch] | None
    underlyings: Iterator[Batch] | None
    venues: Iterator[Batch] | None


def market_of(context: DayContext, params: EngineParams) -> Market:
    """The streams of a stored day."""
    day, contracts = context.day, context.contracts
    return Market(
        watched_contracts(contracts, printing_contracts(day)),
        quote_stream(day, params.chunk_quotes),
        underlying_stream(day, params.chunk_underlying_quotes),
        venue_stream(day),
    )


@dataclass
class DayStages:
    """State of one day between chunks. Push the prints in tape order, then finish; each call returns what became final.

    `market` None takes the streams of the day. `closed` holds the packets that the last call closed.
    """

    context: DayContext
    params: EngineParams = field(default_factory=EngineParams)
    sink: Sink | None = None
    market: Market | None = None
    closed: Columns = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        contracts, nature = self.context.contracts, self.context.day.nature
        market = self._market = self.market or market_of(self.context, self.params)
        self._aligner = Aligner(contracts, market.watched, condition_families(nature), market.venues is not None)
        self._packets = PacketBuilder(len(contracts), PacketParams(), condition_bits(nature))
        self._parents = ParentBuilder(self.context.terms)
        self._priced = PricedPackets()

    def push(self, prints: Batch, watermark: int | None = None) -> tuple[NDArray[np.int64], Assembled]:
        """Return the packet number of each print of the chunk, and the parents that nothing can change any more.

        `watermark` (ns UTC): every print before it has been pushed, with this call or earlier; None takes the time of the last print.
        """
        contracts, market = self.context.contracts, self._market
        aligned = self._aligner.align(prints, market.quotes, market.underlyings, market.venues)
        signed = sign_prints(aligned, contracts)
        until = int(aligned.ts[-1]) if watermark is None else watermark
        chunk = self._packets.push(aligned, signed, contract_years(contracts, aligned.ts, aligned.contract), until)
        self._priced.open(aligned, chunk.packet_of_print, contracts)
        if self.sink is not None:
            self.sink(aligned, signed, chunk.packet_of_print)
        return chunk.packet_of_print, self._parents_of(chunk.rows, until)

    def advance(self, watermark: int) -> Assembled:
        """Parents that became final because no print came before the watermark."""
        return self._parents_of(self._packets.flush(watermark), watermark)

    def catch_up(self) -> None:
        """Apply the quotes that the streams hold: every print at or before them has been pushed."""
        self._aligner.catch_up(self._market.quotes, self._market.underlyings, self._market.venues)

    def grow(self, context: DayContext, watched: NDArray[np.bool_]) -> None:
        """Go on with a context of more contracts and underlyings; those known so far keep their ids."""
        self.context = context
        self._aligner.grow(context.contracts, watched)
        self._packets.grow(len(context.contracts))
        self._parents.grow(context.terms)

    def alone(self, packets: Columns) -> Assembled:
        """Closed packets as events of their own, as they stand if nothing joins them."""
        return self._parents.alone(packets)

    def oldest_order(self) -> int | None:
        """Place of the first print that belongs to no final parent yet; None where there is none."""
        orders = [order for order in (self._packets.oldest_order(), self._parents.oldest_order()) if order is not None]
        return min(orders, default=None)

    def settled_until(self) -> int:
        """Every parent that starts before this time (ns UTC) has been returned."""
        return self._parents.settled_until()

    def finish(self) -> Assembled:
        """Return the parents of everything still open at the end of the day."""
        return self.advance(END_OF_TIME)

    def _parents_of(self, rows: PacketRows, until: int) -> Assembled:
        self.closed = rows.columns()
        self.closed |= self._priced.of(self.closed["packet_number"])
        self._priced.drop_before(self._packets.first_open())
        oldest = self._packets.open_since()
        return self._parents.push(self.closed, until if oldest is None else min(oldest, until))


def joined(parts: list[Mapping[str, np.ndarray]]) -> Columns:
    """One set of columns from parts with the same columns; parts without columns are empty."""
    filled = [part for part in parts if part]
    return {name: np.concatenate([part[name] for part in filled]) for name in filled[0]} if filled else {}


def rows_of(columns: Mapping[str, np.ndarray], rows: np.ndarray) -> Columns:
    """The chosen rows (numbers or a mask) of every column."""
    return {name: values[rows] for name, values in columns.items()}
