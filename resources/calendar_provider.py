"""Which file the corporate-event calendar comes from."""

from importlib import resources
from pathlib import Path

import dagster as dg

from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider


class CalendarFile(dg.ConfigurableResource):
    """A static calendar file (CSV, Parquet or JSON); empty takes the packaged one of the scenarios."""

    path: str = ""

    def provider(self) -> StaticFileProvider:
        """Return the provider of the configured file. Raises `CalendarError` where it cannot be read."""
        if self.path:
            return StaticFileProvider(Path(self.path))
        with resources.as_file(resources.files("scenario_data") / "event_calendar.csv") as packaged:
            return StaticFileProvider(packaged)
