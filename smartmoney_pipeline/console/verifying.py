"""Compares two results: by their run hash, and where that differs by the first events and columns that do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from smartmoney_pipeline.console.results import FOLDER_MARKER
from smartmoney_pipeline.console.terminal import ExitCode, plain, show, show_json
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.engine.live.differences import changed_rows
from smartmoney_pipeline.store.encodings import plain_schema
from smartmoney_pipeline.store.folder import open_folder
from smartmoney_pipeline.store.object_folder import opened_folder
from smartmoney_pipeline.store.run_hash import NOT_COMPARED, run_hash

EVENTS = "smart_money_events.parquet"
SHOWN = 5


@dataclass(frozen=True)
class Difference:
    """The first column in which one event differs, with both values."""

    event_id: str
    column: str
    first: Any
    second: Any


@dataclass(frozen=True)
class Columns:
    """Columns that only one of two tables has, fields of structs among them, and those of another type in each; the rest is compared."""

    only_in: tuple[list[str], list[str]]
    other_type: list[str]

    @property
    def left_out(self) -> set[str]:
        """Columns without a counterpart to compare them with."""
        return {*self.only_in[0], *self.only_in[1], *self.other_type}


@dataclass(frozen=True)
class Comparison:
    """Two results: their hashes, how many events only one of them has with the first of those ids, the events and columns that differ."""

    hashes: tuple[str, str]
    events: tuple[int, int]
    missing: tuple[int, int]
    examples: tuple[list[str], list[str]]
    differing: int
    differences: list[Difference]
    columns: Columns

    @property
    def equal(self) -> bool:
        """Whether both are the same run."""
        return self.hashes[0] == self.hashes[1]


def compare(first: Path, second: Path) -> Comparison:
    """Compare the events of two result folders. Raises `StoreError` for a folder that is no finished result."""
    tables = tuple(
        pq.read_table(open_folder(opened_folder(place, (FOLDER_MARKER, EVENTS)), FOLDER_MARKER) / EVENTS) for place in (first, second)
    )
    hashes = (run_hash(tables[0]), run_hash(tables[1]))
    one, other = (_by_id(table).flatten() for table in tables)
    columns = _columns(one, other)
    only = (_only(one, other), _only(other, one))
    differences, number = ([], 0) if hashes[0] == hashes[1] else _differences(one, other, columns.left_out)
    counts = (len(only[0]), len(only[1]))
    return Comparison(hashes, (len(one), len(other)), counts, (only[0][:SHOWN], only[1][:SHOWN]), number, differences, columns)


def _by_id(table: pa.Table) -> pa.Table:
    return table.sort_by([("closed_at", "ascending"), ("event_id", "ascending")])


def _only(one: pa.Table, other: pa.Table) -> list[str]:
    """Ids that only the first table has, in its order."""
    there = pc.is_in(one["event_id"], value_set=other["event_id"].combine_chunks())
    return one["event_id"].filter(pc.invert(there)).to_pylist()


def _columns(one: pa.Table, other: pa.Table) -> Columns:
    """How the columns of two tables differ; dictionaries count as what they hold."""
    left, right = ({f.name: f.type for f in plain_schema(table.schema) if f.name not in NOT_COMPARED} for table in (one, other))
    both = [name for name in left if name in right]
    only_in = [name for name in left if name not in right], [name for name in right if name not in left]
    return Columns(only_in, [name for name in both if left[name] != right[name]])


def _differences(one: pa.Table, other: pa.Table, left_out: set[str]) -> tuple[list[Difference], int]:
    place = pc.index_in(one["event_id"], value_set=other["event_id"].combine_chunks())
    both = place.is_valid()
    left, right = one.filter(both), other.take(place.drop_null())
    names = [name for name in left.column_names if name not in left_out]
    left, right = left.select(names), right.select(names)
    rows = np.flatnonzero(changed_rows(left, right, NOT_COMPARED))
    shown = [_first_column(left.slice(row, 1), right.slice(row, 1)) for row in rows[:SHOWN].tolist()]
    return shown, len(rows)


def _first_column(left: pa.Table, right: pa.Table) -> Difference:
    """The first column that differs in tables of one row."""
    name = next(n for n in left.column_names if n not in NOT_COMPARED and changed_rows(left.select([n]), right.select([n])).any())
    return Difference(left["event_id"][0].as_py(), name, left[name][0].as_py(), right[name][0].as_py())


def show_comparison(first: Path, second: Path, as_json: bool, quiet: bool) -> None:
    """Print how two results compare, and end the command with 1 where they differ."""
    found = compare(first, second)
    if as_json:
        show_json(comparison_json(found))
    elif not quiet:
        show(comparison_view(found, first, second))
    if not found.equal:
        raise typer.Exit(int(ExitCode.ERROR))


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return the comparison in the form of `--json`."""
    return {
        "equal": found.equal,
        "run_hash": list(found.hashes),
        "events": list(found.events),
        "only_in": [{"count": n, "first": ids} for n, ids in zip(found.missing, found.examples, strict=True)],
        "columns": {"only_in": list(found.columns.only_in), "other_type": found.columns.other_type},
        "differing": found.differing,
        "differences": [
            {"event_id": d.event_id, "column": d.column, "values": [_text(d.first), _text(d.second)]} for d in found.differences
        ],
    }


def comparison_view(found: Comparison, first: Path, second: Path) -> RenderableType:
    """Return the comparison for readers."""
    if found.equal:
        return Text(f"equal: {count(found.events[0])} events, run {found.hashes[0][:12]}")
    lines = [f"different: {plain(first)} run {found.hashes[0][:12]}, {plain(second)} run {found.hashes[1][:12]}"]
    for folder, names in zip((first, second), found.columns.only_in, strict=True):
        lines += [f"columns only in {plain(folder)}: {', '.join(map(plain, names))}"] if names else []
    if found.columns.other_type:
        lines.append(f"columns of another type in each: {', '.join(map(plain, found.columns.other_type))}")
    for folder, n, ids in zip((first, second), found.missing, found.examples, strict=True):
        lines.append(f"events only in {plain(folder)}: {count(n)}" + "".join(f"\n  {name}" for name in ids))
    lines.append(f"events in both that differ: {count(found.differing)}")
    lines += [f"  {d.event_id}  {d.column}: {plain(_text(d.first))} | {plain(_text(d.second))}" for d in found.differences]
    return Group(*(Text(line) for line in lines))


def _text(value: object) -> str:
    return "(none)" if value is None else str(value)
