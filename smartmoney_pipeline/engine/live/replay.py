"""A stored tape as a live feed: rows of every table in the order of receipt, cut into steps of time. Nothing here waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.sessions import is_session
from smartmoney_pipeline.engine.live.intake import PRINTS, STREAMS
from smartmoney_pipeline.engine.live.universe import REFERENCE_TABLES
from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.tape.canonical import TypedChunk, find_tables, read_table
from smartmoney_pipeline.tape.cboe import read_cboe
from smartmoney_pipeline.tape.corrections import CANCEL_STATE
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.publish import import_facts
from smartmoney_pipeline.tape.ingest import SourceFormat
from smartmoney_pipeline.tape.layout import nature_of
from smartmoney_pipeline.tape.session import SessionDay, majority_day, other_day

RECEIVED = "ts_recv"


@dataclass(frozen=True)
class Step:
    """Rows received in one step of time, up to `end` (ns UTC); `prints` is how many prints came so far."""

    end: int
    tables: dict[str, pa.Table]
    prints: int


@dataclass(frozen=True)
class Feed:
    """A tape in order of receipt. `reference` holds what is known before the open, the symbols of the day among it."""

    session: date
    reference: dict[str, pa.Table]
    streams: dict[str, pa.Table]
    received: dict[str, NDArray[np.int64]]
    nature: TapeNature = TapeNature.PRINTS

    @property
    def prints(self) -> int:
        """Rows of the prints."""
        return len(self.streams[PRINTS])

    def steps(self, step_ns: int) -> Iterator[Step]:
        """Everything in steps of `step_ns` of time; steps in which nothing came are left out."""
        marks = [np.unique(times // step_ns) for times in self.received.values() if len(times)]
        places = dict.fromkeys(self.streams, 0)
        for mark in np.unique(np.concatenate(marks)).tolist() if marks else ():
            end, tables = (mark + 1) * step_ns, {}
            for name, table in self.streams.items():
                stop = int(np.searchsorted(self.received[name], end))
                if stop > places[name]:
                    tables[name] = table.slice(places[name], stop - places[name])
                places[name] = stop
            yield Step(end, tables, places[PRINTS])


def read_feed(path: Path, source_format: SourceFormat = "canonical", session: date | None = None) -> Feed:
    """Read a tape for replay; without `session` the New York date of most prints is the session.

    A vendor's own marks of cancelled prints are obeyed at once. Raises `TapeError` where the tape cannot be read, its day is no session,
    or all its prints are of another.
    """
    tables = _tables(Path(path), source_format)
    prints = tables[PRINTS]
    if not len(prints):
        raise TapeError(path, f"{PRINTS} holds no rows")
    times = _ns(prints["ts"].drop_null())
    day = session or majority_day(times)
    if day is None or not is_session(day):
        raise TapeError(path, f"{day} is no exchange session")
    if len(times) and SessionDay.of(day).outside(times).all() and (found := majority_day(times)) is not None:
        raise TapeError(path, other_day(found, day))
    streams, received = {}, {}
    for name in STREAMS:
        if name in tables:
            streams[name], received[name] = _in_order_of_receipt(tables[name])
    reference = {name: tables[name] for name in REFERENCE_TABLES if name in tables}
    return Feed(day, reference, streams, received, nature_of({"import": import_facts(Path(path)) or {}}))


def symbols_of(feed: Feed) -> set[str]:
    """Option symbols that occur anywhere in the feed, as they are written."""
    columns = [table["option_symbol"] for table in feed.streams.values() if "option_symbol" in table.column_names]
    words: set[str] = set()
    for column in columns:
        words |= set(pc.unique(pc.drop_null(column.cast(pa.string()))).to_pylist())
    return words


def _tables(path: Path, source_format: SourceFormat) -> dict[str, pa.Table]:
    if source_format == "cboe":
        prints = _whole(list(read_cboe(path)))
        live = pc.equal(pc.fill_null(prints[CANCEL_STATE], 0), 0) if CANCEL_STATE in prints.column_names else None
        return {PRINTS: prints if live is None else prints.filter(live).drop_columns([CANCEL_STATE])}
    return {name: _whole(list(read_table(name, file))) for name, file in find_tables(path).items()}


def _whole(chunks: list[TypedChunk]) -> pa.Table:
    """Typed rows of all chunks; cells that could not be read are null and find their way into the quarantine."""
    return pa.concat_tables([pa.table(chunk.columns) for chunk in chunks], promote_options="default").unify_dictionaries()


def _in_order_of_receipt(table: pa.Table) -> tuple[pa.Table, NDArray[np.int64]]:
    times = table["ts"]
    if RECEIVED in table.column_names:
        times = pc.coalesce(table[RECEIVED], times)
    received = _ns(pc.fill_null(times.cast(pa.int64()), 0))
    order = np.argsort(received, kind="stable")
    return table.take(pa.array(order)), received[order]


def _ns(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return column.cast(pa.int64()).to_numpy()
