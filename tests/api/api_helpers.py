"""Addresses, limits and a clock for tests of the server; no test is here."""

from __future__ import annotations

from smartmoney_pipeline.api.clock import Clock
from smartmoney_pipeline.api.settings import Limits

BASE = "http://127.0.0.1:8000"
WIDE = Limits(reads_a_minute=1_000_000, open_reads_a_minute=1_000_000, runs_a_minute=1_000_000, replay_moves_a_minute=1_000_000)


class HandClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.ms, self.span = 1_737_150_000_000, 0.0

    def clock(self) -> Clock:
        return Clock(lambda: self.ms, lambda: self.span)


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}
