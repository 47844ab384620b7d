"""What a folder holds, by hashes: two that are equal hold the same files with the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path


def hashes(folder: Path, without: str | None = None) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by its path in it; not of those in a folder named `without`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and without not in path.relative_to(folder).parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
