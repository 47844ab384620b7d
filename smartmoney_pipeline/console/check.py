"""The data quality of a tape without scoring it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Group, RenderableType
from rich.text import Text

from smartmoney_pipeline.calendar.sessions import is_session
from smartmoney_pipeline.console.quality import examples, quality_view, quarantined_rows
from smartmoney_pipeline.schemas.arrow import empty_table
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.urls import place_name
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import SourceFormat, read_tape
from smartmoney_pipeline.tape.layout import TapeDay


@dataclass(frozen=True, slots=True)
class Checked:
    """A tape that was read: its session (null where no print could be read), the counts, and the rows put aside."""

    tape: Path
    session: date | None
    quality: dict[str, Any]
    quarantine: pa.Table

    @property
    def quarantined(self) -> int:
        """Rows put aside."""
        return quarantined_rows(self.quality)


def check_day(tape: Path) -> Checked:
    """Return what the import of a day in the lake layout found."""
    day = TapeDay.open(tape)
    kept = day.table("quarantine")
    return Checked(tape, day.session_date, day.quality, empty_table(OUTPUT_TABLES["quarantine"]) if kept is None else kept)


def check_tape(tape: Path, source_format: SourceFormat, session: date | None) -> Checked:
    """Read a tape. Raises `TapeError` where it cannot be read, or its day is no exchange session."""
    raw = read_tape(tape, source_format, session)
    if raw.session_date is not None and not is_session(raw.session_date):
        raise TapeError(tape, f"{raw.session_date} is no exchange session")
    return Checked(tape, raw.session_date, raw.quality, raw.quarantine)


def check_json(checked: Checked) -> dict[str, Any]:
    """Return the report and the first examples in the form of `--json`."""
    return {
        "tape": checked.tape,
        "session": checked.session,
        "quarantined": checked.quarantined,
        "data_quality": checked.quality,
        "examples": examples(checked.quarantine),
    }


def check_view(checked: Checked) -> RenderableType:
    """Return the report as tables."""
    head = f"{place_name(checked.tape)}: session {checked.session or 'unknown, no print could be read'}"
    return Group(Text(head, "bold"), quality_view(checked.quality, checked.quarantine))
