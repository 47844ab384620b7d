"""A chain as it stood at one time, kept in bytes until it is needed: most checkpoints never are."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from typing import Any

from smartmoney_pipeline.engine.live.chain import Chain
from smartmoney_pipeline.engine.live.unpickling import KnownClasses


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before `until` (ns UTC) has been taken in. `shared` holds what the chain refers to and never changes."""

    until: int
    state: bytes
    shared: tuple[object, ...]

    @classmethod
    def of(cls, chain: Chain) -> Checkpoint:
        """The state of the chain now."""
        file = io.BytesIO()
        shared = chain.shared()
        _Writer(file, shared).dump(chain)
        return cls(chain.until, file.getvalue(), shared)

    def chain(self) -> Chain:
        """A chain that goes on from here."""
        chain = _Reader(io.BytesIO(self.state), self.shared).load()
        assert isinstance(chain, Chain)
        return chain


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, shared: tuple[object, ...]) -> None:
        super().__init__(file, protocol=5)
        self._places = {id(part): place for place, part in enumerate(shared)}

    def persistent_id(self, obj: Any) -> int | None:
        """Place of a shared part; None for what is written in full."""
        return self._places.get(id(obj))


class _Reader(KnownClasses):
    """Fills the shared parts in."""

    def __init__(self, file: io.BytesIO, shared: tuple[object, ...]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, pid: int) -> object:
        """The shared part at this place."""
        return self._shared[pid]
