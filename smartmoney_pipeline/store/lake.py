"""The lake: where a table of one session and source lies, and how it is written and read.

`<root>/<table>/session=YYYY-MM-DD/source=NAME[/bucket=NN]/part-0.parquet`. A partition is replaced, never appended to. The same
rows in the same order give the same bytes, however they were cut into chunks.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.store.atomic import remove_temporaries, replacing
from smartmoney_pipeline.store.encodings import plain_schema, repeating_columns
from smartmoney_pipeline.store.errors import StoreError

ROW_GROUP_ROWS = 1 << 16
"""Rows of one Parquet row group: nested event rows are a kilobyte each, and a group is held whole while it is written."""

PIECE_ROWS = 1 << 15
"""A row group is handed over in pieces of this many rows, cut at the same rows whatever was appended: a piece that was appended whole
is not copied, and pages end at the same rows."""

TAPE_FOLDER, SCENARIO_FOLDER, LABELS_FOLDER = "tape", "scenario_tape", "scenario_labels"
"""Day folders and scenario folders that lie beside the tables, by session and source as these do."""

FILE_NAME = "part-0.parquet"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Lake:
    """A folder of table partitions. Sessions are dates or ISO text; tables and sources are plain names.

    What lies elsewhere (`ObjectLake`) overrides the methods from `brought` to `send_folder`, and has a copy in its `root`.
    """

    root: Path

    def __init__(self, root: str | Path) -> None:
        object.__setattr__(self, "root", Path(root))

    def path(self, table: str, session: date | str, source: str, bucket: int | None = None) -> Path:
        """Return the file of one partition, whether it exists or not. Raises `StoreError` for an unusable name."""
        folder = self._folder(table, session, source)
        return folder / FILE_NAME if bucket is None else folder / f"bucket={bucket:02d}" / FILE_NAME

    def files(self, table: str, session: date | str, source: str) -> list[Path]:
        """Return the files of a partition in bucket order; empty where there are none.

        Raises `StoreError` where a file lies beside buckets: one of them is a remnant, and reading both would count twice.
        """
        folder = self._folder(table, session, source)
        single, buckets = self.names(folder, FILE_NAME), sorted(self.names(folder, f"bucket=*/{FILE_NAME}"), key=_bucket_of)
        if single and buckets:
            raise StoreError(f"{folder}: holds {FILE_NAME} and buckets; remove the one that is out of date")
        return [self.brought(path) for path in single or buckets]

    def brought(self, path: Path) -> Path:
        """Return the file `path` of this lake, which is there if it exists at all."""
        return path

    def sent(self, path: Path) -> None:
        """Make the file `path` that was just written the one that all readers see, as it is already."""

    def names(self, folder: Path, pattern: str) -> list[Path]:
        """Return the files below `folder` that fit the glob `pattern`, whether they are here or not."""
        return list(folder.glob(pattern))

    def written(self, path: Path) -> datetime:
        """Return when the file `path` was written."""
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def address(self, path: Path) -> str:
        """Return how the place of `path` is written for others: as it is."""
        return str(path)

    def bring_folder(self, folder: Path) -> Path:
        """Return the finished folder `folder` of this lake, such as a tape, where it can be read: there."""
        return folder

    def send_folder(self, folder: Path) -> None:
        """Make the folder that was just written the one that all readers see, as it is already."""

    def exists(self, table: str, session: date | str, source: str, bucket: int | None = None) -> bool:
        """Whether the partition, or one bucket of it, has been written."""
        if bucket is None:
            return bool(self.files(table, session, source))
        return self.brought(self.path(table, session, source, bucket)).is_file()

    def write(
        self,
        table: str,
        session: date | str,
        source: str,
        rows: pa.Table | pd.DataFrame,
        bucket: int | None = None,
        schema: pa.Schema | None = None,
    ) -> Path:
        """Replace a partition (or bucket) by `rows` and return its file; `schema` fixes the types of a pandas frame.

        A crash or an error leaves the older partition. Metadata of the schema, pandas' own included, is not kept.
        """
        whole = _as_table(rows, schema)
        with self.writer(table, session, source, whole.schema, bucket) as writer:
            writer.append(whole)
        return self.path(table, session, source, bucket)

    @contextmanager
    def writer(
        self, table: str, session: date | str, source: str, schema: pa.Schema, bucket: int | None = None
    ) -> Iterator["PartitionWriter"]:
        """Replace a partition chunk by chunk: it appears when the block ends without an error."""
        with replacing(self.path(table, session, source, bucket)) as file:
            writer = PartitionWriter(file, schema)
            try:
                yield writer
                writer.finish()
            finally:
                writer.close()
        self.sent(self.path(table, session, source, bucket))

    def read(
        self,
        table: str,
        session: date | str,
        source: str,
        columns: Sequence[str] | None = None,
        bucket: int | None = None,
    ) -> pa.Table:
        """Return a partition, or one bucket of it, as an Arrow table, buckets in order.

        Raises `StoreError` that names the file where it is missing or damaged.
        """
        wanted = self.path(table, session, source, bucket)
        files = self.files(table, session, source) if bucket is None else [self.brought(wanted)]
        if not files:
            raise StoreError(f"{wanted}: the partition does not exist")
        return pa.concat_tables([read_parquet(path, columns) for path in files])

    def clean_temporaries(self) -> list[Path]:
        """Remove what crashed writers left, and return it; files of running writers stay."""
        return remove_temporaries(self.root)

    def _folder(self, table: str, session: date | str, source: str) -> Path:
        return self.root / checked_name(table) / f"session={session_key(session)}" / f"source={checked_name(source)}"


class PartitionWriter:
    """Writes one Parquet file in row groups of fixed size, so that the bytes do not depend on the chunks appended.

    Dictionary columns are written as their values, because the order of a dictionary depends on the chunks too.
    """

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        self._schema = schema
        self._plain = plain_schema(schema)
        self._writer = pq.ParquetWriter(
            file,
            self._plain,
            compression="zstd",
            version="2.6",
            use_dictionary=repeating_columns(self._plain),
            write_statistics=[field.name for field in self._plain if not pa.types.is_nested(field.type)],
        )
        self._pending: list[pa.Table] = []
        self._pending_rows = 0
        self.rows = 0

    def append(self, rows: pa.Table) -> None:
        """Add `rows`, which must have the schema of the partition. Raises `StoreError` where they have not."""
        if not rows.schema.equals(self._schema):
            raise StoreError(f"rows do not fit the partition: expected\n{self._schema}\nfound\n{rows.schema}")
        self._pending.append(rows if self._plain.equals(self._schema) else rows.cast(self._plain))
        self._pending_rows += rows.num_rows
        self.rows += rows.num_rows
        if self._pending_rows >= ROW_GROUP_ROWS:
            self._write_full_groups()

    def finish(self) -> None:
        """Write what is pending and the footer; a table without rows is a file too."""
        if self._pending_rows:
            self._write_group(pa.concat_tables(self._pending))
        self.close()

    def close(self) -> None:
        """Write the footer, once."""
        self._writer.close()

    def _write_full_groups(self) -> None:
        held = pa.concat_tables(self._pending)
        whole = held.num_rows - held.num_rows % ROW_GROUP_ROWS
        for start in range(0, whole, ROW_GROUP_ROWS):
            self._write_group(held.slice(start, ROW_GROUP_ROWS))
        self._pending, self._pending_rows = [held.slice(whole)], held.num_rows - whole

    def _write_group(self, rows: pa.Table) -> None:
        pieces = [rows.slice(start, PIECE_ROWS).combine_chunks() for start in range(0, rows.num_rows, PIECE_ROWS)]
        self._writer.write_table(pa.concat_tables(pieces), row_group_size=ROW_GROUP_ROWS)


def read_parquet(source: Path | BinaryIO, columns: Sequence[str] | None = None, name: str | None = None) -> pa.Table:
    """Return one Parquet file, `columns` of it or all. Raises `StoreError` that names it where it is missing or damaged."""
    try:
        with pq.ParquetFile(source) as file:
            return file.read(columns=None if columns is None else _present(file, columns))
    except FileNotFoundError as error:
        raise StoreError(f"{name or source}: the partition does not exist") from error
    except (OSError, KeyError, pa.ArrowException) as error:
        raise StoreError(f"{name or source}: cannot be read as Parquet: {error}") from error


def _present(file: pq.ParquetFile, columns: Sequence[str]) -> list[str]:
    """The columns asked for; Parquet readers would leave out an unknown one in silence."""
    unknown = [name for name in columns if name not in file.schema_arrow.names]
    if unknown:
        raise KeyError(f"no column {', '.join(unknown)}")
    return list(columns)


def checked_name(name: str) -> str:
    """Return `name` if it can be part of a path and of a partition key, else raise `StoreError`."""
    if not _NAME.fullmatch(name):
        raise StoreError(f"{name!r} cannot name a table or source: letters, digits, dot, dash and underscore only")
    return name


def session_key(session: date | str) -> str:
    """Return the session as YYYY-MM-DD. Raises `StoreError` where it is no such date."""
    try:
        return date.fromisoformat(str(session)).isoformat()
    except ValueError as error:
        raise StoreError(f"{session!r} is no session date, expected YYYY-MM-DD") from error


def _bucket_of(path: Path) -> int:
    return int(path.parent.name.removeprefix("bucket="))


def _as_table(rows: pa.Table | pd.DataFrame, schema: pa.Schema | None) -> pa.Table:
    if isinstance(rows, pd.DataFrame):
        return pa.Table.from_pandas(rows, schema=schema, preserve_index=False).replace_schema_metadata(None)
    return rows.replace_schema_metadata(None) if schema is None else rows.select(schema.names).cast(schema)
