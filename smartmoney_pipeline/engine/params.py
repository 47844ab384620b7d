"""Sizes of the chunks that the engine works in. Results do not depend on them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineParams:
    """Rows a chunk. Large chunks for a day, small ones for a live stream."""

    chunk_prints: int = 65_536
    chunk_quotes: int = 1 << 18
    chunk_underlying_quotes: int = 1 << 16

    def __post_init__(self) -> None:
        smallest = min(self.chunk_prints, self.chunk_quotes, self.chunk_underlying_quotes)
        if smallest < 1:
            raise ValueError(f"chunks hold at least one row, found {smallest}")
