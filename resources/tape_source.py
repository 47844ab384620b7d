"""Where the tapes of real sessions lie."""

import os
from datetime import date
from pathlib import Path
from typing import Literal

import dagster as dg
from pydantic import Field

TAPES = "SMARTMONEY_TAPES"
DEFAULT_TAPES = "tapes"


def tapes_root() -> str:
    """Return the folder that SMARTMONEY_TAPES names, else `tapes`."""
    return os.environ.get(TAPES, DEFAULT_TAPES)


class TapeSource(dg.ConfigurableResource):
    """A folder with one entry a session, named YYYY-MM-DD: a canonical tape folder, or a folder of Cboe files.

    The default of `root` is the environment's: a launch that gives one field alone fills the others from the defaults of this class.
    """

    root: str = Field(default_factory=tapes_root)
    source_format: Literal["canonical", "cboe"] = "canonical"

    def path(self, session: date) -> Path:
        """Return the tape of `session`. Raises `dagster.Failure` that names the folder where it is missing."""
        folder = Path(self.root, session.isoformat())
        if not folder.exists():
            raise dg.Failure(f"no tape for {session}: {folder} does not exist; put the session's tape there")
        return folder
