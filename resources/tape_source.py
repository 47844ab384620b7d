"""Where the tapes of real sessions lie."""

from datetime import date
from pathlib import Path
from typing import Literal

import dagster as dg


class TapeSource(dg.ConfigurableResource):
    """A folder with one entry a session, named YYYY-MM-DD: a canonical tape folder, or a folder of Cboe files."""

    root: str = "tapes"
    source_format: Literal["canonical", "cboe"] = "canonical"

    def path(self, session: date) -> Path:
        """Return the tape of `session`. Raises `dagster.Failure` that names the folder where it is missing."""
        folder = Path(self.root, session.isoformat())
        if not folder.exists():
            raise dg.Failure(f"no tape for {session}: {folder} does not exist; put the session's tape there")
        return folder
