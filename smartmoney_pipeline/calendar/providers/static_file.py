"""The event calendar in one file on disk: CSV, Parquet, or JSON as a list of objects.

Every row of the file is either delivered or listed in `rejected` with its reason; none is dropped in silence.
"""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.event_columns import (
    EVENT_COLUMNS,
    EVENT_TIMES,
    EVENT_TYPES,
    REQUIRED_COLUMNS,
)
from smartmoney_pipeline.calendar.rejected import WHOLE_ROW, rejected_frame
from smartmoney_pipeline.calendar.sessions import FIRST_DAY, LAST_DAY
from smartmoney_pipeline.calendar.standing import Standing, from_metadata
from smartmoney_pipeline.calendar.usable import usable
from smartmoney_pipeline.schemas.codes import QuarantineReason

RAGGED = WHOLE_ROW
"""As a column: the text of a CSV row with more or fewer cells than the header."""

WITHDRAWN = "withdrawn_at"
"""Optional column: when the event was called off; a calendar history keeps such rows."""

_ZONED_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$"
_MIDNIGHT = r"[T ]00:00:00(?:\.0+)?$"
_ANY_TIME = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$"


class StaticFileProvider:
    """Event calendar of one file. The file is read once, on construction. `standing` are the warnings in a history of providers."""

    def __init__(self, path: str | Path) -> None:
        """Read `path` (.csv, .parquet or .json).

        Raises `CalendarError` that names the file where it cannot be read, and the column where a required one is missing.
        """
        self.path = Path(path)
        text = _as_text(self.path)
        self.row_count = len(text)
        self._events, self.rejected = _accept(text, self.path)
        self.standing = _standing(self.path)
        self._withdrawn = _instants(text.loc[~text.index.isin(self.rejected["row"]), WITHDRAWN]).reset_index(drop=True)

    def events(self, session_date: date) -> pd.DataFrame:
        """Return the rows known before the latest option close of the session, canonical columns, in file order.

        Rows withdrawn before the open are left out, where the file says when they were. Raises `CalendarError` where `session_date`
        is no session.
        """
        return usable(self._events, session_date, self._withdrawn)


def _standing(path: Path) -> dict[str, Standing]:
    try:
        return from_metadata(pq.read_schema(path).metadata) if path.suffix == ".parquet" else {}
    except (ValueError, KeyError, TypeError) as error:
        raise CalendarError(f"{path}: the warnings kept in the event calendar cannot be read: {error}") from error


def _as_text(path: Path) -> pd.DataFrame:
    """Every cell as text or None, whatever the format, so that one set of rules judges all of them."""
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": _csv_text,
        ".parquet": _parquet_text,
        ".json": _json_text,
    }
    if path.suffix not in readers:
        raise CalendarError(f"{path}: expected a file that ends in {', '.join(readers)}")
    try:
        frame = readers[path.suffix](path)
    except (OSError, ValueError, pa.ArrowException, csv.Error) as error:
        raise CalendarError(f"{path}: the event calendar cannot be read: {error}") from error
    missing = [name for name in REQUIRED_COLUMNS if name not in frame.columns]
    if missing:
        raise CalendarError(f"{path}: column {', '.join(missing)} is missing")
    return frame.reindex(columns=[*EVENT_COLUMNS, WITHDRAWN, RAGGED]).astype(object).where(lambda cells: cells.notna(), None)


def _csv_text(path: Path) -> pd.DataFrame:
    """Rows of a CSV file, read by hand: pandas would take the ticker NA for a missing one and pad ragged rows."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file) if line]
    header, rows = (lines[0], lines[1:]) if lines else ([], [])
    cells = [dict(zip(header, row, strict=True)) if len(row) == len(header) else {RAGGED: ",".join(row)} for row in rows]
    frame = pd.DataFrame(cells, columns=[*header, RAGGED], dtype=object)
    return frame.map(lambda cell: cell.strip() or None, na_action="ignore")


def _json_text(path: Path) -> pd.DataFrame:
    records = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError("expected a list of objects")
    cells = [{name: _cell(value) for name, value in record.items()} for record in records]
    return pd.DataFrame(cells, columns=sorted({name for record in cells for name in record}), dtype=object)


def _cell(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _parquet_text(path: Path) -> pd.DataFrame:
    table = pq.read_table(path, partitioning=None)
    wanted = table.select([name for name in (*EVENT_COLUMNS, WITHDRAWN) if name in table.column_names])
    text = pa.table({name: column.cast(pa.string()) for name, column in zip(wanted.column_names, wanted.columns, strict=True)})
    return text.to_pandas().astype(object).where(lambda cells: cells != "", None)


def _accept(text: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the rows into canonical events and rejected rows; a row is rejected for the first fault found in it.

    A row that names no source has the name of the file, without its ending, as its source.
    """
    day = text["event_date"].astype("str").str.replace(_MIDNIGHT, "", regex=True)
    event_time = text["event_time"].where(text["event_time"].notna(), "unknown")
    events = text.assign(
        event_time=event_time,
        source=text["source"].where(text["source"].notna(), path.stem),
        event_date=pd.to_datetime(day, format="%Y-%m-%d", errors="coerce").dt.as_unit("s"),
        known_at=_instants(text["known_at"]),
        withdrawn_at=_instants(text[WITHDRAWN]),
        amount=pd.to_numeric(text["amount"], errors="coerce").astype("float64"),
    )
    reason, column = _first_faults(text, events)
    bad = reason.notna()
    return _canonical(events[~bad]), _rejected(text[bad], reason[bad], column[bad], path)


