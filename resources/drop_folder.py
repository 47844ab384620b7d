"""Tapes in a drop folder: which sessions lie there complete, a fingerprint that changes with every file, and what is no tape."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

COMPLETE = "_COMPLETE"
"""A file of this name in a session's folder says that nothing more will come; without it the files have to lie still for a while."""

SETTLED_S = 120.0
PRINTS = ("option_prints.parquet", "option_prints.csv")
PARTIAL_SUFFIXES = (".tmp", ".part", ".partial", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A session in the drop folder. `waiting` says why it is not complete, None where it is; `unread` are files that no reader takes."""

    session: date
    fingerprint: str
    waiting: str | None
    unread: tuple[str, ...]


def arrivals(root: Path, now: datetime, names: Collection[str] | None = None) -> list[Arrival]:
    """Return the sessions of the drop folder in order; entries that are no date are none. A missing folder is empty.

    `names`: what the files of a tape are called, its prints among them; None where any name will do.
    """
    if not root.is_dir():
        return []
    entries = sorted(path for path in root.iterdir() if path.is_dir())
    found = [(day, path) for path in entries if (day := _day_of(path.name)) is not None]
    return [_looked_at(day, path, now, names) for day, path in found]


def strangers(root: Path) -> list[str]:
    """Return the names of what lies in the drop folder and is no folder of a session, in order; hidden entries are left out."""
    entries = sorted(root.iterdir()) if root.is_dir() else []
    return [path.name for path in entries if not path.name.startswith(".") and not (path.is_dir() and _day_of(path.name))]


def _day_of(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == len("2026-03-18") else None
    except ValueError:
        return None


def _looked_at(session: date, folder: Path, now: datetime, names: Collection[str] | None) -> Arrival:
    """Sizes and times of the files, seen once: a file that goes away meanwhile counts as still being written."""
    digest, newest, partial, whole = hashlib.sha256(), 0.0, [], []
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
        else:
            whole.append(name)
    waiting = _waiting(folder, partial, whole, now.timestamp() - newest)
    if waiting is None and names is not None and not set(PRINTS) & set(whole):
        waiting = f"there is no {' or '.join(PRINTS)}"
    unread = () if names is None else tuple(name for name in whole if name not in names)
    return Arrival(session, digest.hexdigest(), waiting, unread)


def _waiting(folder: Path, partial: list[str], whole: list[str], still_for: float) -> str | None:
    if partial:
        return f"still being written: {partial[0]}"
    if not whole:
        return "no file yet"
    if still_for < SETTLED_S and not (folder / COMPLETE).is_file():
        return f"changed a moment ago; taken when it has lain still for {SETTLED_S:.0f} s or holds {COMPLETE}"
    return None
