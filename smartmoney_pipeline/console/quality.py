"""Data quality of a tape as tables: rows by table, quarantined rows with examples, states of quotes, families of prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.console.words import count, percent, phrase
from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.tape.layout import nature_of
from smartmoney_pipeline.tape.quarantine import merge_quarantine

EXAMPLES = 3
"""Quarantined rows shown for each table and reason."""

VALUE_LETTERS = 60
"""Of a value: a damaged row may be a long text, and would take the width of the columns that say where it stands."""

_STATES = ("crossed", "locked", "one_sided", "zero")


def quarantined_rows(quality: Mapping[str, Any]) -> int:
    """Return how many rows the import put aside."""
    return sum(table["quarantined"] for table in quality["tables"].values())


def nature_line(nature: TapeNature) -> str | None:
    """Return what is to be known of a tape whose rows are no prints, None for prints."""
    if nature is TapeNature.PRINTS:
        return None
    return f"rows are {phrase(nature)}, not prints: each is an event of its own, without side or direction, and none is graded"


def examples(quarantine: pa.Table) -> list[dict[str, Any]]:
    """Return the first quarantined rows of each table and reason: table, reason, source_file, row, column, value."""
    frame = merge_quarantine([quarantine]).select(["table", "reason", "source_file", "row", "column", "value"]).to_pandas()
    first = frame.groupby(["table", "reason"], sort=True, observed=True).head(EXAMPLES)
    ordered = first.sort_values(["table", "reason", "source_file", "row"]).to_dict("records")
    return [{str(name): None if pd.isna(value) else value for name, value in row.items()} for row in ordered]


def quality_view(quality: Mapping[str, Any], quarantine: pa.Table) -> RenderableType:
    """Return every table of a data quality report."""
    line = nature_line(nature_of(quality))
    parts: list[RenderableType] = [*([] if line is None else [Text(line)]), _rows(quality["tables"])]
    if len(quarantine):
        parts.append(_examples(quarantine))
    parts += _quotes(quality)
    parts.append(_prints(quality["prints"]))
    return Group(*parts)


def quality_line(quality: Mapping[str, Any]) -> str:
    """Return the report in one line."""
    prints, tables = quality["prints"], quality["tables"]
    put_aside = quarantined_rows(quality)
    rows = tables["option_prints"]["rows"]
    parts = [f"{count(rows)} prints in the file, {count(prints['current'])} used", f"{count(prints['removed'])} removed by cancels"]
    parts += [f"{count(put_aside)} rows quarantined", f"{count(prints['late'])} late"]
    return ", ".join(parts)


def _rows(tables: Mapping[str, Any]) -> Table:
    table = Table(title="Rows", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("table")
    for name in ("in the file", "read", "quarantined"):
        table.add_column(name, justify="right")
    table.add_column("why", ratio=1)
    for name, counts in sorted(tables.items()):
        why = ", ".join(f"{phrase(reason)} {count(n)}" for reason, n in sorted(counts["by_reason"].items()))
        style = "yellow" if counts["quarantined"] else ""
        table.add_row(name, count(counts["rows"]), count(counts["read"]), count(counts["quarantined"]), why, style=style)
    return table


def _examples(quarantine: pa.Table) -> Table:
    title = f"Quarantined rows, the first {EXAMPLES} of each reason (rows count from 0, header left out)"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("table", "reason", "file"):
        table.add_column(name)
    table.add_column("row", justify="right")
    table.add_column("column")
    table.add_column("value", overflow="ellipsis", no_wrap=True, ratio=1)
    for row in examples(quarantine):
        value = "(none)" if row["value"] is None else plain(row["value"])[:VALUE_LETTERS]
        place = (plain(row["source_file"]), str(row["row"]), plain(row["column"] or ""))
        table.add_row(row["table"], phrase(row["reason"]), *place, value)
    return table


def _quotes(quality: Mapping[str, Any]) -> Iterable[RenderableType]:
    """Quote states by place; flagged quotes stay in use, so none of them is an error."""
    prints = quality["prints"]
    places = dict(sorted(quality["quotes"].items()))
    places |= {f"on the prints: {name}": prints[f"carried_{name}"] for name in ("nbbo", "underlying") if f"carried_{name}" in prints}
    if not places:
        return
    table = Table(title="Quotes that are kept and flagged", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("where")
    for state in ("crossed", "locked", "one-sided", "no quote"):
        table.add_column(state, justify="right")
    for name, counts in places.items():
        table.add_row(name, *(count(counts[state]) for state in _STATES))
    yield table


def _prints(prints: Mapping[str, Any]) -> RenderableType:
    families = ", ".join(f"{phrase(name)} {count(n)}" for name, n in sorted(prints["by_family"].items(), key=lambda item: -item[1]))
    facts = [
        f"Prints in use {count(prints['current'])}: {families}",
        f"late {count(prints['late'])}, condition unknown {count(prints['condition_unknown'])}, "
        f"removed {count(prints['removed'])} by {count(prints['corrections'])} corrections",
        f"option quote on the print {percent(prints['carried_nbbo_share'])}, "
        f"underlying quote on the print {percent(prints['carried_underlying_share'])}",
    ]
    return Text("\n".join(facts))
