"""A calendar file given beside a tape: its rows are counted like those of the tape, and the bad ones go to the quarantine of the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.calendar.rejected import TABLE
from smartmoney_pipeline.tape.quality import row_counts
from smartmoney_pipeline.tape.quarantine import QUARANTINE_SCHEMA


@dataclass(frozen=True)
class GivenCalendar:
    """What was given: how many `rows` the file has, and the `quarantine` of those that cannot be used."""

    rows: int
    quarantine: pa.Table

    @classmethod
    def of(cls, rows: int, rejected: pd.DataFrame) -> GivenCalendar:
        """The file from its number of rows and the rejected ones, columns of the quarantine."""
        return cls(rows, pa.Table.from_pandas(rejected, schema=QUARANTINE_SCHEMA, preserve_index=False).replace_schema_metadata(None))

    def counted(self, tables: Mapping[str, Any]) -> dict[str, Any]:
        """Row counts by table with those of the file; where the tape brings a calendar too, both are added up."""
        mine = row_counts({TABLE: self.rows}, {TABLE: self.rows - len(self.quarantine)}, self.quarantine)[TABLE]
        return {**tables, TABLE: _added(tables[TABLE], mine) if TABLE in tables else mine}


def _added(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    reasons = sorted({*first["by_reason"], *second["by_reason"]})
    by_reason = {reason: first["by_reason"].get(reason, 0) + second["by_reason"].get(reason, 0) for reason in reasons}
    return {name: first[name] + second[name] for name in ("rows", "read", "quarantined")} | {"by_reason": by_reason}
