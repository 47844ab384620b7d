"""Packets that wait for their parent. Belongs here: columns that grow and shrink; no rule."""

from collections.abc import Mapping

import numpy as np

from smartmoney_pipeline.market.arrays import I64, Bool

LEAST_ROOM = 16_384


class PacketStore:
    """Rows of packet columns under row numbers that stay valid until `compact`."""

    def __init__(self) -> None:
        self._columns: dict[str, np.ndarray] = {}
        self._rows = 0
        self._live = 0

    def __getstate__(self) -> dict[str, object]:
        """Rows in use only: a copy takes no spare room with it."""
        return vars(self) | {"_columns": {name: column[: self._rows].copy() for name, column in self._columns.items()}}

    def append(self, packets: Mapping[str, np.ndarray]) -> I64:
        """Row numbers of the packets added. Raises `KeyError` where a column of the earlier packets is missing."""
        count = len(next(iter(packets.values())))
        if not self._columns:
            self._columns = {name: np.empty(LEAST_ROOM, np.asarray(column).dtype) for name, column in packets.items()}
        self._make_room(self._rows + count)
        for name, column in self._columns.items():
            column[self._rows : self._rows + count] = packets[name]
        rows = np.arange(self._rows, self._rows + count)
        self._rows += count
        self._live += count
        return rows

    def column(self, name: str) -> np.ndarray:
        """One column as it stands; index it with row numbers."""
        return self._columns[name]

    def take(self, rows: I64) -> dict[str, np.ndarray]:
        """Every public column at the given rows, as copies; the rows count as gone. Names that start with `_` are working columns."""
        self._live -= len(rows)
        return {name: column.take(rows, mode="clip") for name, column in self._columns.items() if name[0] != "_"}

    def compact(self, waiting: Bool) -> I64 | None:
        """Drop rows that are not waiting once they outnumber the others; the new row of each old one, or None where nothing moved."""
        if self._rows - self._live <= 2 * max(self._live, LEAST_ROOM):
            return None
        kept = np.flatnonzero(waiting)
        for column in self._columns.values():
            column[: len(kept)] = column[kept]
        self._rows = len(kept)
        return np.cumsum(waiting) - 1

    def __len__(self) -> int:
        return self._rows

    def _make_room(self, rows: int) -> None:
        room = len(next(iter(self._columns.values())))
        if rows <= room:
            return
        for name, column in self._columns.items():
            larger = np.empty(max(rows, 2 * room), column.dtype)
            larger[: self._rows] = column[: self._rows]
            self._columns[name] = larger
