"""From any known tape to a day in the lake layout, with the settlement instants that the calendar gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.calendar.sessions import is_session
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import SourceFormat, build_day, read_tape
from smartmoney_pipeline.tape.layout import TapeDay


def import_day(
    path: Path, out: Path, source_format: SourceFormat = "canonical", session: date | None = None, source: str = "tape"
) -> TapeDay:
    """Read the tape under `path`, write it into `out` in the lake layout and open it.

    Without `session` the New York date of most prints is the session. Raises `TapeError` where the tape cannot be read, holds no
    usable print, or its day is no exchange session.
    """
    raw = read_tape(path, source_format, session)
    if raw.session_date is not None and not is_session(raw.session_date):
        raise TapeError(path, f"{raw.session_date} is no exchange session")
    return build_day(raw, out, source, settlement_instant_ns, origin=str(path))
