"""Results held against each other: whole, or only what a law keeps, with a message that names the first difference."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from engine_runs import Run

Event = dict[str, Any]


def assert_same(found: Run, expected: Run) -> None:
    """Every table holds the same rows in the same order, ids and scores included."""
    for name, table in expected.tables.items():
        if not found.tables[name].equals(table):
            raise AssertionError(f"{name}: {difference(found.tables[name].to_pylist(), table.to_pylist())}")


def difference(found: list[Event], expected: list[Event]) -> str:
    """The first row that differs, and in which columns."""
    for place, (one, other) in enumerate(zip(found, expected, strict=False)):
        if one != other:
            columns = {name: (one[name], other.get(name)) for name in one if one[name] != other.get(name)}
            if "features" in columns:
                pairs = one["features"], other["features"]
                columns["features"] = {name: (pairs[0][name], pairs[1][name]) for name in pairs[0] if pairs[0][name] != pairs[1][name]}
            return f"row {place}: {columns}"
    return f"{len(found)} rows, expected {len(expected)}"


def part_of(run: Run, keep: Callable[[pa.Table], pa.Array]) -> Run:
    """The chosen events with their rows in the other tables; links where both ends are chosen."""
    events = run.events.filter(keep(run.events))
    ids = events["event_id"].combine_chunks()
    tables = {name: table.filter(pc.is_in(table["event_id"].cast(pa.string()), value_set=ids)) for name, table in run.tables.items()}
    links = tables["event_links"]
    return Run(tables | {"event_links": links.filter(pc.is_in(links["linked_event_id"].cast(pa.string()), value_set=ids))})


def of_tickers(run: Run, tickers: Collection[str]) -> Run:
    """The events of these underlyings."""
    return part_of(run, lambda events: pc.is_in(events["underlying_id"].cast(pa.string()), value_set=pa.array(sorted(tickers))))


def closed_before(run: Run, ts: int) -> Run:
    """The events that closed before this time (ns UTC)."""
    return part_of(run, lambda events: pc.less(events["closed_at"].cast(pa.int64()), ts))


def by_members(rows: Iterable[Event], drop: Collection[str]) -> dict[tuple[str, ...], Event]:
    """Events by their prints, without the columns that a law lets change."""
    return {tuple(row["member_print_ids"]): {name: value for name, value in row.items() if name not in drop} for row in rows}
