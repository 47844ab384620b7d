"""What was received and not yet processed, by table. Belongs here: holding, releasing up to the watermark, tape order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.live.intake import PRINTS
from smartmoney_pipeline.tape.day_prints import in_print_order
from smartmoney_pipeline.tape.lake import in_tape_order

Tables = dict[str, pa.Table]


def times(table: pa.Table) -> NDArray[np.int64]:
    """Times of the rows, ns UTC."""
    return table["ts"].cast(pa.int64()).to_numpy()


def ordered(name: str, tables: list[pa.Table]) -> pa.Table:
    """One table of the rows of all, in tape order."""
    whole = joined_tables(tables)
    return in_print_order(whole) if name == PRINTS else in_tape_order(whole)


def joined_tables(tables: list[pa.Table]) -> pa.Table:
    """One table of the rows of all; a column that one lacks is null there."""
    whole = tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="default")
    return whole.unify_dictionaries().combine_chunks()


class Inbox:
    """Rows with ids, as they came."""

    def __init__(self) -> None:
        self._held: dict[str, list[pa.Table]] = {}

    def add(self, name: str, table: pa.Table) -> None:
        """Hold the rows."""
        if len(table):
            self._held.setdefault(name, []).append(table)

    def release(self, watermark: int) -> Tables:
        """Rows before the watermark (ns UTC) in tape order; tables without any are left out."""
        released = {}
        for name in sorted(self._held):
            whole = joined_tables(self._held[name])
            due = times(whole) < watermark
            if due.all():
                released[name] = ordered(name, [whole])
                del self._held[name]
            else:
                self._held[name] = [whole.filter(pa.array(~due))]
                if due.any():
                    released[name] = ordered(name, [whole.filter(pa.array(due))])
        return released

    def __len__(self) -> int:
        return sum(len(table) for tables in self._held.values() for table in tables)
