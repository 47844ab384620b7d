"""What the live feed says, as legacy records by channel. A channel that nobody listens to costs nothing, but for those with a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.api.hub import Hub, Message
from smartmoney_pipeline.api.legacy_store import PACKET_ABSENT
from smartmoney_pipeline.api.wire import json_rows
from smartmoney_pipeline.bridge.feed_records import feed_equity_prints, feed_equity_quotes, feed_option_quotes, feed_prints
from smartmoney_pipeline.bridge.live import ALERT, LiveBridge
from smartmoney_pipeline.bridge.live_flow import LiveFlow
from smartmoney_pipeline.bridge.smart_money import legacy_events
from smartmoney_pipeline.engine.live.update import Update
from smartmoney_pipeline.schemas.legacy import ABSENT_WHERE_NULL

RING_BYTES = 8 << 20
DERIVED = ("smart-money", "classifier-hits", "alerts", "flow")
FED: dict[str, tuple[str, Callable[[pa.Table], pa.Table]]] = {
    "options": ("option_prints", feed_prints),
    "nbbo": ("option_quotes", feed_option_quotes),
    "equity-quotes": ("underlying_quotes", feed_equity_quotes),
    "equities": ("underlying_prints", feed_equity_prints),
}
"""Channel to the table of the tape that it shows, and how."""

CHANNELS = (*DERIVED, *FED, "equity-joins")
Encoded = dict[str, list[Message]]


class LegacyChannels:
    """One log a channel."""

    def __init__(self) -> None:
        self.hubs = {name: Hub(name, RING_BYTES) for name in CHANNELS}
        self._open: Counter[str] = Counter()
        self._bridge = LiveBridge(self._places)
        self._flow = LiveFlow()
        self._packets = 0
        self._place: dict[str, int] = {}
        self._said = 0

    @contextmanager
    def open(self, channel: str) -> Iterator[Hub]:
        """Listen to a channel for the block."""
        self._open[channel] += 1
        try:
            yield self.hubs[channel]
        finally:
            self._open[channel] -= 1

    def encode(self, update: Update, tables: Mapping[str, pa.Table]) -> Encoded:
        """Return what an update and the rows behind it are on each channel."""
        found: Encoded = {}
        if len(update.events) or len(update.retractions):
            found |= self._derived(update)
            if self._open["flow"]:
                found["flow"] = self._flow_of(update)
        for channel, (table, made) in FED.items():
            if self._open[channel] and table in tables:
                found[channel] = _messages(made(tables[table]), frozenset({"underlying_id", "option_type", "option_contract_id"}))
        return {channel: messages for channel, messages in found.items() if messages}

    def publish(self, encoded: Encoded) -> None:
        """Say it."""
        for channel, messages in encoded.items():
            self.hubs[channel].publish(messages)

    def _derived(self, update: Update) -> Encoded:
        bridged = self._bridge.add(update)
        gone = bridged.withdrawals
        withdrawn = list(zip(gone["kind"].to_pylist(), gone["trace_id"].to_pylist(), strict=True))
        alerts = [Message("withdrawn", b"", trace) for kind, trace in withdrawn if kind == ALERT]
        hits = [Message("withdrawn", b"", trace) for kind, trace in withdrawn if kind != ALERT]
        return {
            "smart-money": [Message("withdrawn", b"", name) for name in update.retractions["event_id"].to_pylist()] + self._events(update),
            "classifier-hits": hits + _messages(bridged.classifier_hits.drop_columns(["event_id"])),
            "alerts": alerts + _messages(bridged.alerts.drop_columns(["event_id"]), frozenset({"primary_profile_id"})),
        }

    def _flow_of(self, update: Update) -> list[Message]:
        """Packets, numbered in the order in which they are said."""
        flow = self._flow.add(update)
        packets = flow.packets.drop_columns(["event_id"])
        numbers = pa.array(np.arange(self._packets, self._packets + len(packets)))
        self._packets += len(packets)
        said = packets.set_column(packets.schema.get_field_index("seq"), "seq", numbers)
        return [Message("withdrawn", b"", packet) for packet in flow.withdrawn] + _messages(said, PACKET_ABSENT)

    def _events(self, update: Update) -> list[Message]:
        if not len(update.events):
            return []
        orders = np.arange(self._said, self._said + len(update.events))
        self._said += len(update.events)
        return _messages(legacy_events(update.events, update.legs, orders), ABSENT_WHERE_NULL, "event_id")

    def _places(self, events: pa.Table) -> NDArray[np.int64]:
        """Numbers of events in the order in which they were first said; an event keeps its own."""
        return np.array([self._place.setdefault(name, len(self._place)) for name in events["event_id"].to_pylist()], dtype=np.int64)


def _messages(records: pa.Table, absent: frozenset[str] = frozenset(), key: str = "trace_id") -> list[Message]:
    """Records as messages; the key is what a withdrawal names."""
    texts, keys = json_rows(records, absent).to_pylist(), records[key].to_pylist()
    return [Message("event", text.encode(), str(name)) for text, name in zip(texts, keys, strict=True)]
