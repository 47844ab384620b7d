"""Warnings of providers that stand: the last refresh failed, and an older calendar is in force. They lie in the file of the history."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from smartmoney_pipeline.calendar.sessions import session_bounds

_KEY = b"smartmoney.calendar_warnings"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a refresh warned of, and when (UTC)."""

    at: datetime
    warning: str


def after_refresh(before: Mapping[str, Standing], asked: Collection[str], warned: Mapping[str, str], at: datetime) -> dict[str, Standing]:
    """Return the warnings that stand after a refresh of the providers `asked`: those of the others, and the new ones."""
    kept = {name: one for name, one in before.items() if name not in asked}
    return dict(sorted((kept | {name: Standing(at, text) for name, text in warned.items()}).items()))


def as_metadata(standing: Mapping[str, Standing]) -> dict[bytes, bytes]:
    """Return the warnings as metadata of a Parquet file."""
    cells = {name: {"at": one.at.isoformat(), "warning": one.warning} for name, one in standing.items()}
    return {_KEY: json.dumps(cells, sort_keys=True).encode()}


def from_metadata(metadata: Mapping[bytes, bytes] | None) -> dict[str, Standing]:
    """Return the warnings in the metadata of a Parquet file; a file of another kind has none. Raises `ValueError` for damaged ones."""
    cells = json.loads((metadata or {}).get(_KEY, b"{}"))
    return {name: Standing(datetime.fromisoformat(one["at"]), one["warning"]) for name, one in cells.items()}


def concerning(standing: Mapping[str, Standing], session_date: date) -> list[str]:
    """Return the warnings that were given before the close of the session: its events may lack what the provider would have said."""
    closed = pd.Timestamp(session_bounds(session_date).option_close_ns, unit="ns", tz="UTC")
    return [one.warning for one in standing.values() if one.at < closed]
