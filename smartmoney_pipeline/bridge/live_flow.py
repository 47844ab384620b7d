"""Flow packets of a live session: said when their event is final, withdrawn with it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.bridge.baselines import PastFigures
from smartmoney_pipeline.bridge.flow_packets import flow_packets
from smartmoney_pipeline.engine.live.update import Update


@dataclass(frozen=True)
class FlowUpdate:
    """What one update means for the flow: ids of packets that hold no more, and then the packets that are new."""

    withdrawn: list[str]
    packets: pa.Table


class LiveFlow:
    """Remembers which packets of which events stand, and the figures that baselines look back on.

    Provisional events wait: their packets may still become legs of a package, which is a tag of a packet.
    """

    def __init__(self) -> None:
        self._standing: dict[str, list[str]] = {}
        self._past = PastFigures()

    def add(self, update: Update) -> FlowUpdate:
        """Take in the next update of the engine."""
        events = update.events.filter(pc.invert(update.events["provisional"]))
        gone = [*update.retractions["event_id"].to_pylist(), *events["event_id"].to_pylist()]
        withdrawn = [packet for event in gone for packet in self._standing.pop(event, [])]
        tables = update.packet_tables
        final = tables.packets.filter(pc.is_in(tables.packets["event_id"].cast(pa.string()), value_set=events["event_id"].combine_chunks()))
        made = flow_packets(final, tables.prints, events, self._past)
        for event, packet in zip(made["event_id"].to_pylist(), made["id"].to_pylist(), strict=True):
            self._standing.setdefault(event, []).append(packet)
        return FlowUpdate(withdrawn, made)
