"""Opens the files of a tape and hands out their rows in chunks, as they stand. What a row means is decided elsewhere."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from smartmoney_pipeline.tape.errors import TapeError

_BLOCK_BYTES = 32 << 20
_BATCH_ROWS = 1 << 18


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one file: raw columns, row numbers in the file (i64[n], header not counted), file name, text format or typed.

    `damaged` holds rows of text files that have another number of fields than the header, as (row, text).
    """

    data: pa.Table
    rows: np.ndarray
    source_file: str
    is_text: bool
    damaged: tuple[tuple[int, str], ...] = ()


def file_chunks(path: Path, text_columns: frozenset[str]) -> Iterator[Chunk]:
    """Chunks of one Parquet or CSV file. `text_columns` are read as dictionaries from Parquet, where each symbol is kept once.

    Raises `TapeError` for a file that is empty, cut off, not of its format, or with a column named twice.
    """
    if not path.is_file():
        raise TapeError(path, "not a file")
    if path.stat().st_size == 0:
        raise TapeError(path, "the file is empty")
    try:
        yield from _parquet(path, text_columns) if path.suffix == ".parquet" else _csv(path)
    except (pa.ArrowException, OSError) as fault:
        raise TapeError(path, f"cannot be read as {path.suffix[1:]}: {first_line(fault)}") from fault


def first_line(fault: Exception) -> str:
    """What an error says, in one line."""
    return str(fault).strip().partition("\n")[0] or type(fault).__name__


def _refuse_twice(path: Path, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TapeError(path, "the column is there twice", column=twice[0])


def _parquet(path: Path, text_columns: frozenset[str]) -> Iterator[Chunk]:
    schema = pq.read_schema(path)
    _refuse_twice(path, schema.names)
    text = [f.name for f in schema if f.name in text_columns and (pa.types.is_string(f.type) or _is_dictionary(f))]
    start = 0
    with pq.ParquetFile(path, read_dictionary=text) as file:
        if not file.metadata.num_rows:
            yield Chunk(file.schema_arrow.empty_table(), np.arange(0), path.name, False)
        for batch in file.iter_batches(_BATCH_ROWS):
            rows = np.arange(start, start + len(batch))
            start += len(batch)
            yield Chunk(pa.Table.from_batches([batch]), rows, path.name, False)


def _is_dictionary(field: pa.Field) -> bool:
    return pa.types.is_dictionary(field.type) and pa.types.is_string(field.type.value_type)


def csv_header(path: Path) -> list[str]:
    """Column names of a CSV file, a byte-order mark removed. Raises `TapeError` when the first line is blank."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            names = next(csv.reader(file), [])
        except csv.Error as fault:
            raise TapeError(path, f"the header cannot be read: {fault}") from fault
    if not any(names):
        raise TapeError(path, "the file has no header")
    return names


def _csv(path: Path) -> Iterator[Chunk]:
    names = csv_header(path)
    _refuse_twice(path, names)
    yield from _text_chunks(path, names, pa_csv.ParseOptions(newlines_in_values=True))


def line_chunks(path: Path) -> Iterator[Chunk]:
    """Chunks of a text file with one column, `line`: the lines after the header, blank ones left out. Raises `TapeError`."""
    try:
        # No field separator, no quotes: the caller splits lines whose number of fields varies.
        yield from _text_chunks(path, ["line"], pa_csv.ParseOptions(delimiter="\x01", quote_char=False))
    except (pa.ArrowException, OSError) as fault:
        raise TapeError(path, f"cannot be read as text: {first_line(fault)}") from fault


def _text_chunks(path: Path, names: list[str], parse_options: pa_csv.ParseOptions) -> Iterator[Chunk]:
    damaged: list[tuple[int, str]] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        damaged.append((row.number - 2, row.text))  # numbered from 1, header included
        return "skip"

    parse_options.invalid_row_handler = keep
    read_options = pa_csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False, block_size=_BLOCK_BYTES)
    start = 0
    for batch in pa_csv.open_csv(path, read_options, parse_options, all_text(names)):
        rows = file_rows(start, len(batch), [row for row, _ in damaged])
        start += len(batch)
        yield Chunk(decoded(pa.Table.from_batches([batch])), rows, path.name, True)
    # Damaged rows come last: the reader runs ahead of the chunks.
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    yield Chunk(empty, np.arange(0), path.name, True, tuple(damaged))


def all_text(names: list[str]) -> pa_csv.ConvertOptions:
    """Options that read every column as bytes, an empty cell as null."""
    # Bytes, not strings: one byte outside UTF-8 must not lose the file.
    return pa_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.binary()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )


def file_rows(start: int, count: int, skipped: list[int]) -> np.ndarray:
    """Row numbers in the file of kept rows `start` … `start + count`, given the sorted numbers of the rows left out."""
    kept = np.arange(start, start + count)
    gaps = np.asarray(skipped, dtype=np.int64) - np.arange(len(skipped))
    return kept + np.searchsorted(gaps, kept, side="right")


def decoded(table: pa.Table) -> pa.Table:
    """Columns of bytes as text; what is not UTF-8 is replaced."""
    columns = {name: _decode(table.column(name).combine_chunks()) for name in table.column_names}
    return pa.table(columns)


def _decode(values: pa.Array) -> pa.Array:
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        coded = values.dictionary_encode()
        words = pa.array([word.decode("utf-8", "replace") for word in coded.dictionary.to_pylist()], pa.string())
        return words.take(coded.indices)
