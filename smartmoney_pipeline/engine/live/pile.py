"""A growing row of parts that stays short: parts of one size are joined when there are many, so that a part is moved a few times only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

Part = TypeVar("Part")

FOLD = 64
"""Parts of one level that become one of the next: a push of single prints then copies each row about three times in a day."""


class Pile(Generic[Part]):
    """Parts in the order in which they were added. `join` makes one part of several and must be a named function, for snapshots."""

    def __init__(self, join: Callable[[Sequence[Part]], Part], parts: Sequence[Part] = ()) -> None:
        self._join = join
        self._levels: list[list[Part]] = [list(parts)]

    def add(self, part: Part) -> None:
        """Add a part at the end."""
        self._levels[0].append(part)
        for level, held in enumerate(self._levels):
            if len(held) < FOLD:
                return
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(self._join(held))
            self._levels[level] = []

    def __iter__(self) -> Iterator[Part]:
        for held in reversed(self._levels):
            yield from held
