"""One engine run over a day as tables: quoted prints, packets, parent events, their members and links."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.members_table import members_table
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.quoted_prints import quoted_prints_table
from smartmoney_pipeline.engine.slice_tables import legs_of, packets_of, parents_of
from smartmoney_pipeline.engine.slices import DaySlices
from smartmoney_pipeline.market.aligned import AlignedPrints, SignedPrints
from smartmoney_pipeline.schemas.arrow import empty_table
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES


@dataclass(frozen=True)
class GroupedTables:
    """What grouping hands on, each table with the columns of its model."""

    quoted_prints: pa.Table
    packets: pa.Table
    parent_events: pa.Table
    parent_event_members: pa.Table
    event_legs: pa.Table
    event_links: pa.Table


def group_day(context: DayContext, params: EngineParams | None = None) -> GroupedTables:
    """Run the per-print stages over the day and return their tables, events in canonical order."""
    prints = _PrintTables(context)
    slices = DaySlices(context, params, prints)
    parts: dict[str, list[pa.Table]] = {"packets": [], "parent_events": [], "parent_event_members": [], "event_legs": []}
    for events in slices:
        parts["packets"].append(packets_of(context, events))
        parts["parent_events"].append(parents_of(context, events, slices.ledger.print_id))
        parts["event_legs"].append(legs_of(context, events))
        parts["parent_event_members"].append(members_table(events.members, slices.ledger.print_id, events.event_id))
    tables = {name: pa.concat_tables(found) if found else empty_table(OUTPUT_TABLES[name]) for name, found in parts.items()}
    return GroupedTables(quoted_prints=prints.table(), event_links=slices.links(), **tables)


class _PrintTables:
    """Collects the quoted prints chunk by chunk."""

    def __init__(self, context: DayContext) -> None:
        self._contracts, self._nature = context.day.contracts, context.day.nature
        self._print_id = context.day.print_ids()
        self._parts: list[pa.Table] = []
        self._done = 0

    def __call__(self, aligned: AlignedPrints, signed: SignedPrints, packet_of_print: np.ndarray) -> None:
        ids = self._print_id.slice(self._done, len(aligned))
        self._done += len(aligned)
        self._parts.append(quoted_prints_table(aligned, signed, packet_of_print, ids, self._contracts, self._nature))

    def table(self) -> pa.Table:
        """Every chunk so far as one table."""
        return pa.concat_tables(self._parts) if self._parts else empty_table(OUTPUT_TABLES["quoted_prints"])