def _instants(cells: pd.Series) -> pd.Series:
    """UTC instants; NaT where the cell is no ISO 8601 time with an offset."""
    zoned = cells.astype("str").str.match(_ZONED_TIME)
    return pd.to_datetime(cells.where(zoned), format="ISO8601", utc=True, errors="coerce").dt.as_unit("ns")


def _first_faults(text: pd.DataFrame, events: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Reason and column of the first fault of each row; both null where there is none."""
    reason = pd.Series(None, index=text.index, dtype=object)
    column = pd.Series(None, index=text.index, dtype=object)
    for name, code, faulty in _fault_checks(text, events):
        fresh = faulty & reason.isna()
        reason[fresh], column[fresh] = code.value, name
    return reason, column


def _fault_checks(text: pd.DataFrame, events: pd.DataFrame) -> list[tuple[str, QuarantineReason, pd.Series]]:
    in_calendar = events["event_date"].between(pd.Timestamp(FIRST_DAY), pd.Timestamp(LAST_DAY))
    infinite = events["amount"].isin([np.inf, -np.inf]) | text["amount"].astype("str").str.lower().isin(["nan"])
    named = ("underlying", "event_type", "event_date", "known_at")
    missing = [(name, QuarantineReason.MISSING_VALUE, text[name].isna()) for name in named]
    return [
        (RAGGED, QuarantineReason.RAGGED_ROW, text[RAGGED].notna()),
        *missing,
        ("event_type", QuarantineReason.UNKNOWN_CODE, ~events["event_type"].isin(EVENT_TYPES)),
        ("event_time", QuarantineReason.UNKNOWN_CODE, ~events["event_time"].isin(EVENT_TIMES)),
        ("event_date", QuarantineReason.UNREADABLE_VALUE, ~in_calendar),
        *_time_checks("known_at", text, events["known_at"]),
        *_time_checks(WITHDRAWN, text, events[WITHDRAWN]),
        ("amount", QuarantineReason.NOT_A_NUMBER, infinite & text["amount"].notna()),
        ("amount", QuarantineReason.UNREADABLE_VALUE, events["amount"].isna() & text["amount"].notna()),
        ("amount", QuarantineReason.NEGATIVE_PRICE, events["amount"] < 0),
    ]


def _time_checks(name: str, text: pd.DataFrame, instants: pd.Series) -> list[tuple[str, QuarantineReason, pd.Series]]:
    said = text[name].astype("str")
    no_zone = said.str.match(_ANY_TIME) & ~said.str.match(_ZONED_TIME)
    given = text[name].notna()
    return [
        (name, QuarantineReason.TIME_ZONE_MISSING, given & no_zone),
        (name, QuarantineReason.UNREADABLE_VALUE, given & instants.isna()),
    ]


def _canonical(events: pd.DataFrame) -> pd.DataFrame:
    codes = dict.fromkeys(("underlying", "event_type", "event_time", "source"), "str")
    return events[list(EVENT_COLUMNS)].astype(codes).reset_index(drop=True)


def _rejected(text: pd.DataFrame, reason: pd.Series, column: pd.Series, path: Path) -> pd.DataFrame:
    """Rejected rows as a quarantine; `row` counts from 0."""
    places = zip(text.to_dict("records"), text.index, reason, column, strict=True)
    rows = [{"row": row, "reason": why, "value": cells[name], "column": name} for cells, row, why, name in places]
    return rejected_frame(rows, path.name)
