"""The quarantine of an import: a row of a vendor file, the vendor's own column, and what is wrong with it."""

from collections.abc import Iterable
from typing import Self

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.quarantine import QUARANTINE_SCHEMA, RowFaults, quarantine_part

IMPORT_QUARANTINE_SCHEMA = QUARANTINE_SCHEMA.append(pa.field("column", pa.string()))
WHOLE_ROW = "whole row"
"""Stands for a column where the row itself is damaged."""


class ColumnFaults(RowFaults):
    """Faults of the rows of one chunk, each with the vendor's column; `names` maps canonical columns to those of the file."""

    def __init__(self, table: str, rows: np.ndarray, source_file: str | pa.Array, names: dict[str, str] | None = None) -> None:
        super().__init__(table, rows, source_file)
        self.names = names or {}
        self._column = WHOLE_ROW

    def at(self, column: str) -> Self:
        """The same faults; what is added next belongs to `column`, canonical or the vendor's own."""
        self._column = self.names.get(column, column)
        return self

    def _part(self, hit: np.ndarray, reason: QuarantineReason, values: pa.Array) -> pa.Table:
        part = super()._part(hit, reason, values)
        return part.append_column(IMPORT_QUARANTINE_SCHEMA.field("column"), pa.array([self._column] * len(part)))

    def quarantined(self) -> pa.Table:
        """Rows quarantined so far, schema `IMPORT_QUARANTINE_SCHEMA`, in order of the file."""
        return merge_import_quarantine(self._parts)


def damaged_rows(table: str, damaged: Iterable[tuple[int, str]], source_file: str, reason: QuarantineReason) -> pa.Table:
    """Quarantine of rows that are no rows, given as (row, text)."""
    pairs = list(damaged)
    rows = np.array([row for row, _ in pairs], dtype=np.int64)
    texts = pa.array([text for _, text in pairs], pa.string())
    part = quarantine_part(table, rows, reason, texts, pa.array([source_file] * len(pairs), pa.string()))
    return part.append_column(IMPORT_QUARANTINE_SCHEMA.field("column"), pa.array([WHOLE_ROW] * len(part), pa.string()))


def merge_import_quarantine(parts: Iterable[pa.Table]) -> pa.Table:
    """One table of all parts, in order of table, file and row."""
    merged = pa.concat_tables([IMPORT_QUARANTINE_SCHEMA.empty_table(), *parts])
    return merged.sort_by([("table", "ascending"), ("source_file", "ascending"), ("row", "ascending")]).combine_chunks()
