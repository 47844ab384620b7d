"""Runner of commands and a change of single cells, for the tests of the command line; no test is here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from typer.testing import CliRunner

from smartmoney_pipeline.cli import app

SESSION = "2025-01-15"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed where."""

    code: int
    out: str
    err: str


def run(*words: object, width: int = 120) -> Ended:
    """Run one command. An exception that reaches the runner fails the test: a user would see a traceback."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": str(width), "TERM": "dumb"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def with_cells(table: pa.Table, column: str, cells: dict[int, Any]) -> pa.Table:
    """The table with some cells of one column replaced."""
    values = table[column].to_pylist()
    for row, value in cells.items():
        values[row] = value
    at = table.column_names.index(column)
    return table.set_column(at, table.schema.field(column), pa.array(values, table.schema.field(column).type))
