"""What a server is started with: the lake, what it answers to, and its limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from smartmoney_pipeline.api.clock import Clock, system_clock

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one client may ask. Requests a minute refill steadily; a burst of one minute's worth is allowed."""

    reads_a_minute: int = 120
    """With a key."""
    open_reads_a_minute: int = 1_200
    """Without a key on this machine, where the terminal reads several times for each event that is looked at."""
    runs_a_minute: int = 10
    """Changes, other than moves of a replay."""
    replay_moves_a_minute: int = 600
    """Play, pause, speed and seek of replays that are kept: ten a second, which is as often as a hand that drags a bar needs."""
    sockets: int = 20
    """Open streams a client."""
    bulk: int = 1
    """Exports of whole tables at a time, a client."""
    body_bytes: int = 64 * 1024
    query_bytes: int = 32 * 1024
    query_seconds: float = 5.0
    send_seconds: float = 10.0
    """A client of a stream that takes no message for so long is cut off."""
    heartbeat_seconds: float = 15.0


@dataclass(frozen=True)
class Settings:
    """`hosts` are the names that a Host header may carry; `source` is the one that legacy routes show, the newest where None.

    `open_reading`: no key is needed to read. Only a server that listens on this machine alone may say so.
    """

    lake: Path
    hosts: tuple[str, ...] = LOOPBACK
    source: str | None = None
    open_reading: bool = True
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=system_clock)
    warm: bool = False
    """Read the newest session when the server starts, so that the first reader does not wait for it."""
    secret: bytes = b""
    """Signs cursors; where empty, the server makes one at its start, and cursors end with it."""
