"""How much each client may ask: requests a minute, and things that it holds open."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SECONDS = 60.0
MAX_CLIENTS = 10_000
"""Clients that are remembered; the one that asked longest ago is forgotten first."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a request may go on, what is left of the minute, and after how many seconds to come back if not."""

    allowed: bool
    limit: int
    left: int
    retry_seconds: int


class RateLimiter:
    """A bucket a client that refills steadily."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, client: str, kind: str, a_minute: int) -> Allowance:
        """Count one request of this kind."""
        now, key = self._seconds(), (client, kind)
        bucket = self._buckets.pop(key, None) or _Bucket(float(a_minute), now)
        bucket.left = min(a_minute, bucket.left + (now - bucket.at) * a_minute / SECONDS)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if bucket.left < 1.0:
            return Allowance(False, a_minute, 0, math.ceil((1.0 - bucket.left) * SECONDS / a_minute))
        bucket.left -= 1.0
        return Allowance(True, a_minute, int(bucket.left), 0)


class Held:
    """Counts what each client holds open."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], int] = {}

    @contextmanager
    def hold(self, client: str, kind: str, most: int) -> Iterator[bool]:
        """Hold one for the block; yields False where the client holds all that it may."""
        key = (client, kind)
        if self._open.get(key, 0) >= most:
            yield False
            return
        self._open[key] = self._open.get(key, 0) + 1
        try:
            yield True
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def count(self, client: str, kind: str) -> int:
        """Return how many the client holds."""
        return self._open.get((client, kind), 0)
