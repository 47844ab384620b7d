"""Which rows of an event calendar some print of a session may use: one rule for files, for what providers said, and for tapes."""

from datetime import date

import pandas as pd

from smartmoney_pipeline.calendar.event_columns import EVENT_COLUMNS
from smartmoney_pipeline.calendar.sessions import session_bounds


def usable(rows: pd.DataFrame, session_date: date, withdrawn: pd.Series | None = None) -> pd.DataFrame:
    """Return the rows known before the latest option close of the session, canonical columns, in their order.

    `withdrawn` (UTC instants, NaT never): rows withdrawn before the open are gone, later ones stay for that session. Raises
    `CalendarError` where `session_date` is no session.
    """
    bounds = session_bounds(session_date)
    opened, closed = (pd.Timestamp(ns, unit="ns", tz="UTC") for ns in (bounds.open_ns, bounds.option_close_ns))
    kept = rows["known_at"] < closed
    if withdrawn is not None:
        kept &= withdrawn.isna() | (withdrawn >= opened)
    return rows[kept].reindex(columns=list(EVENT_COLUMNS)).reset_index(drop=True)
