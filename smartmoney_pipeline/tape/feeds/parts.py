"""One vendor file becomes one part: tables by day, the quarantine, and the counts. A part appears whole or not at all."""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.tape.feeds.cancels import paired, split_marked
from smartmoney_pipeline.tape.feeds.checks import DAY, checked
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk
from smartmoney_pipeline.tape.feeds.clocks import NO_DAY
from smartmoney_pipeline.tape.feeds.selection import OUTSIDE, Selection, Sessions
from smartmoney_pipeline.tape.quarantine import merge_quarantine
from smartmoney_pipeline.tape.tables import table_spec

MARK = "done.json"
QUARANTINE = "quarantine.parquet"
ANY_DAY = "any"
"""Folder of rows that belong to no day of their own, such as contract definitions: they go to every day of the import."""

_WORDS = frozenset({"option_symbol", "underlying", "exchange", "condition", "bid_exchange", "ask_exchange", "settlement", "exercise"})
MARKED = "option_prints.marked"
"""File of the prints that a vendor marks, and of their cancels, beside the file of the live prints."""

_COUNTS = ("rows", "read", "quarantined", "left_out", "made")


@dataclass(slots=True)
class PartWriter:
    """Writes the checked rows of one file into `folder`, one Parquet file for each day and table."""

    folder: Path
    selection: Selection
    sessions: Sessions
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    _writers: dict[tuple[str, str], pq.ParquetWriter] = field(default_factory=dict)
    _marked: list[pa.Table] = field(default_factory=list)
    _quarantine: list[pa.Table] = field(default_factory=list)

    def add(self, chunk: FeedChunk) -> None:
        """Check one chunk and write its good rows."""
        rows = checked(chunk)
        outside = self.sessions.outside(rows[DAY].to_numpy())
        if outside.any():
            chunk.faults.at("ts").add(_spread(outside, chunk.faults.good), OUTSIDE, chunk.columns["ts"])
            rows = rows.filter(pa.array(~outside))
        keep = self.selection.wanted(rows)
        taken = rows if keep.all() else rows.filter(pa.array(keep))
        put_aside = [chunk.faults.quarantined()] + ([] if chunk.damaged is None else [chunk.damaged])
        self._quarantine += put_aside
        self._count(chunk.table, rows=chunk.row_count, read=len(taken), quarantined=sum(map(len, put_aside)))
        self._count(chunk.table, left_out=len(rows) - len(taken) + chunk.ignored)
        if chunk.table == "option_prints":
            taken, marked = split_marked(taken)
            self._marked += [] if marked is None else [marked]
        self._write(chunk.table, taken)

    def close(self) -> dict[str, Any]:
        """Write what was held back and the quarantine; return the counts by table."""
        if self._marked:
            rows, made = paired(pa.concat_tables(self._marked, promote_options="default").unify_dictionaries())
            self._count("option_prints", made=made)
            self._write("option_prints", rows, MARKED)
        for writer in self._writers.values():
            writer.close()
        pq.write_table(merge_quarantine(self._quarantine), self.folder / QUARANTINE)
        return {table: {name: counts[name] for name in _COUNTS} for table, counts in sorted(self.counts.items())}

    def _count(self, table: str, **more: int) -> None:
        self.counts.setdefault(table, Counter()).update(more)

    def _write(self, table: str, rows: pa.Table, file: str = "") -> None:
        days = rows[DAY].to_numpy()
        one = len(days) > 0 and bool((days == days[0]).all())
        for number in days[:1] if one else np.unique(days):
            mine = rows if one else rows.filter(pa.array(days == number))
            name = ANY_DAY if number == NO_DAY else str(np.datetime64(int(number), "D"))
            written = as_written(table, mine)
            self._writer(name, file or table, written.schema).write_table(written)

    def _writer(self, day: str, file: str, schema: pa.Schema) -> pq.ParquetWriter:
        if (day, file) not in self._writers:
            folder = self.folder / day
            folder.mkdir(exist_ok=True)
            self._writers[day, file] = new_writer(folder / f"{file}.parquet", schema)
        return self._writers[day, file]


def _spread(mask: np.ndarray, good: np.ndarray) -> np.ndarray:
    """A mask over the good rows as one over all rows."""
    whole = np.zeros(len(good), dtype=bool)
    whole[np.flatnonzero(good)[mask]] = True
    return whole


def new_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet writer with the encodings of an import: cheap to write, text as text to whoever reads it."""
    words = [f.name for f in schema if pa.types.is_dictionary(f.type)]
    delta = {f.name: "DELTA_BINARY_PACKED" for f in schema if f.name in {"ts", "seq"}}
    return pq.ParquetWriter(
        path,
        schema,
        compression="lz4",
        use_dictionary=words,
        column_encoding=delta,
        store_schema=False,
        dictionary_pagesize_limit=8 << 20,
        write_statistics=False,
    )


def as_written(table: str, rows: pa.Table) -> pa.Table:
    """The columns of a canonical table that are there, in order, words as dictionaries, so that all chunks of a file look alike."""
    names = [spec.name for spec in table_spec(table) if spec.name in rows.column_names]
    kinds = {spec.name: spec.kind.value for spec in table_spec(table)}
    return pa.table({name: _written(name, rows[name], kinds[name]) for name in names})


def _written(name: str, values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if not pa.types.is_string(kind):
        return values.cast(kind)
    if name not in _WORDS:
        return values.cast(pa.string())
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    return coded.cast(pa.dictionary(pa.int32(), pa.string()))


def part_key(path: Path, root: Path) -> str:
    """A name for the part of one file: it changes when the file does."""
    facts = path.stat()
    place = path.name if path == root else path.relative_to(root).as_posix()
    return hashlib.sha256(f"{place}\n{facts.st_size}\n{facts.st_mtime_ns}".encode()).hexdigest()[:24]


def is_done(part: Path) -> bool:
    """Whether the part is complete."""
    return (part / MARK).is_file()


def write_part(
    part: Path, chunks: Iterable[FeedChunk], selection: Selection, sessions: Sessions, progress: Callable[[int], None] | None = None
) -> None:
    """Import the chunks of one file into `part`, built under another name and renamed when it is complete."""
    staging = part.with_name(f".{part.name}.tmp")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    writer = PartWriter(staging, selection, sessions)
    for chunk in chunks:
        writer.add(chunk)
        if progress is not None:
            progress(chunk.row_count)
    mark = staging / MARK
    mark.write_text(json.dumps(writer.close(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    with mark.open("rb") as file:
        os.fsync(file.fileno())
    staging.rename(part)


def part_counts(part: Path) -> dict[str, Any]:
    """Counts of a complete part by table: rows, read, quarantined, left_out, made."""
    return dict(json.loads((part / MARK).read_text(encoding="utf-8")))
