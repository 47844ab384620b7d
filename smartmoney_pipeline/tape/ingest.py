"""The front door: reads a tape of any known format and imports it into the lake layout."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.canonical import TypedChunk, find_tables, frame_chunk, read_table
from smartmoney_pipeline.tape.cboe import read_cboe
from smartmoney_pipeline.tape.contracts import Settle
from smartmoney_pipeline.tape.day_prints import DayPrints, day_prints, join_chunks
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.publish import import_facts
from smartmoney_pipeline.tape.layout import TapeDay
from smartmoney_pipeline.tape.quality import print_counts, quote_table_counts, row_counts
from smartmoney_pipeline.tape.quarantine import merge_quarantine
from smartmoney_pipeline.tape.session import SessionDay, majority_day, other_day
from smartmoney_pipeline.tape.tables import CARRIED_OPTION_QUOTE, CARRIED_UNDERLYING_QUOTE, QUOTE_TABLES
from smartmoney_pipeline.tape.validate import clean_chunk

SourceFormat = Literal["canonical", "cboe"]


@dataclass(frozen=True, slots=True)
class RawTape:
    """A tape after reading: clean tables (ticks, one spelling), what left them and why, and counts.

    `tables` holds the input tables found, and `removed_prints`: cancelled prints and their cancels. `session_date` is None
    where no print could be read and no date was given.
    """

    tables: dict[str, pa.Table]
    quarantine: pa.Table
    corrections: pa.Table
    quality: dict[str, Any]
    session_date: date | None


@dataclass(slots=True)
class _Tally:
    rows: dict[str, int] = field(default_factory=dict)
    quarantined: list[pa.Table] = field(default_factory=list)

    def clean(self, table: str, chunks: Iterable[TypedChunk], session: SessionDay | None) -> list[pa.Table]:
        """Good rows of every chunk, the others counted."""
        self.rows.setdefault(table, 0)
        good = []
        for chunk in chunks:
            good.append(clean_chunk(table, chunk, session))
            damaged = [] if chunk.damaged is None else [chunk.damaged]
            self.rows[table] += len(chunk.faults.rows) + sum(len(part) for part in damaged)
            self.quarantined += [chunk.faults.quarantined(), *damaged]
        return good


def read_tape(path: Path, source_format: SourceFormat = "canonical", session_date: date | None = None) -> RawTape:
    """Read a canonical folder, or a Cboe DataShop file or folder of files.

    Without `session_date` the New York date of most prints is the session. Raises `TapeError` for what cannot be read at all.
    """
    path = Path(path)
    if source_format == "cboe":
        return _read({"option_prints": read_cboe(path)}, str(path), session_date)
    files = find_tables(path)
    raw = _read({table: read_table(table, file) for table, file in files.items()}, str(path), session_date)
    facts = import_facts(path)
    return replace(raw, quality=raw.quality | {"import": facts}) if facts else raw


def read_frames(tables: Mapping[str, pa.Table | pd.DataFrame], session_date: date | None = None) -> RawTape:
    """Read canonical tables from memory with the same checks as `read_tape`. Raises `TapeError` likewise."""
    sources = {table: iter([frame_chunk(table, frame)]) for table, frame in tables.items()}
    return _read(sources, "<memory>", session_date)


def _read(sources: Mapping[str, Iterator[TypedChunk]], origin: str, session_date: date | None) -> RawTape:
    tally = _Tally()
    prints = tally.clean("option_prints", sources["option_prints"], None)
    if not tally.rows["option_prints"]:
        raise TapeError(origin, "option_prints holds no rows")
    _refuse_without_quotes(set(sources), prints[0], origin)
    day = day_prints(prints, session_date)
    tally.quarantined.append(day.quarantined)
    tables = {"option_prints": day.corrected.current, "removed_prints": day.corrected.removed}
    for table, chunks in sources.items():
        if table != "option_prints":
            tables[table] = join_chunks(tally.clean(table, chunks, day.session))
    return _raw_tape(tables, day, tally)


def _raw_tape(tables: dict[str, pa.Table], day: DayPrints, tally: _Tally) -> RawTape:
    quarantine = merge_quarantine(tally.quarantined)
    read = {table: len(tables[table]) for table in tally.rows}
    read["option_prints"] += len(tables["removed_prints"])
    quality = {
        "tables": row_counts(tally.rows, read, quarantine),
        "prints": print_counts(tables["option_prints"], tables["removed_prints"], day.corrected.corrections),
        "quotes": quote_table_counts(tables),
    }
    session_date = None if day.session is None else day.session.day
    return RawTape(tables, quarantine, day.corrected.corrections, quality, session_date)


def _refuse_without_quotes(tables: set[str], prints: pa.Table, origin: str) -> None:
    for table, carried in zip(QUOTE_TABLES, (CARRIED_OPTION_QUOTE, CARRIED_UNDERLYING_QUOTE), strict=True):
        if table not in tables and not set(carried) <= set(prints.column_names):
            fault = f"there is no {table} table, and option_prints does not carry {' and '.join(carried)}"
            raise TapeError(origin, fault)


def import_tape(path: Path, out: Path, source_format: SourceFormat, session_date: date | None, source: str, settle: Settle) -> TapeDay:
    """Read the tape under `path` and write it into `out` in the lake layout. Raises `TapeError` where no print can be used."""
    raw = read_tape(path, source_format, session_date)
    return build_day(raw, out, source, settle, origin=str(path))


def build_day(raw: RawTape, out: Path, source: str, settle: Settle, origin: str = "<memory>") -> TapeDay:
    """Write a tape that was read into `out` in the lake layout; a day whose prints were all cancelled is an empty day.

    Raises `TapeError` where no print can be used; it names the day found where that is another than the session asked for.
    """
    if raw.session_date is None or not (len(raw.tables["option_prints"]) or len(raw.tables["removed_prints"])):
        if raw.session_date is not None and (found := _day_outside(raw.quarantine)) is not None:
            raise TapeError(origin, other_day(found, raw.session_date))
        first = raw.quarantine.slice(0, 1).to_pylist()
        why = f"; the first: row {first[0]['row']}, {first[0]['reason']}" if first else ""
        raise TapeError(origin, f"none of the {raw.quality['tables']['option_prints']['rows']} prints can be used{why}")
    report = {"quarantine": raw.quarantine, "corrections": raw.corrections}
    return TapeDay.build({**raw.tables, **report}, out, raw.session_date, source, settle, raw.quality)


def _day_outside(quarantine: pa.Table) -> date | None:
    """The other day that the prints are of, where most of them lie outside the session; else None."""
    prints = quarantine.filter(pc.field("table") == "option_prints")
    outside = prints.filter(pc.field("reason") == QuarantineReason.OUTSIDE_SESSION_DAY.value)
    if 2 * len(outside) <= len(prints):
        return None
    times = pd.to_datetime(outside["value"].to_pandas(), format="ISO8601", utc=True, errors="coerce").dropna()
    return majority_day(times.dt.as_unit("ns").astype("int64").to_numpy())
