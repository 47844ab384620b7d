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
from smartmoney_pipeline.engine.live.differences import changed_rows, differing
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
class Comparison:
    """Two results: their hashes, how many events only one of them has with the first of those ids, and the events that differ."""

    hashes: tuple[str, str]
    events: tuple[int, int]
    missing: tuple[int, int]
    examples: tuple[list[str], list[str]]
    differing: int
    differences: list[Difference]

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
    one, other = (_by_id(table) for table in tables)
    only = (_only(one, other), _only(other, one))
    differences, number = ([], 0) if hashes[0] == hashes[1] else _differences(one, other)
    counts = (len(only[0]), len(only[1]))
    return Comparison(hashes, (len(one), len(other)), counts, (only[0][:SHOWN], only[1][:SHOWN]), number, differences)


def _by_id(table: pa.Table) -> pa.Table:
    return table.sort_by([("closed_at", "ascending"), ("event_id", "ascending")])


def _only(one: pa.Table, other: pa.Table) -> list[str]:
    """Ids that only the first table has, in its order."""
    there = pc.is_in(one["event_id"], value_set=other["event_id"].combine_chunks())
    return one["event_id"].filter(pc.invert(there)).to_pylist()


def _differences(one: pa.Table, other: pa.Table) -> tuple[list[Difference], int]:
    place = pc.index_in(one["event_id"], value_set=other["event_id"].combine_chunks())
    both = place.is_valid()
    left, right = one.filter(both), other.take(place.drop_null())
    names = [name for name in left.column_names if name in right.column_names]
    left, right = left.select(names), right.select(names)
    rows = np.flatnonzero(changed_rows(left, right, NOT_COMPARED))
    shown = [_first_column(left.slice(row, 1), right.slice(row, 1)) for row in rows[:SHOWN].tolist()]
    return shown, len(rows)


def _first_column(left: pa.Table, right: pa.Table) -> Difference:
    """The first column that differs in tables of one row; of a struct, its first field that does."""
    name = next(n for n in left.column_names if n not in NOT_COMPARED and changed_rows(left.select([n]), right.select([n])).any())
    values = [table[name].combine_chunks() for table in (left, right)]
    if pa.types.is_struct(values[0].type):
        fields = [field.name for field in values[0].type]
        inner = next(f for f in fields if differing(*(pc.struct_field(value, f) for value in values)).any())
        name, values = f"{name}.{inner}", [pc.struct_field(value, inner) for value in values]
    return Difference(left["event_id"][0].as_py(), name, values[0][0].as_py(), values[1][0].as_py())


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
    for folder, n, ids in zip((first, second), found.missing, found.examples, strict=True):
        lines.append(f"events only in {plain(folder)}: {count(n)}" + "".join(f"\n  {name}" for name in ids))
    lines.append(f"events in both that differ: {count(found.differing)}")
    lines += [f"  {d.event_id}  {d.column}: {plain(_text(d.first))} | {plain(_text(d.second))}" for d in found.differences]
    return Group(*(Text(line) for line in lines))


def _text(value: object) -> str:
    return "(none)" if value is None else str(value)
