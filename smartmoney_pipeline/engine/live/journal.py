"""Quotes of one bucket since its oldest checkpoint, in tape order, so that a time can be gone through again."""

from __future__ import annotations

import pyarrow as pa

from smartmoney_pipeline.engine.live.inbox import Tables, ordered, times


class Journal:
    """Released rows by table. Parts follow each other in time."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = {}

    def add(self, name: str, rows: pa.Table, late: bool) -> None:
        """Add rows in tape order; with `late` some of them lie before rows that are here."""
        parts = self._parts.setdefault(name, [])
        parts.append(rows)
        if late:
            self._parts[name] = [ordered(name, parts)]

    def rows(self, start: int, end: int) -> Tables:
        """Rows with start <= ts < end (ns UTC) by table."""
        found = {name: [cut for part in parts if len(cut := between(part, start, end))] for name, parts in self._parts.items()}
        return {name: pa.concat_tables(parts, promote_options="default").unify_dictionaries() for name, parts in found.items() if parts}

    def drop_before(self, start: int) -> None:
        """Forget the rows before `start`."""
        end = 1 << 62
        for name, parts in self._parts.items():
            self._parts[name] = [cut for part in parts if len(cut := between(part, start, end))]

    def __len__(self) -> int:
        return sum(len(part) for parts in self._parts.values() for part in parts)


def between(rows: pa.Table, start: int, end: int) -> pa.Table:
    """Rows with start <= ts < end of a table in time order; a view."""
    low, high = times(rows).searchsorted([start, end])
    return rows.slice(int(low), int(high - low))
