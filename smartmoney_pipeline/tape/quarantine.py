"""The quarantine: rows that could not be read or trusted, each with its first fault and the column in which it was found."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason

QUARANTINE_SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("row", pa.int64()),
        ("reason", pa.string()),
        ("value", pa.string()),
        ("source_file", pa.string()),
        ("column", pa.string()),
    ]
)
WHOLE_ROW = "whole row"
"""Stands for a column where the row itself is at fault: damaged, repeated, or without its counterpart."""


class RowFaults:
    """Faults of the rows of one chunk. A row has one reason: the first that was added.

    `rows` are the row numbers in the file (i64[n]); `source_file` is one name, or an array of n names; `names` maps canonical columns
    to those of the file where they differ.
    """

    def __init__(self, table: str, rows: np.ndarray, source_file: str | pa.Array, names: Mapping[str, str] | None = None) -> None:
        self.table = table
        self.rows = rows
        self.names = names or {}
        self.good = np.ones(len(rows), dtype=bool)
        self._files = source_file
        self._column = WHOLE_ROW
        self._parts: list[pa.Table] = []

    def at(self, column: str) -> Self:
        """The same faults; what is added next belongs to `column`, canonical or the file's own."""
        self._column = self.names.get(column, column)
        return self

    def add(self, mask: np.ndarray, reason: QuarantineReason, values: pa.Array) -> None:
        """Quarantine the rows under `mask` (bool[n]) that are still good, with their `values` as text."""
        hit = np.flatnonzero(mask & self.good)
        if len(hit):
            self.good[hit] = False
            self._parts.append(self._part(hit, reason, values))

    def _part(self, hit: np.ndarray, reason: QuarantineReason, values: pa.Array) -> pa.Table:
        files = pa.array([self._files] * len(hit)) if isinstance(self._files, str) else _plain(self._files.take(pa.array(hit)))
        return quarantine_part(self.table, self.rows[hit], reason, _as_text(values.take(pa.array(hit))), files, self._column)

    def files(self) -> pa.Array:
        """File name of each row, as a dictionary column."""
        if isinstance(self._files, str):
            codes = pa.array(np.zeros(len(self.rows), dtype=np.int32))
            return pa.DictionaryArray.from_arrays(codes, pa.array([self._files]))
        return self._files

    def quarantined(self) -> pa.Table:
        """Rows quarantined so far."""
        return merge_quarantine(self._parts)


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _as_text(values: pa.Array) -> pa.Array:
    return pc.cast(_plain(values), pa.string())


def quarantine_part(
    table: str, rows: np.ndarray, reason: QuarantineReason, values: pa.Array, source_files: pa.Array, column: str = WHOLE_ROW
) -> pa.Table:
    """Quarantine rows of one table, reason and column: row numbers i64[n], values and file names as strings."""
    n = len(rows)
    texts = [[word] * n for word in (table, reason.value, column)]
    columns = [pa.array(texts[0]), pa.array(rows, pa.int64()), pa.array(texts[1]), values, source_files, pa.array(texts[2])]
    typed = [cells.cast(field.type) for cells, field in zip(columns, QUARANTINE_SCHEMA, strict=True)]
    return pa.Table.from_arrays(typed, schema=QUARANTINE_SCHEMA)


def damaged_rows(
    table: str, damaged: Sequence[tuple[int, str]], source_file: str, reason: QuarantineReason = QuarantineReason.RAGGED_ROW
) -> pa.Table | None:
    """Quarantine of rows that are no rows, given as (row, text); None where there are none."""
    if not damaged:
        return None
    rows, texts = zip(*damaged, strict=True)
    return quarantine_part(table, np.array(rows, np.int64), reason, pa.array(texts, pa.string()), pa.array([source_file] * len(rows)))


def merge_quarantine(parts: Iterable[pa.Table]) -> pa.Table:
    """One table of all parts, in order of table, file and row. A part of an older version, without columns, gets nulls."""
    merged = pa.concat_tables([QUARANTINE_SCHEMA.empty_table(), *parts], promote_options="default")
    return merged.sort_by([("table", "ascending"), ("source_file", "ascending"), ("row", "ascending")]).combine_chunks()
