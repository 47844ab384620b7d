"""Tapes in a drop folder: which sessions lie there complete, and a fingerprint that changes when a file is added or corrected."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

COMPLETE = "_COMPLETE"
"""A file of this name in a session's folder says that nothing more will come; without it the files have to lie still for a while."""

SETTLED_S = 120.0
PARTIAL_SUFFIXES = (".tmp", ".part", ".partial", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A session in the drop folder. `waiting` says why it is not complete, None where it is."""

    session: date
    fingerprint: str
    waiting: str | None


def arrivals(root: Path, now: datetime) -> list[Arrival]:
    """Return the sessions of the drop folder in order; entries that are no date are none. A missing folder is empty."""
    if not root.is_dir():
        return []
    entries = sorted(path for path in root.iterdir() if path.is_dir())
    found = [(day, path) for path in entries if (day := _day_of(path.name)) is not None]
    return [_looked_at(day, path, now) for day, path in found]


def _day_of(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == len("2026-03-18") else None
    except ValueError:
        return None


def _looked_at(session: date, folder: Path, now: datetime) -> Arrival:
    """Sizes and times of the files, seen once: a file that goes away meanwhile counts as still being written."""
    digest, newest, partial = hashlib.sha256(), 0.0, []
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != COMPLETE)
    for path in files:
        try:
            stat = path.stat()
        except FileNotFoundError:
            partial.append(path.name)
            continue
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode())
        newest = max(newest, stat.st_mtime)
        if name.startswith(".") or path.name.startswith(".") or path.name.lower().endswith(PARTIAL_SUFFIXES):
            partial.append(name)
    return Arrival(session, digest.hexdigest(), _waiting(folder, files, partial, now.timestamp() - newest))


def _waiting(folder: Path, files: list[Path], partial: list[str], still_for: float) -> str | None:
    if not files:
        return "no file yet"
    if partial:
        return f"still being written: {partial[0]}"
    if still_for < SETTLED_S and not (folder / COMPLETE).is_file():
        return f"changed {still_for:.0f} s ago; taken when it has lain still for {SETTLED_S:.0f} s or holds {COMPLETE}"
    return None
