"""One published table, opened once: its bytes are checked against the manifest, and a later replacement of the file is not seen."""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.manifest import Published

HELD_GROUPS = 2
"""Row groups of a table that stay decoded: pages that follow each other read the same one."""


class PublishedRows:
    """Random access to the rows of a published table. Safe for several threads."""

    def __init__(self, published: Published, table: str) -> None:
        """Raises `StoreError` where the table was not published, or its files are not those published."""
        listed = published.manifest.tables.get(table)
        if listed is None:
            raise StoreError(f"{table} is not published for {published.manifest.session} {published.manifest.source}")
        self._lock = Lock()
        self._files = [_opened(published.lake.root / file.path, file.sha256) for file in listed.files]
        self._readers = [pq.ParquetFile(file) for file in self._files]
        self._groups = [(reader, i) for reader in self._readers for i in range(reader.metadata.num_row_groups)]
        sizes = [reader.metadata.row_group(i).num_rows for reader, i in self._groups]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._held: OrderedDict[tuple[int, tuple[str, ...] | None], pa.Table] = OrderedDict()

    def __len__(self) -> int:
        return int(self._starts[-1])

    @property
    def schema(self) -> pa.Schema:
        """Columns and types."""
        return self._readers[0].schema_arrow

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Return whole columns; a dotted name is one field of a struct, under its last part."""
        with self._lock:
            return pa.concat_tables([reader.read(columns=list(names)) for reader in self._readers])

    def take(self, rows: NDArray[np.int64], names: Sequence[str] | None = None) -> pa.Table:
        """Return rows in the order asked for."""
        if not len(rows):
            return self._group(0, names).slice(0, 0) if self._groups else self.columns(names or self.schema.names)
        group = np.searchsorted(self._starts, rows, "right") - 1
        parts, order = [], np.argsort(group, kind="stable")
        for number in np.unique(group).tolist():
            mine = rows[order[group[order] == number]] - self._starts[number]
            parts.append(_rows(self._group(number, names), mine))
        if len(parts) == 1:
            return parts[0]
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return pa.concat_tables(parts).take(pa.array(back))

    def groups(self) -> Iterator[pa.Table]:
        """Yield the table a row group at a time."""
        for number in range(len(self._groups)):
            reader, place = self._groups[number]
            with self._lock:
                group = reader.read_row_group(place)
            yield group

    def file_bytes(self, size: int) -> Iterator[bytes]:
        """Yield the one published file as it is; several files become one Parquet file."""
        if len(self._files) != 1:
            yield _one_file(self.groups(), self.schema)
            return
        place = 0
        while True:
            with self._lock:
                self._files[0].seek(place)
                part = self._files[0].read(size)
            if not part:
                return
            place += len(part)
            yield part

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for file in self._files:
                file.close()

    def _group(self, number: int, names: Sequence[str] | None) -> pa.Table:
        key = (number, None if names is None else tuple(names))
        with self._lock:
            if names is not None and (number, None) in self._held:
                whole = self._held[number, None]
                return whole.select([name for name in whole.column_names if name in names])
            held = self._held.pop(key, None)
            if held is None:
                reader, place = self._groups[number]
                held = reader.read_row_group(place, columns=None if names is None else list(names))
            self._held[key] = held
            while len(self._held) > HELD_GROUPS:
                self._held.popitem(last=False)
            return held


def _rows(table: pa.Table, rows: NDArray[np.int64]) -> pa.Table:
    """Rows of a table; those that follow each other are not copied."""
    if rows[-1] - rows[0] + 1 == len(rows) and (np.diff(rows) == 1).all():
        return table.slice(int(rows[0]), len(rows))
    return table.take(pa.array(rows))


def _one_file(groups: Iterator[pa.Table], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in groups:
            writer.write_table(group)
    return sink.getvalue()


def _opened(path: Path, sha256: str) -> BinaryIO:
    try:
        file = path.open("rb")
    except OSError as error:
        raise StoreError(f"{path}: the published file cannot be opened: {error.strerror}") from error
    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
        file.close()
        raise StoreError(f"{path}: was changed after it was published; run the session again")
    file.seek(0)
    return file
