"""One day in the lake layout: written once, opened by everything above, streamed in batches of plain arrays."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.schemas.units import NO_PRICE, TICKS_PER_DOLLAR
from smartmoney_pipeline.tape.contracts import Settle
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.hashing import content_hash
from smartmoney_pipeline.tape.lake import (
    CARRIED_COLUMNS,
    PRINT_COLUMNS,
    QUOTE_COLUMNS,
    QUOTE_VENUES,
    UNDERLYING_QUOTE_COLUMNS,
    lake_tables,
)

Batch = dict[str, np.ndarray]
"""Column name to array; all arrays of one batch have the same length."""

_ROW_GROUP = 1 << 20
_DELTA_COLUMNS = frozenset({"ts", "seq"})
_DICTIONARY_COLUMNS = frozenset({"contract_id", "underlying_id", "venue", "condition", "bid_exchange", "ask_exchange"})
_NOT_HASHED = frozenset({"quarantine"})  # row numbers and file names are not content
_DAY_FILE, _QUALITY_FILE = "day.json", "quality.json"


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write one table with the encodings of the lake: lz4, delta times, dictionaries for ids and letters."""
    names = set(table.column_names)
    coded = [f.name for f in table.schema if f.name in _DICTIONARY_COLUMNS or _repeats(f)]
    delta = dict.fromkeys(sorted(_DELTA_COLUMNS & names), "DELTA_BINARY_PACKED")
    pq.write_table(table, path, compression="lz4", row_group_size=_ROW_GROUP, use_dictionary=coded, column_encoding=delta or None)


def _repeats(field: pa.Field) -> bool:
    return pa.types.is_string(field.type) and not field.name.endswith("print_id")


