"""The canonical tape folder: finds its tables, turns file columns into their kinds, and writes such folders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.schemas.input_tables import INPUT_TABLES
from smartmoney_pipeline.tape.columns import WrongTypeError, convert
from smartmoney_pipeline.tape.conditions import BLANK, UNKNOWN
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.quarantine import RowFaults, damaged_rows
from smartmoney_pipeline.tape.source import Chunk, file_chunks
from smartmoney_pipeline.tape.tables import ColumnSpec, Kind, table_spec

_CODED = frozenset({"option_symbol", "underlying", "exchange", "condition", "bid_exchange", "ask_exchange"})


@dataclass(frozen=True, slots=True)
class TypedChunk:
    """Rows with columns of their kinds, the faults found so far, and damaged rows already in quarantine form."""

    columns: dict[str, pa.Array]
    faults: RowFaults
    damaged: pa.Table | None = None


def find_tables(folder: Path) -> dict[str, Path]:
    """Files of the input tables in a canonical folder. Raises `TapeError` if it is no folder or a table is there twice."""
    if not folder.is_dir():
        raise TapeError(folder, "not a folder; a canonical tape is a folder with one file per table")
    found = {}
    for table in INPUT_TABLES:
        files = [path for path in (folder / f"{table}.parquet", folder / f"{table}.csv") if path.exists()]
        if len(files) > 1:
            raise TapeError(folder, f"{table} is there twice, as Parquet and as CSV")
        if files:
            found[table] = files[0]
    if "option_prints" not in found:
        raise TapeError(folder, "there is no option_prints.parquet or option_prints.csv")
    return found


def read_table(table: str, path: Path) -> Iterator[TypedChunk]:
    """Typed chunks of one canonical file. Raises `TapeError` for a file, a column or a type that cannot serve."""
    for chunk in file_chunks(path, _CODED):
        yield typed_chunk(table, chunk, path)


def frame_chunk(table: str, frame: pa.Table | pd.DataFrame) -> TypedChunk:
    """One typed chunk from a table in memory, named `<memory>` as a file. Raises as `read_table`."""
    data = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
    return typed_chunk(table, Chunk(data, np.arange(len(data)), "<memory>", False), table)


def typed_chunk(table: str, chunk: Chunk, path: Path | str) -> TypedChunk:
    """Columns of one chunk in their kinds; columns outside the table's schema are left out."""
    faults = RowFaults(table, chunk.rows, chunk.source_file)
    present = set(chunk.data.column_names)
    columns = {}
    for spec in table_spec(table):
        if spec.name in present:
            columns[spec.name] = _typed_column(chunk, spec, faults, path)
        elif spec.required:
            raise TapeError(path, f"the column is missing from {table}", column=spec.name)
    return TypedChunk(columns, faults, damaged_rows(table, chunk.damaged, chunk.source_file))


def _typed_column(chunk: Chunk, spec: ColumnSpec, faults: RowFaults, path: Path | str) -> pa.Array:
    raw = chunk.data.column(spec.name).combine_chunks()
    if spec.name == "condition":
        # An empty cell of a text file is the blank of the feed; a null elsewhere is a condition that nobody gave.
        raw = _without_null(raw, BLANK if chunk.is_text else UNKNOWN)
    try:
        converted = convert(raw, spec, is_text=chunk.is_text)
    except WrongTypeError as fault:
        raise TapeError(path, str(fault), column=spec.name) from None
    faults.at(spec.name)
    for mask, reason in converted.faults:
        faults.add(mask, reason, raw)
    if not spec.nullable and converted.cells.null_count:
        missing = converted.cells.is_null().to_numpy(zero_copy_only=False)
        faults.add(missing, QuarantineReason.MISSING_VALUE, pa.nulls(len(raw), pa.string()))
    return converted.cells


def _without_null(values: pa.Array, word: str) -> pa.Array:
    if pa.types.is_null(values.type):
        return pa.array([word] * len(values), pa.string())
    if not values.null_count:
        return values
    return pc.fill_null(values.dictionary_decode() if pa.types.is_dictionary(values.type) else values, word)


def write_canonical(
    folder: Path, tables: Mapping[str, pa.Table | pd.DataFrame], file_format: Literal["parquet", "csv"] = "parquet"
) -> None:
    """Write canonical tables into `folder`, one file each. Columns outside a table's schema are not written.

    Raises `TapeError` when a required column is missing or a column does not fit its kind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for table, frame in tables.items():
        data = canonical_table(table, frame)
        if file_format == "parquet":
            pq.write_table(data, folder / f"{table}.parquet")
        else:
            pa_csv.write_csv(data, folder / f"{table}.csv")


def canonical_table(table: str, frame: pa.Table | pd.DataFrame) -> pa.Table:
    """Return `frame` with the columns and types of a canonical table, others left out. Raises `TapeError` as `write_canonical`."""
    data = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
    columns = {}
    for spec in table_spec(table):
        if spec.name in data.column_names:
            columns[spec.name] = _cast(table, spec, data.column(spec.name))
        elif spec.required:
            raise TapeError(table, "the column is missing", column=spec.name)
    return pa.table(columns)


def _cast(table: str, spec: ColumnSpec, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if spec.kind is Kind.TIME and (not pa.types.is_timestamp(values.type) or values.type.tz is None):
        raise TapeError(table, f"expected a timestamp with time zone, found {values.type}", column=spec.name)
    try:
        cast = values.cast(spec.kind.value)
    except pa.ArrowException as fault:
        raise TapeError(table, f"expected {spec.kind.value}, found {values.type}: {fault}", column=spec.name) from fault
    return pc.fill_null(cast, UNKNOWN) if spec.name == "condition" else cast
