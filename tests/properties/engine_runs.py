"""The engine over a drawn tape, in memory: all tables that scoring writes, by the stages of a stored day or by the live engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
from drawn_market import SESSION
from drawn_tapes import Tables

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.engine.blocks import blocks_of
from smartmoney_pipeline.engine.context import DayContext, day_context
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_day import SLICED_TABLES
from smartmoney_pipeline.engine.slice_tables import publish_slice
from smartmoney_pipeline.engine.slices import DaySlices
from smartmoney_pipeline.schemas.arrow import empty_table
from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.run_hash import run_hash
from smartmoney_pipeline.tape.ingest import read_frames
from smartmoney_pipeline.tape.lake import lake_tables
from smartmoney_pipeline.tape.layout import Batch, TapeDay, plain_array

SOURCE = "drawn"


@dataclass(frozen=True)
class MemoryDay(TapeDay):
    """A day in the lake layout without files."""

    held: Mapping[str, pa.Table] = field(default_factory=dict)

    def columns(self, table: str) -> tuple[str, ...]:
        """Column names of a table that the day has."""
        return tuple(self.held[table].column_names)

    def table(self, name: str) -> pa.Table | None:
        """A whole table, or None."""
        return self.held.get(name)

    def print_ids(self) -> pa.Array:
        """Ids of all prints in tape order."""
        return self.held["option_prints"]["print_id"].combine_chunks()

    def _batches(self, table: str, columns: Sequence[str], rows: int) -> Iterator[Batch]:
        whole = self.held[table]
        for start in range(0, len(whole), rows):
            part = whole.slice(start, rows)
            found = {name: plain_array(part[name].combine_chunks()) for name in columns if name in whole.column_names}
            yield {name: found.get(name, plain_array(pa.nulls(len(part), pa.int32()))) for name in columns}


def memory_day(tables: Tables, session: date = SESSION) -> MemoryDay:
    """The day of canonical tables after every check of the reader."""
    raw = read_frames(tables, session)
    lake = lake_tables(raw.tables, settlement_instant_ns) | {"quarantine": raw.quarantine}
    frames = [lake[name].to_pandas(date_as_object=False) for name in ("contracts", "underlyings")]
    return MemoryDay(Path(), session, SOURCE, "", {name: len(table) for name, table in lake.items()}, *frames, TapeNature.PRINTS, lake)


def context_of(tables: Tables, session: date = SESSION) -> DayContext:
    """Everything that the stages are handed of these tables."""
    return day_context(memory_day(tables, session))


@dataclass(frozen=True)
class Run:
    """Tables of a result by name; events in canonical order."""

    tables: Mapping[str, pa.Table]

    @property
    def events(self) -> pa.Table:
        """The events."""
        return self.tables["smart_money_events"]

    def hash(self) -> str:
        """The hash by which runs are compared."""
        return run_hash(self.events)

    def rows(self) -> list[dict]:
        """The events as plain rows."""
        return self.events.to_pylist()


def batch(tables: Tables, params: EngineParams | None = None, session: date = SESSION) -> Run:
    """The result of the stages of a stored day."""
    return run_of(context_of(tables, session), params)


def run_of(context: DayContext, params: EngineParams | None = None) -> Run:
    """The result of the stages over a day that was made ready."""
    slices = DaySlices(context, params)
    parts = [publish_slice(context, events, slices.ledger.print_id) for events in blocks_of(slices)]
    joined = {name: pa.concat_tables([plain(getattr(part, name)) for part in parts]) if parts else plain(empty_table(OUTPUT_TABLES[name]))
              for name in SLICED_TABLES}  # fmt: skip
    return Run(joined | {"event_links": plain(slices.links())})


def plain(table: pa.Table) -> pa.Table:
    """The table with words in place of dictionary codes, so that equal values are equal columns."""
    for place, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(place, pa.field(column.name, pa.string()), table[column.name].cast(pa.string()))
    return table.replace_schema_metadata(None).combine_chunks()
