"""Packets of the events that an update says, and their prints with the quotes before them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.live.window import AGE, ASK, BID, PACKET, PRICE, NamedSlice
from smartmoney_pipeline.engine.quoted_prints import usd
from smartmoney_pipeline.engine.slice_tables import packets_of
from smartmoney_pipeline.schemas.arrow import empty_table
from smartmoney_pipeline.schemas.output_tables import Packets
from smartmoney_pipeline.schemas.units import NS_PER_MS

PRINTS = pa.schema(
    {
        "print_id": pa.string(),
        "packet_number": pa.int64(),
        "price_usd": pa.float64(),
        "bid": pa.float64(),
        "ask": pa.float64(),
        "quote_age_ms": pa.float64(),
    }
)
"""Columns of quoted_prints that say what a packet consists of; null where there is no quote or its age is unknown."""


@dataclass(frozen=True)
class PacketTables:
    """`packets` has the columns of Packets, `prints` those of PRINTS; packet_number is the row among `packets`."""

    packets: pa.Table
    prints: pa.Table


def packet_tables(context: DayContext | None, said: NamedSlice | None) -> PacketTables:
    """Return the packets of the events; both tables are empty where there are none."""
    if context is None or said is None:
        return PacketTables(empty_table(Packets), PRINTS.empty_table())
    packets, events = packets_of(context, said.events), said.events
    number = packets.schema.get_field_index("packet_number")
    age = said.quotes[:, AGE]
    columns = (
        said.print_id,
        pa.array(_row_of_print(said)),
        *(usd(said.quotes[:, column]) for column in (PRICE, BID, ASK)),
        pa.array(age / NS_PER_MS, mask=age < 0),
    )
    rows = pa.array(np.arange(len(events.packet_id)))
    return PacketTables(packets.set_column(number, "packet_number", rows), pa.table(list(columns), schema=PRINTS))


def _row_of_print(said: NamedSlice) -> NDArray[np.int64]:
    """Row of each print's packet. Buckets number their packets apart, so that a number is one packet's only inside an event."""
    packets, members = said.events.packets, said.events.members
    span = int(packets["packet_number"].max(initial=0)) + 1
    keys = packets["event"] * span + packets["packet_number"]
    by_key = np.argsort(keys)
    event = np.repeat(np.arange(len(said)), np.diff(members.offsets))
    return by_key[np.searchsorted(keys[by_key], event * span + said.quotes[:, PACKET])]
