"""What a generated and scored session depends on: a hash over the code and tables that make it, so that kept sessions are known to fit."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

APART = ("evaluation", "console", "api", "bridge", "cli.py", "definitions.py")
"""Parts of the package that look at scored sessions and make none."""

SUFFIXES = {".py", ".json", ".yaml", ".csv"}


@cache
def fingerprint() -> str:
    """Return the hash of the packages `smartmoney_pipeline`, but for what only looks at results, and `scenario_data`."""
    return fingerprint_of((Path(str(resources.files("smartmoney_pipeline"))), Path(str(resources.files("scenario_data")))))


def fingerprint_of(roots: tuple[Path, ...]) -> str:
    """Return the hash over names and contents of the files below the roots that make a session."""
    found = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            if path.suffix in SUFFIXES and inside.parts[0] not in APART:
                found.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
