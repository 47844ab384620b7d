"""Scratch folders of this process: gone when it ends, and cleared by the next one that makes a folder if it was killed."""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from smartmoney_pipeline.store.atomic import is_abandoned

VARIABLE = "SMARTMONEY_SCRATCH"
"""Names the folder in which scratch folders are made; the system's own for temporary files otherwise."""

RECENT = 8
"""A process reads few tapes at a time; one that lives long, as a worker does, would fill the disk with those of all days."""

PREFIX = "smartmoney-scratch-"


def scratch_folder(name: str) -> Path:
    """Return the folder `name` of this process, which is made on first use; `name` is a plain name."""
    folder = _of_process(os.getpid()) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def recent_folder(name: str, key: str) -> Path:
    """Return the folder of `key` among the folders `name` of this process; of those the `RECENT` that were asked for last stay."""
    folder = scratch_folder(name) / hashlib.sha256(key.encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    os.utime(folder)
    with suppress(FileNotFoundError):
        for path in sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)[:-RECENT]:
            shutil.rmtree(path, ignore_errors=True)
    return folder


@cache
def _of_process(process: int) -> Path:
    """One folder a process, locked while it lives. `process` is its number: a fork has one of its own."""
    place = Path(os.environ.get(VARIABLE) or tempfile.gettempdir())
    place.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_RDONLY)
    try:
        # Between making a folder and locking it another process may not take it for abandoned.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _clear_abandoned(place)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        # Never closed: the lock lasts as long as the process.
        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)
    finally:
        os.close(descriptor)
    atexit.register(_remove, folder, process)
    return folder


def _clear_abandoned(place: Path) -> None:
    for path in sorted(place.glob(f"{PREFIX}*")):
        if path.is_dir() and path.stat().st_uid == os.getuid() and is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
