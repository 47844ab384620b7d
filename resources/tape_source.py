"""Where the tapes of real sessions lie."""

import os
from datetime import date
from pathlib import Path
from typing import Literal

import dagster as dg
from pydantic import Field

from smartmoney_pipeline.schemas.input_tables import INPUT_TABLES
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.object_tape import opened_tape
from smartmoney_pipeline.store.urls import object_url
from smartmoney_pipeline.tape.feeds.publish import IMPORT_QUARANTINE, REPORT

TAPES = "SMARTMONEY_TAPES"
DEFAULT_TAPES = "tapes"


def tapes_root() -> str:
    """Return the folder or URL that SMARTMONEY_TAPES names, else `tapes`."""
    return os.environ.get(TAPES, DEFAULT_TAPES)


class TapeSource(dg.ConfigurableResource):
    """A folder or s3:// URL with one entry a session, named YYYY-MM-DD: a canonical tape folder, or a folder of Cboe files.

    The default of `root` is the environment's: a launch that gives one field alone fills the others from the defaults of this class.
    """

    root: str = Field(default_factory=tapes_root)
    source_format: Literal["canonical", "cboe"] = "canonical"

    def files(self) -> frozenset[str] | None:
        """Return the names that a file of a tape may have; None where any name will do, as with Cboe files."""
        if self.source_format != "canonical":
            return None
        tables = {f"{table}.{ending}" for table in INPUT_TABLES for ending in ("parquet", "csv")}
        return frozenset({*tables, REPORT, IMPORT_QUARANTINE})

    def path(self, session: date) -> Path:
        """Return the tape of `session`, fetched from a URL. Raises `dagster.Failure` that names the place where it is missing."""
        url = object_url(self.root)
        if url is not None:
            try:
                return opened_tape(f"{url}/{session.isoformat()}")
            except StoreError as error:
                raise dg.Failure(f"no tape for {session}: {error}") from error
        folder = Path(self.root, session.isoformat())
        if not folder.exists():
            raise dg.Failure(f"no tape for {session}: {folder} does not exist; put the session's tape there")
        return folder
