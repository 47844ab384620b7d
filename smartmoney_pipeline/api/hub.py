"""The log of what is said live: numbered messages in a bounded ring that any number of clients read at their own pace.

A client holds only its place. So a slow one costs nothing, and one that falls behind the ring is told of a gap.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import chain, islice

RING_BYTES = 64 << 20
SNAPSHOT_EVENTS = 1_000
LEFT_FILTER = "left_filter"
"""Reason of a withdrawal for one client: the event was said again and no longer passes the client's filter."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said. `body` is JSON; the rest is what filters look at."""

    kind: str
    body: bytes
    key: str = ""
    underlying: str = ""
    profile: str | None = None
    abstained: bool | None = None
    before: Message | None = None
    """What filters saw of the same event when it was said before, no more than that; None where it is the same, or the event is new."""
    said_ns: int | None = None
    """Time of the feed at which it was said, ns UTC; None where the feed keeps no time of its own."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A message with its number in the log, from 1."""

    number: int
    message: Message


@dataclass(frozen=True, slots=True)
class StreamFilter:
    """What a client wants of events; withdrawals always come."""

    underlyings: frozenset[str] = frozenset()
    profile: str | None = None
    abstained: bool | None = None

    def wants(self, message: Message) -> bool:
        """Whether the client gets this message."""
        if message.kind != "event":
            return True
        return (
            (not self.underlyings or message.underlying in self.underlyings)
            and self.profile in {None, message.profile}
            and self.abstained in {None, message.abstained}
        )

    def told(self, message: Message) -> Message | None:
        """Return what the client is told: the message, a withdrawal where the event has left the filter, or nothing."""
        if self.wants(message):
            return message
        if message.before is None or not self.wants(message.before):
            return None
        gone: dict[str, object] = {"event_id": message.key, "retracted_at": None, "reason": LEFT_FILTER, "replaced_by": []}
        return Message("retraction", json.dumps(gone, separators=(",", ":")).encode(), message.key)


class Hub:
    """The log and those who wait for it. Everything but `publish_from_thread` runs on the event loop."""

    def __init__(self, epoch: str, ring_bytes: int = RING_BYTES) -> None:
        """`epoch` names what is said, so that a cursor of another tape is not taken for one of this."""
        self.epoch = epoch
        self._ring: deque[Message] = deque()
        self._bytes, self._most = 0, ring_bytes
        self.last = 0
        """Number of the last message."""
        self.time_ns: int | None = None
        """Time up to which the feed has come, ns UTC; what is said later carries this or a later one. None: no time of its own."""
        self.ended = False
        """Whether the feed says no more."""
        self._waiting: set[asyncio.Event] = set()
        self._standing: dict[bool, OrderedDict[str, Numbered]] = {True: OrderedDict(), False: OrderedDict()}
        """The newest events that stand, abstained ones and others apart: the many that say nothing do not push out the few that do."""
        self._seen: dict[int, Message] = {}
        """What filters saw last of each event that stands, by `_short` of its id: it outlives the ring, and the ids would be most of it."""
        self._looks: dict[tuple[str, str | None, bool | None], Message] = {}
        """The few things that filters can see, each once: an event that stands costs its key and a reference."""

    @property
    def first(self) -> int:
        """Number of the oldest message that is still held; one more than the last where none is."""
        return self.last - len(self._ring) + 1

    @property
    def readers(self) -> int:
        """How many wait for what comes next."""
        return len(self._waiting)

    def publish(self, messages: Iterable[Message]) -> None:
        """Say these messages, in order."""
        for said in messages:
            message = self._compared(said)
            self._ring.append(message)
            self.last += 1
            self._bytes += len(message.body)
            self._note(message)
        while self._bytes > self._most and len(self._ring) > 1:
            self._bytes -= len(self._ring.popleft().body)
        for waiting in self._waiting:
            waiting.set()

    def after(self, number: int, most: int) -> Sequence[Numbered]:
        """Return at most `most` messages after that number, from those that are held."""
        start = max(number + 1, self.first)
        offset = start - self.first
        return [Numbered(start + i, message) for i, message in enumerate(islice(self._ring, offset, offset + most))]

    def standing(self, wanted: StreamFilter, most: int) -> list[Message]:
        """Return the newest events that pass and stand, oldest first, out of the newest 1,000 that abstained and 1,000 others."""
        held = sorted(chain.from_iterable(one.values() for one in self._standing.values()), key=lambda one: one.number)
        return [one.message for one in held if wanted.wants(one.message)][-most:]

    def event(self, event_id: str) -> Message | None:
        """Return what was said last of an event, where it is among the newest that stand."""
        found = self._standing[False].get(event_id) or self._standing[True].get(event_id)
        return None if found is None else found.message

    async def wait(self, number: int, seconds: float) -> bool:
        """Wait until there is a message after that number, at most so long; whether there is."""
        if self.last > number:
            return True
        waiting = asyncio.Event()
        self._waiting.add(waiting)
        try:
            async with asyncio.timeout(seconds):
                while self.last <= number:
                    waiting.clear()
                    await waiting.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiting)
        return True

    def _compared(self, message: Message) -> Message:
        """The message with what filters saw of its event before, where that differs."""
        if message.kind != "event":
            self._seen.pop(_short(message.key), None)
            return message
        if not message.underlying:
            return message
        look = (message.underlying, message.profile, message.abstained)
        now, short = self._looks.setdefault(look, Message("event", b"", "", *look)), _short(message.key)
        before = self._seen.get(short)
        self._seen[short] = now
        return message if before is None or before is now else replace(message, before=before)

    def _note(self, message: Message) -> None:
        if not message.key:
            return
        for held in self._standing.values():
            held.pop(message.key, None)
        if message.kind == "event":
            held = self._standing[bool(message.abstained)]
            held[message.key] = Numbered(self.last, message)
            if len(held) > SNAPSHOT_EVENTS:
                held.popitem(last=False)


def _short(event_id: str) -> int:
    """64 bits that stand for an id: a third of its bytes, and two of a million ids fall together once in 36 million days."""
    return int.from_bytes(blake2b(event_id.encode(), digest_size=8).digest())
