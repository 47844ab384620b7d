"""The per-print stages with their carried state: align, sign, price, packets, parents, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.engine.condition_marks import condition_bits
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
from smartmoney_pipeline.tape.conditions import family_table
from smartmoney_pipeline.tape.layout import Batch, TapeDay

Sink = Callable[[AlignedPrints, SignedPrints, NDArray[np.int64]], None]
"""Takes each chunk of quoted prints with the packet number of every print."""

Columns = dict[str, np.ndarray]


def printing_contracts(day: TapeDay) -> NDArray[np.int32]:
    """Contracts that print on this day: only their slices need quotes."""
    seen = np.zeros(len(day.contracts), np.bool_)
    for batch in day.print_batches(("contract_id",)):
        seen[batch["contract_id"]] = True
    return np.flatnonzero(seen).astype(np.int32)


@dataclass
class DayStages:
    """State of one day between chunks. Push the prints in tape order, then finish; each call returns what became final."""

    context: DayContext
    params: EngineParams = field(default_factory=EngineParams)
    sink: Sink | None = None

    def __post_init__(self) -> None:
        day, contracts = self.context.day, self.context.contracts
        self._aligner = Aligner(contracts, watched_contracts(contracts, printing_contracts(day)), family_table())
        self._quotes = quote_stream(day, self.params.chunk_quotes)
        self._underlyings = underlying_stream(day, self.params.chunk_underlying_quotes)
        self._venues = venue_stream(day)
        self._packets = PacketBuilder(len(contracts), PacketParams(), condition_bits())
        self._parents = ParentBuilder(self.context.terms)
        self._priced = PricedPackets()

    def push(self, prints: Batch) -> tuple[NDArray[np.int64], Assembled]:
        """Return the packet number of each print of the chunk, and the parents that nothing can change any more."""
        contracts = self.context.contracts
        aligned = self._aligner.align(prints, self._quotes, self._underlyings, self._venues)
        signed = sign_prints(aligned, contracts)
        watermark = int(aligned.ts[-1])
        chunk = self._packets.push(aligned, signed, contract_years(contracts, aligned.ts, aligned.contract), watermark)
        self._priced.open(aligned, chunk.packet_of_print, contracts)
        if self.sink is not None:
            self.sink(aligned, signed, chunk.packet_of_print)
        closed = self._closed(chunk.rows)
        oldest = self._packets.open_since()
        return chunk.packet_of_print, self._parents.push(closed, watermark if oldest is None else min(oldest, watermark))

    def settled_until(self) -> int:
        """Every parent that starts before this time (ns UTC) has been returned."""
        return self._parents.settled_until()

    def finish(self) -> Assembled:
        """Return the parents of everything still open at the end of the day."""
        return self._parents.push(self._closed(self._packets.finish()), np.iinfo(np.int64).max)

    def _closed(self, rows: PacketRows) -> Columns:
        columns = rows.columns()
        priced = self._priced.of(columns["packet_number"])
        self._priced.drop_before(self._packets.first_open())
        return columns | priced


def joined(parts: list[Mapping[str, np.ndarray]]) -> Columns:
    """One set of columns from parts with the same columns; parts without columns are empty."""
    filled = [part for part in parts if part]
    return {name: np.concatenate([part[name] for part in filled]) for name in filled[0]} if filled else {}


def rows_of(columns: Mapping[str, np.ndarray], rows: np.ndarray) -> Columns:
    """The chosen rows (numbers or a mask) of every column."""
    return {name: values[rows] for name, values in columns.items()}
