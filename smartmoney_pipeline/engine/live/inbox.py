"""What was received and not yet processed, by table. Belongs here: holding, releasing up to the watermark, tape order."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.live.intake import PRINTS
from smartmoney_pipeline.engine.live.rows import Rows, joined_rows
from smartmoney_pipeline.tape.ordering import tape_order, text_rank

Tables = dict[str, Rows]
Symbols = Callable[[NDArray[np.int32]], pa.Array]
"""Option symbols of contract ids."""


def in_order(rows: Rows) -> Rows:
    """Rows of a quote table in tape order: by (ts, seq), ties by the other columns."""
    rest = [name for name in rows.numbers if name not in {"ts", "seq"}]
    order = tape_order(rows.ts, rows.numbers["seq"], lambda tied: [np.maximum(rows.numbers[name][tied], 0) for name in rest])
    return rows if order is None else rows.take(order)


def prints_in_order(rows: Rows, symbols: Symbols) -> Rows:
    """Prints in tape order, as the stored tape has them."""

    def ties(tied: NDArray[np.int64]) -> list[np.ndarray]:
        names = symbols(rows.numbers["contract_id"][tied])
        words = [text_rank(rows.texts["print_id"], tied), text_rank(names, np.arange(len(tied)))]
        return words + [rows.numbers[name][tied] for name in ("price", "size", "venue", "condition")]

    order = tape_order(rows.ts, rows.numbers["seq"], ties)
    return rows if order is None else rows.take(order)


class Inbox:
    """Rows with ids, as they came; the parts of a table by their earliest time."""

    def __init__(self) -> None:
        self._held: dict[str, list[tuple[int, int, Rows]]] = {}
        self._rows = self._parts = 0

    def add(self, name: str, rows: Rows) -> None:
        """Hold the rows, of which there is one at least."""
        self._rows += len(rows)
        self._put(name, rows)

    def release(self, watermark: int, symbols: Symbols) -> Tables:
        """Rows before the watermark (ns UTC) in tape order; tables without any are left out."""
        released = {}
        for name in sorted(self._held):
            parts = self._due(name, watermark)
            if parts:
                whole = joined_rows(parts)
                self._rows -= len(whole)
                released[name] = prints_in_order(whole, symbols) if name == PRINTS else in_order(whole)
        return released

    def __len__(self) -> int:
        return self._rows

    def _put(self, name: str, rows: Rows) -> None:
        # The running number keeps parts of one time in the order of receipt and out of comparison.
        self._parts += 1
        heapq.heappush(self._held.setdefault(name, []), (int(rows.ts.min()), self._parts, rows))

    def _due(self, name: str, watermark: int) -> list[Rows]:
        held, due, rest = self._held[name], [], []
        while held and held[0][0] < watermark:
            rows = heapq.heappop(held)[2]
            early = rows.ts < watermark
            if early.all():
                due.append(rows)
            else:
                due.append(rows.take(early))
                rest.append(rows.take(~early))
        for rows in rest:
            self._put(name, rows)
        return due
