"""Read access to one published session: what events are chosen by, rows of events as tables and as JSON, other tables by event."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from functools import cached_property
from threading import RLock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.api.tables import PublishedRows
from smartmoney_pipeline.api.wire import json_rows
from smartmoney_pipeline.schemas.arrow import CATEGORY
from smartmoney_pipeline.store.manifest import EVENTS_TABLE, Manifest, Published

BLOCK_ROWS = 1_000
HELD_BLOCKS = 32
"""Encoded blocks of events that stay in memory, about four megabytes each."""

WORTH = 2
"""A block is encoded for a page that takes at least one in so many of its events; else the events themselves are, which costs less."""

_ENCODERS = ThreadPoolExecutor(1, "encode")
"""One thread: a block is hundreds of short calls, and two that hand the interpreter's lock to each other cost more than they save."""

INDEX = (
    "event_id",
    "underlying_id",
    "event_kind",
    "assembly",
    "structure",
    "primary_profile_id",
    "primary_direction",
    "abstained",
    "closed_at",
    "start_ts",
)
NUMBERS = ("premium_usd", "contracts", "dte_days")
CODES = ("abstention_reasons", "suppressed_reasons", "quality_flags")
LISTED = ("underlying_id", "event_kind", "assembly", "structure", "primary_profile_id", "primary_direction", "likeliest")
"""Index columns that are kept by code, for few values repeat."""


class SessionView:
    """One published session. Tables are opened when they are first asked for."""

    def __init__(self, published: Published, snapshot: str) -> None:
        self.published = published
        self.snapshot = snapshot
        self._tables: dict[str, PublishedRows] = {}
        self._blocks: OrderedDict[int, Future[pa.StringArray]] = OrderedDict()
        self._lock = RLock()

    @property
    def manifest(self) -> Manifest:
        """What was published."""
        return self.published.manifest

    @property
    def session(self) -> date:
        """The session."""
        return self.manifest.session

    @property
    def source(self) -> str:
        """Its source."""
        return self.manifest.source

    def table(self, name: str) -> PublishedRows:
        """Return one published table. Raises `StoreError` where it was not published or is damaged."""
        with self._lock:
            if name not in self._tables:
                self._tables[name] = PublishedRows(self.published, name)
            return self._tables[name]

    def has(self, name: str) -> bool:
        """Whether the table was published."""
        return name in self.manifest.tables

    @cached_property
    def index(self) -> pa.Table:
        """What events are chosen by, one row an event in canonical order: see INDEX, NUMBERS, CODES, and `probability` of the first."""
        read = self.table(EVENTS_TABLE).columns(
            [*INDEX, *(f"features.{name}" for name in NUMBERS), *CODES, "profile_scores", "none_probability"]
        )
        columns = {name: read[name] for name in (*INDEX, *CODES, "none_probability")}
        features = read["features"]
        columns |= {name: pc.struct_field(features, name) for name in NUMBERS}
        first = pc.list_element(read["profile_scores"], 0)
        columns |= {"likeliest": pc.struct_field(first, "profile_id"), "probability": pc.struct_field(first, "probability")}
        columns |= {name: columns[name].cast(CATEGORY) for name in LISTED}
        return pa.table(columns).combine_chunks().unify_dictionaries()

    @cached_property
    def closed_ns(self) -> NDArray[np.int64]:
        """Closing times of the events, ns UTC, rising."""
        return self.index["closed_at"].cast(pa.int64()).to_numpy()

    def row_of(self, event_id: str) -> int | None:
        """Return the row of an event, None where the session has none of that id."""
        row = pc.index(self.index["event_id"], pa.scalar(event_id, pa.string())).as_py()
        return None if row < 0 else int(row)

    def events(self, rows: NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Return events at these rows."""
        return self.table(EVENTS_TABLE).take(rows, columns)

    def events_json(self, rows: NDArray[np.int64]) -> pa.StringArray:
        """Return whole events at these rows as JSON objects; blocks that are encoded for them stay in memory for the next page."""
        block = rows // BLOCK_ROWS
        numbers = np.unique(block).tolist()
        absent = sum(len(self._rows_of(number)) for number in numbers if number not in self._blocks)
        if len(rows) * WORTH < absent or len(numbers) > HELD_BLOCKS // 2:
            return json_rows(self.events(rows))
        encoding = [self._block(number) for number in numbers]
        texts = {number: one.result() for number, one in zip(numbers, encoding, strict=True)}
        if len(rows) and (np.diff(rows) == 1).all():
            cuts = [(number, *np.searchsorted(block, [number, number + 1]).tolist()) for number in numbers]
            return pa.concat_arrays([texts[n].slice(int(rows[first]) - n * BLOCK_ROWS, last - first) for n, first, last in cuts])
        starts = np.cumsum([0, *(len(texts[number]) for number in numbers)])[:-1]
        places = starts[np.searchsorted(numbers, block)] + rows % BLOCK_ROWS
        return pa.concat_arrays(list(texts.values())).take(pa.array(places, pa.int64())) if numbers else pa.array([], pa.string())

    def of_event(self, name: str, event_id: str) -> pa.Table:
        """Return the rows of a table with `event_id` that are about one event; empty where the table was not published."""
        if not self.has(name):
            return pa.table({})
        ids = self._ids(name)
        return self.table(name).take(np.flatnonzero(pc.equal(ids, event_id).to_numpy()))

    def _ids(self, name: str) -> pa.ChunkedArray:
        return self.column(name, "event_id")

    def column(self, name: str, column: str) -> pa.ChunkedArray:
        """Return one column of a table, kept in memory."""
        key = f"{name}.{column}"
        with self._lock:
            kept = self.__dict__.setdefault("_columns", {})
            if key not in kept:
                found = self.table(name).columns([column])[column]
                kept[key] = found.cast(pa.string()) if pa.types.is_dictionary(found.type) else found
            return kept[key]

    def read_ahead(self, rows: NDArray[np.int64]) -> None:
        """Begin to encode what follows a page of consecutive rows, for as many rows: who reads on finds them at hand."""
        if not len(rows) or rows[-1] - rows[0] + 1 != len(rows):
            return
        first, last = int(rows[-1]) + 1, min(int(rows[-1]) + len(rows), len(self.index) - 1)
        for number in range(first // BLOCK_ROWS, last // BLOCK_ROWS + 1 if first <= last else 0):
            self._block(number)

    def _block(self, number: int) -> Future[pa.StringArray]:
        """The events of a block as JSON, when they are encoded; one that could not be read is tried again."""
        with self._lock:
            held = self._blocks.pop(number, None)
            if held is None or (held.done() and held.exception() is not None):
                held = _ENCODERS.submit(self._encoded, number)
            self._blocks[number] = held
            while len(self._blocks) > HELD_BLOCKS:
                self._blocks.popitem(last=False)
            return held

    def _encoded(self, number: int) -> pa.StringArray:
        return json_rows(self.events(np.asarray(self._rows_of(number))))

    def _rows_of(self, number: int) -> range:
        return range(number * BLOCK_ROWS, min((number + 1) * BLOCK_ROWS, len(self.index)))
