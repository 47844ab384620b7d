"""The clock of a replay, and the commands that it obeys."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from smartmoney_pipeline.api.parameters import FIRST_NS, LAST_NS, Instant
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

MAX_SPEED = 100_000.0


class Command(BaseModel):
    """What a client says to its replay."""

    model_config = ConfigDict(extra="forbid")

    op: Literal["play", "pause", "speed", "seek"]
    speed: float | None = Field(None, gt=0, le=MAX_SPEED, allow_inf_nan=False)
    time: Instant | None = None


@dataclass
class ReplayClock:
    """Time of the session, in ns UTC, that runs at a speed against the clock of the server, from `begin_ns` to `end_ns`."""

    now: Any
    speed: float
    time_ns: int
    running: bool = True
    """Whether it was last told to play; at its end it stands all the same."""
    begin_ns: int = FIRST_NS
    end_ns: int = LAST_NS
    turn: int = 0
    """How many commands were obeyed, and how many of them went to another time."""
    seeks: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced by another, at each command: several streams may wait for it."""
    origin_ns: int = 0
    """Where it began, or was last sent to."""
    _since: float = 0.0

    def __post_init__(self) -> None:
        self._go_to(self.time_ns)

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.read() >= self.end_ns

    @property
    def playing(self) -> bool:
        """Whether it moves."""
        return self.running and not self.over

    def read(self) -> int:
        """Return the time of the session now."""
        if not self.running:
            return self.time_ns
        return min(self.end_ns, self.time_ns + int((self.now() - self._since) * self.speed * NS_PER_SECOND))

    def obey(self, command: Command) -> None:
        """Play, pause, change the speed, or go to another time. Raises `ValueError` where a command lacks its value.

        A time outside is the nearest inside; who plays at the end plays from the beginning.
        """
        if (command.op == "speed" and command.speed is None) or (command.op == "seek" and command.time is None):
            raise ValueError(f"{command.op} needs its value")
        again = command.op == "play" and self.over
        self.time_ns, self._since = self.read(), self.now()
        if command.op in {"play", "pause"}:
            self.running = command.op == "play"
        if command.speed is not None:
            self.speed = command.speed
        sought = self.begin_ns if again else command.time if command.op == "seek" else None
        if sought is not None:
            self._go_to(sought)
            self.seeks += 1
        self.turn += 1
        self.changed.set()
        self.changed = asyncio.Event()

    def _go_to(self, time_ns: int) -> None:
        self.time_ns = self.origin_ns = max(self.begin_ns, min(self.end_ns, time_ns))
        self._since = self.now()
