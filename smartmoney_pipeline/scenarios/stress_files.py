"""Canonical Parquet files written as a stream: one row group after another, and the folder appears whole or not at all."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.scenarios.errors import ScenarioError

_DISTINCT = ("ts", "seq", "print_id")


class StreamedTables:
    """One open Parquet file a table; `rows` counts what was written by table."""

    def __init__(self, folder: Path) -> None:
        self.rows: dict[str, int] = {}
        self._folder = folder
        self._stack = ExitStack()
        self._writers: dict[str, pq.ParquetWriter] = {}

    def append(self, tables: Mapping[str, pa.Table]) -> None:
        """Append a row group to each table that is given; its file is opened at the first."""
        for name in sorted(tables):
            table = tables[name]
            if name not in self._writers:
                self._writers[name] = self._stack.enter_context(_writer(self._folder / f"{name}.parquet", table.schema))
            if len(table):
                self._writers[name].write_table(table, row_group_size=len(table))
            self.rows[name] = self.rows.get(name, 0) + len(table)

    def close(self) -> None:
        """Finish every file."""
        self._stack.close()


def _writer(file: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # A dictionary of values that hardly repeat costs three times the rest of the encoding, and is then thrown away.
    return pq.ParquetWriter(file, schema, use_dictionary=[name for name in schema.names if name not in _DISTINCT])


@contextmanager
def streamed(folder: Path) -> Iterator[StreamedTables]:
    """Give a writer into a hidden folder beside `folder`, which takes its name at the end and goes where the block fails.

    Raises `ScenarioError` where `folder` holds files.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ScenarioError(f"{folder}: holds files already; choose an empty or new folder")
    hidden = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir(parents=True)
    tables = StreamedTables(hidden)
    try:
        yield tables
        tables.close()
        if folder.is_dir():
            folder.rmdir()
        hidden.rename(folder)
    finally:
        tables.close()
        shutil.rmtree(hidden, ignore_errors=True)