@dataclass(frozen=True, slots=True)
class TapeDay:
    """A day in the lake layout. Contracts and underlyings are in memory, indexed by their dense ids; the rest streams."""

    folder: Path
    session_date: date
    source: str
    content_hash: str
    rows: dict[str, int]
    contracts: pd.DataFrame
    underlyings: pd.DataFrame
    nature: TapeNature
    """What a row of the prints is, as the import of the tape said."""

    @classmethod
    def build(
        cls,
        tables: Mapping[str, pa.Table],
        out: Path,
        session_date: date,
        source: str,
        settle: Settle,
        quality: Mapping[str, Any] | None = None,
    ) -> "TapeDay":
        """Write clean tables (see `ingest.RawTape`; `quarantine` and `corrections` too) into `out` and open the day.

        `settle` gives the settlement instant (UTC ns) of (expiry, 'am' or 'pm', root). `day.json` is written last.
        """
        out = Path(out)
        out.mkdir(parents=True, exist_ok=True)
        written = {**lake_tables(tables, settle), **{n: tables[n] for n in ("quarantine", "corrections") if n in tables}}
        for name, table in written.items():
            write_parquet(table, out / f"{name}.parquet")
        _write_json(out / _QUALITY_FILE, dict(quality or {}))
        _write_json(out / _DAY_FILE, _day_facts(written, session_date, source))
        return cls.open(out)

    @classmethod
    def open(cls, folder: Path) -> "TapeDay":
        """Open a day. Raises `TapeError` where `folder` holds none, or one with another tick scale."""
        folder = Path(folder)
        path = folder / _DAY_FILE
        if not path.is_file():
            raise TapeError(folder, f"no day in the lake layout here: {_DAY_FILE} is missing")
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["ticks_per_dollar"] != TICKS_PER_DOLLAR:
            raise TapeError(path, f"{facts['ticks_per_dollar']} ticks a dollar, expected {TICKS_PER_DOLLAR}")
        return cls(
            folder,
            date.fromisoformat(facts["session_date"]),
            facts["source"],
            facts["content_hash"],
            {name: table["rows"] for name, table in facts["tables"].items()},
            _frame(folder / "contracts.parquet"),
            _frame(folder / "underlyings.parquet"),
            nature_of(_quality(folder)),
        )

    def has(self, table: str) -> bool:
        """Whether the day has this table."""
        return table in self.rows

    def columns(self, table: str) -> tuple[str, ...]:
        """Column names of a table that the day has."""
        return tuple(pq.read_schema(self._path(table)).names)

    def table(self, name: str) -> pa.Table | None:
        """A whole table, or None where the day has none of this name: for the small ones."""
        return pq.read_table(self._path(name)) if self.has(name) else None

    def print_ids(self) -> pa.Array:
        """Ids of all prints in tape order, strings."""
        return pq.read_table(self._path("option_prints"), columns=["print_id"])["print_id"].combine_chunks()

    @property
    def quality(self) -> dict[str, Any]:
        """Counts of the import: rows by table and reason, states of the quotes, families of the prints."""
        return _quality(self.folder)

    def print_batches(self, columns: Sequence[str] | None = None, rows: int = _ROW_GROUP) -> Iterator[Batch]:
        """Prints in tape order, at most `rows` a batch: ts, seq i64; ids, prices (ticks), sizes i32; venue, condition u8.

        Null is -1; a carried column that the tape has not is all -1. `print_id` (strings) comes only when asked for.
        """
        return self._batches("option_prints", columns or (*PRINT_COLUMNS, *CARRIED_COLUMNS), rows)

    def quote_batches(self, rows: int = _ROW_GROUP) -> Iterator[Batch]:
        """NBBO changes in tape order: ts i64; contract_id, bid, ask (ticks, 0 none), sizes i32; venues u8 (0 none) if there."""
        if not self.has("option_quotes"):
            return iter(())
        venues = [name for name in QUOTE_VENUES if name in self.columns("option_quotes")]
        return self._batches("option_quotes", (*QUOTE_COLUMNS, *venues), rows)

    def underlying_quote_batches(self, rows: int = _ROW_GROUP) -> Iterator[Batch]:
        """NBBO changes of the underlyings in tape order: ts i64; underlying_id, bid, ask (ticks, 0 none) i32."""
        if not self.has("underlying_quotes"):
            return iter(())
        return self._batches("underlying_quotes", UNDERLYING_QUOTE_COLUMNS, rows)

    def _path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def _batches(self, table: str, columns: Sequence[str], rows: int) -> Iterator[Batch]:
        with pq.ParquetFile(self._path(table)) as file:
            there = [name for name in columns if name in file.schema_arrow.names]
            for batch in file.iter_batches(rows, columns=there):
                present = {name: plain_array(batch.column(name)) for name in there}
                yield {name: present.get(name, _absent(len(batch))) for name in columns}


def _absent(count: int) -> np.ndarray:
    return np.full(count, NO_PRICE, dtype=np.int32)


def plain_array(values: pa.Array) -> np.ndarray:
    """Values as the stages read them: times as int64, null as -1, a missing letter as 0."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    if values.null_count and pa.types.is_integer(values.type):
        values = pc.fill_null(values, 0 if pa.types.is_uint8(values.type) else NO_PRICE)
    return values.to_numpy(zero_copy_only=False)


def nature_of(quality: Mapping[str, Any]) -> TapeNature:
    """What the rows of a tape are, by its report of data quality: prints, unless its import said otherwise."""
    return TapeNature(quality.get("import", {}).get("nature", TapeNature.PRINTS))


def _quality(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / _QUALITY_FILE).read_text(encoding="utf-8")))


def _frame(path: Path) -> pd.DataFrame:
    return pq.read_table(path).to_pandas(date_as_object=False)


def _day_facts(tables: Mapping[str, pa.Table], session_date: date, source: str) -> dict[str, Any]:
    hashed = {name: table for name, table in tables.items() if name not in _NOT_HASHED}
    return {
        "session_date": session_date.isoformat(),
        "source": source,
        "ticks_per_dollar": TICKS_PER_DOLLAR,
        "tables": {name: {"rows": len(table), "columns": table.column_names} for name, table in tables.items()},
        "content_hash": content_hash(hashed),
    }


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
