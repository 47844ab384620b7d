"""Opens vendor files, plain or compressed, and cuts text into blocks of whole lines that are parsed one at a time."""

import csv
import zipfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.plain_csv import CODE_TYPE, WORD_TYPE, plain_table
from smartmoney_pipeline.tape.source import all_text, decoded, first_line

T = TypeVar("T")
BLOCK_BYTES = 16 << 20
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one text file: wanted columns, row numbers (i64[n], header not counted), whether cells are text or typed already.

    `damaged` holds rows with another number of fields than the header, as (row, text).
    """

    data: pa.Table
    rows: np.ndarray
    source_file: str
    is_text: bool
    damaged: tuple[tuple[int, str], ...] = ()


def plain_name(path: Path) -> str:
    """File name without the suffix of its compression."""
    return path.stem if path.suffix.lower() in {*_COMPRESSIONS, ".zip"} else path.name


@contextmanager
def open_stream(path: Path) -> Iterator[Any]:
    """Bytes of a file, decompressed by its suffix (.gz, .zst, .bz2, or .zip with one entry). Raises `TapeError`."""
    if not path.is_file():
        raise TapeError(path, "not a file")
    if path.stat().st_size == 0:
        raise TapeError(path, "the file is empty")
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(_only_entry(path, archive)) as entry:
                yield entry
        else:
            with pa.input_stream(str(path), compression=_COMPRESSIONS.get(path.suffix.lower())) as stream:
                yield stream
    except (pa.ArrowException, OSError, EOFError, zipfile.BadZipFile) as fault:
        raise TapeError(path, f"cannot be read, cut off or damaged: {first_line(fault)}") from fault


def _only_entry(path: Path, archive: zipfile.ZipFile) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if len(names) != 1:
        raise TapeError(path, f"the archive holds {len(names)} entries, expected one")
    return names[0]


def line_blocks(stream: Any, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Pieces of a stream that end with a line, but for the last one."""
    rest = b""
    while data := stream.read(size):
        cut = data.rfind(b"\n") + 1
        if cut:
            yield b"".join((rest, memoryview(data)[:cut]))
            rest = data[cut:]
        else:
            rest += data
    if rest:
        yield rest


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, the next one made in another thread while this one is worked on: reading and parsing release the lock."""
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(next, items, None)
        while (item := pending.result()) is not None:
            pending = pool.submit(next, items, None)
            yield item


def csv_blocks(path: Path, wanted: Mapping[str, pa.DataType], optional: Collection[str] = ()) -> Iterator[Block]:
    """Blocks of a CSV file with the wanted columns; an absent optional column is left out.

    Columns come in the given types where a whole block can be read so, else as text, so that one bad cell costs time and one row.
    Raises `TapeError` for a file that cannot be read, and for a missing column, which it names.
    """
    with open_stream(path) as stream:
        blocks = line_blocks(stream)
        first = next(blocks, b"")
        names, body = _header(path, first)
        columns = _present(path, names, wanted, optional)
        yield from ahead(_parsed(_chain(body, ahead(blocks)), names, columns, path.name))


def _parsed(pieces: Iterator[bytes], names: list[str], columns: dict[str, pa.DataType], source_file: str) -> Iterator[Block]:
    start = 0
    for raw in pieces:
        block = parse_block(raw, names, columns, source_file, start)
        start += len(block.rows) + len(block.damaged)
        yield block


def csv_names(path: Path) -> list[str]:
    """Column names of a CSV file, compressed or not. Raises `TapeError`."""
    with open_stream(path) as stream:
        return _header(path, next(line_blocks(stream, 1 << 16), b""))[0]


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _header(path: Path, first: bytes) -> tuple[list[str], bytes]:
    line, _, body = first.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    names = [name.strip() for name in next(csv.reader([line.decode("utf-8", "replace")]), [])]
    if not any(names):
        raise TapeError(path, "the file has no header")
    return names, body


def _present(path: Path, names: list[str], wanted: Mapping[str, pa.DataType], optional: Collection[str]) -> dict[str, pa.DataType]:
    for name in wanted:
        if names.count(name) > 1:
            raise TapeError(path, "the column is there twice", column=name)
        if name not in names and name not in optional:
            raise TapeError(path, "the column is missing", column=name)
    return {name: kind for name, kind in wanted.items() if name in names}


def parse_block(raw: bytes, names: list[str], columns: dict[str, pa.DataType], source_file: str, start: int) -> Block:
    """A block of whole lines without a header: the fast way, else typed by Arrow, else as text."""
    plain = plain_table(raw, names, columns)
    if plain is not None:
        return Block(plain, np.arange(start, start + len(plain)), source_file, False)
    kinds = {name: WORD_TYPE if kind == CODE_TYPE else kind for name, kind in columns.items()}
    convert = pa_csv.ConvertOptions(column_types=kinds, include_columns=list(columns), null_values=[""], strings_can_be_null=True)
    try:
        table = pa_csv.read_csv(pa.BufferReader(raw), pa_csv.ReadOptions(column_names=names), convert_options=convert)
    except pa.ArrowInvalid:
        return _parse_text(raw, names, columns, source_file, start)
    return Block(table.unify_dictionaries().combine_chunks(), np.arange(start, start + len(table)), source_file, False)


def _parse_text(raw: bytes, names: list[str], columns: dict[str, pa.DataType], source_file: str, start: int) -> Block:
    damaged: list[tuple[int, str]] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        damaged.append((row.number - 1, row.text))  # numbered from 1
        return "skip"

    options = pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=max(len(raw), 1))
    parsed = pa_csv.read_csv(pa.BufferReader(raw), options, pa_csv.ParseOptions(invalid_row_handler=keep), all_text(names))
    table = decoded(parsed.select(list(columns)))
    kept = np.ones(len(table) + len(damaged), dtype=bool)
    kept[[row for row, _ in damaged]] = False
    moved = tuple((start + row, text) for row, text in damaged)
    return Block(table, start + np.flatnonzero(kept), source_file, True, moved)
