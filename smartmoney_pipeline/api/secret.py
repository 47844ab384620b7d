"""The secret that signs cursors, kept beside the keys so that a cursor outlives a restart of the server."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from smartmoney_pipeline.api.keys import FOLDER
from smartmoney_pipeline.store.atomic import locked_folder, replacing

FILE = "cursor_secret"
BYTES = 32


def lake_secret(lake: Path) -> bytes:
    """Return the secret of a lake, made on first use. Of a lake that cannot be written to it is new each time."""
    path = lake / FOLDER / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked_folder(path.parent):
            if not path.exists():
                with replacing(path) as file:
                    os.fchmod(file.fileno(), 0o600)
                    file.write(secrets.token_bytes(BYTES))
            return path.read_bytes()
    except OSError:
        return secrets.token_bytes(BYTES)
