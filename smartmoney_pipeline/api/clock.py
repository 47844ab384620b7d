"""The clocks of the server: the one place that reads them. No result depends on them: keys expire, streams beat, limits refill."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`wall_ms`: milliseconds since 1970 UTC. `seconds`: a count that only rises, for spans of time."""

    wall_ms: Callable[[], int]
    seconds: Callable[[], float]


def system_clock() -> Clock:
    """Return the clocks of this machine."""
    return Clock(lambda: time.time_ns() // 1_000_000, time.monotonic)
