"""Compares two results of a session: by their run hash, and where that differs by what became of the events, and the first that differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Group, RenderableType
from rich.text import Text

from smartmoney_pipeline.console.changes import Changes, changes, changes_json, changes_view
from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.engine.live.differences import changed_rows
from smartmoney_pipeline.store.encodings import plain_schema
from smartmoney_pipeline.store.run_hash import NOT_COMPARED, run_hash

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
    """Two results: their hashes, how many events only one of them has with the first of those ids, the events and columns that differ.

    `changes` is None where the hashes are equal.
    """

    hashes: tuple[str, str]
    events: tuple[int, int]
    missing: tuple[int, int]
    examples: tuple[list[str], list[str]]
    differing: int
    differences: list[Difference]
    columns: Columns
    changes: Changes | None

    @property
    def equal(self) -> bool:
        """Whether both are the same run."""
        return self.hashes[0] == self.hashes[1]


def compare(first: pa.Table, second: pa.Table) -> Comparison:
    """Compare the events of two results, tables as `score` writes them, the former first."""
    hashes = (run_hash(first), run_hash(second))
    one, other = (_by_id(table).flatten() for table in (first, second))
    columns = _columns(one, other)
    only = (_only(one, other), _only(other, one))
    counts, examples = (len(only[0]), len(only[1])), (only[0][:SHOWN], only[1][:SHOWN])
    lengths = (len(one), len(other))
    if hashes[0] == hashes[1]:
        return Comparison(hashes, lengths, counts, examples, 0, [], columns, None)
    left, right = _alike(one, other, columns.left_out)
    rows = np.flatnonzero(changed_rows(left, right, NOT_COMPARED))
    differences = [_first_column(left.slice(row, 1), right.slice(row, 1)) for row in rows[:SHOWN].tolist()]
    became = changes(left, right, gone=counts[0], new=counts[1])
    return Comparison(hashes, lengths, counts, examples, len(rows), differences, columns, became)


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


def _alike(one: pa.Table, other: pa.Table, left_out: set[str]) -> tuple[pa.Table, pa.Table]:
    """The events that both have, in one order, with the columns that both have."""
    place = pc.index_in(one["event_id"], value_set=other["event_id"].combine_chunks())
    both = place.is_valid()
    left, right = one.filter(both), other.take(place.drop_null())
    names = [name for name in left.column_names if name not in left_out]
    return left.select(names), right.select(names)


def _first_column(left: pa.Table, right: pa.Table) -> Difference:
    """The first column that differs in tables of one row."""
    name = next(n for n in left.column_names if n not in NOT_COMPARED and changed_rows(left.select([n]), right.select([n])).any())
    return Difference(left["event_id"][0].as_py(), name, left[name][0].as_py(), right[name][0].as_py())


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
        "changes": None if found.changes is None else changes_json(found.changes),
    }


def comparison_view(found: Comparison, first: str, second: str) -> RenderableType:
    """Return the comparison for readers, under the names of the two results."""
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
    if found.missing == found.events and all(found.events):
        lines.append("no event is in both: ids hold session, source, underlying and prints; see whether the sources have one name")
    lines += [f"  {d.event_id}  {d.column}: {plain(_text(d.first))} | {plain(_text(d.second))}" for d in found.differences]
    counted = [] if found.changes is None else [changes_view(found.changes)]
    return Group(*(Text(line) for line in lines), *counted)


def _text(value: object) -> str:
    return "(none)" if value is None else str(value)
