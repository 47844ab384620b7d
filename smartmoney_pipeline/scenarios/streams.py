"""Random streams: one counter-based generator per purpose, so that no draw depends on what else is generated."""

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np


@dataclass(frozen=True, slots=True)
class StreamKey:
    """What every stream of one generated day shares."""

    pack: str
    seed: int
    session: date

    def stream(self, scope: str, purpose: str) -> np.random.Generator:
        """Return the generator of one scope (a ticker, or `MARKET`) and purpose.

        The Philox key is a SHA-256 of the parts, so streams are independent of one another and of the order of calls.
        """
        return np.random.Generator(np.random.Philox(key=int.from_bytes(self.digest(scope, purpose)[:16], "big")))

    def digest(self, scope: str, purpose: str) -> bytes:
        """Return the 32 bytes that identify one scope and purpose of this day."""
        parts = (self.pack, str(self.seed), self.session.isoformat(), scope, purpose)
        return hashlib.sha256("\x1f".join(parts).encode()).digest()
