"""Where the event calendar comes from: one protocol, one module a source."""

from datetime import date
from typing import Protocol

import pandas as pd


class EventCalendarProvider(Protocol):
    """A source of corporate events."""

    def events(self, session_date: date) -> pd.DataFrame:
        """Return the rows that some print of the session may use: `known_at` before the latest option close of that day.

        Canonical columns (`calendar/event_columns.py`): codes as text, `event_date` datetime64[s], `known_at` UTC,
        `amount` float64 or null. What each single print may use is for `CorporateEvents` to decide.
        """
        ...
