"""Where corporate events come from: a static file for real tapes, the pack itself for scenarios."""

from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd

from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider


class CalendarFile(dg.ConfigurableResource):
    """A static calendar file (CSV, Parquet or JSON). Empty: of a real session no corporate event is known, and none is made up."""

    path: str = ""

    def events(self, session: date) -> pd.DataFrame | None:
        """Return the rows of the file that some print of the session may use; None without a file.

        Raises `CalendarError` where the file cannot be read.
        """
        return StaticFileProvider(Path(self.path)).events(session) if self.path else None
