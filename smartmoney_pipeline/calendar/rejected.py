"""Rows of a calendar file or of a provider's answer that cannot be used, in the shape of the quarantine table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

TABLE = "event_calendar"
WHOLE_ROW = "whole row"
"""Stands for a column where the row itself is damaged."""

REJECTED_COLUMNS = ("table", "row", "reason", "value", "source_file", "column")


def rejected_frame(rows: Sequence[Mapping[str, Any]], source: str) -> pd.DataFrame:
    """Rows given as `row` (from 0), `reason`, `value` (text or None) and `column`, as a quarantine; `source` names file or answer."""
    cells = [{"table": TABLE, "source_file": source, **row} for row in rows]
    texts = {name: "int64" if name == "row" else "str" for name in REJECTED_COLUMNS}
    return pd.DataFrame(cells, columns=list(REJECTED_COLUMNS)).astype(texts)


def first_fault(rejected: pd.DataFrame) -> str:
    """Where the first row lies and what is wrong with it, in one phrase."""
    first = rejected.iloc[0]
    value = None if pd.isna(first["value"]) else first["value"]
    return f"row {first['row']}, column {first['column']}, {first['reason']}: {value!r}"
