"""The log of what is said live: numbered messages in a bounded ring that any number of clients read at their own pace.

A client holds only its place. So a slow one costs nothing, and one that falls behind the ring is told of a gap.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

RING_BYTES = 64 << 20
SNAPSHOT_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said. `body` is JSON; the rest is what filters look at."""

    kind: str
    body: bytes
    key: str = ""
    underlying: str = ""
    profile: str | None = None
    abstained: bool | None = None


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


class Hub:
    """The log and those who wait for it. Everything but `publish_from_thread` runs on the event loop."""

    def __init__(self, epoch: str, ring_bytes: int = RING_BYTES) -> None:
        """`epoch` names what is said, so that a cursor of another tape is not taken for one of this."""
        self.epoch = epoch
        self._ring: deque[Message] = deque()
        self._bytes, self._most = 0, ring_bytes
        self.last = 0
        """Number of the last message."""
        self._waiting: set[asyncio.Event] = set()
        self._standing: OrderedDict[str, Message] = OrderedDict()

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
        for message in messages:
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
        """Return the newest events that were not withdrawn, oldest first."""
        found = [message for message in reversed(self._standing.values()) if wanted.wants(message)]
        return found[:most][::-1]

    def event(self, event_id: str) -> Message | None:
        """Return what was said last of an event, where it is among the newest that stand."""
        return self._standing.get(event_id)

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

    def _note(self, message: Message) -> None:
        if not message.key:
            return
        self._standing.pop(message.key, None)
        if message.kind == "event":
            self._standing[message.key] = message
            if len(self._standing) > SNAPSHOT_EVENTS:
                self._standing.popitem(last=False)
