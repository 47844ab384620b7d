"""Quotes of one bucket since its oldest checkpoint, in tape order, so that a time can be gone through again."""

from __future__ import annotations

from smartmoney_pipeline.engine.live.inbox import Tables, in_order
from smartmoney_pipeline.engine.live.pile import Pile
from smartmoney_pipeline.engine.live.rows import Rows, joined_rows

END = 1 << 62


class Journal:
    """Released rows by table. Parts follow each other in time."""

    def __init__(self) -> None:
        self._parts: dict[str, Pile[Rows]] = {}

    def add(self, name: str, rows: Rows, late: bool) -> None:
        """Add rows in tape order; with `late` some of them lie before rows that are here."""
        parts = self._parts.setdefault(name, Pile(joined_rows))
        parts.add(rows)
        if late:
            self._parts[name] = Pile(joined_rows, [in_order(joined_rows(list(parts)))])

    def rows(self, start: int, end: int) -> Tables:
        """Rows with start <= ts < end (ns UTC) by table."""
        found = {name: [cut for part in parts if len(cut := part.between(start, end))] for name, parts in self._parts.items()}
        return {name: joined_rows(parts) for name, parts in found.items() if parts}

    def drop_before(self, start: int) -> None:
        """Forget the rows before `start`."""
        for name, parts in self._parts.items():
            kept = [cut for part in parts if len(cut := part.between(start, END))]
            self._parts[name] = Pile(joined_rows, [joined_rows(kept)] if kept else [])

    def __len__(self) -> int:
        return sum(len(part) for parts in self._parts.values() for part in parts)
