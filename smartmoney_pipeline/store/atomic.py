"""Files that appear whole or not at all: written under a hidden name in the same folder, flushed, then renamed.

POSIX only: a rename inside one folder is atomic, and a lock held by the writer says that a hidden file is still in use.
"""

import fcntl
import os
import shutil
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

FAULT_VARIABLE = "SMARTMONEY_FAULT"
TEMPORARY_SUFFIX = ".tmp"


def fault_point(name: str) -> None:
    """Kill this process here if the environment asks for it: crash tests only, and no other code reads the variable."""
    if os.environ.get(FAULT_VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Open a hidden file beside `target` for writing, and rename it to `target` when the block ends without an error.

    The file and its folder are flushed to disk; an error or a crash leaves `target` as it was. What crashed writers of `target` left is
    removed first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / hidden_name(target.name, TEMPORARY_SUFFIX)
    with ExitStack() as held:
        held.callback(temporary.unlink, missing_ok=True)
        with locked_folder(target.parent):
            _remove_abandoned(target.parent, target.name)
            file = held.enter_context(temporary.open("xb"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file
        file.flush()
        os.fsync(file.fileno())
        fault_point("before_rename")
        temporary.replace(target)
    sync_folder(target.parent)


@contextmanager
def second_name(path: Path, folder: Path) -> Iterator[Path]:
    """Yield a hidden second name of the file `path` in `folder`: a link, or a copy where the file system has none; gone at the end.

    Files of the store are replaced, never changed, so the contents under the second name stay. What crashed writers of this name left is
    removed first. Raises `OSError` where neither link nor copy works.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = folder / hidden_name(path.name, TEMPORARY_SUFFIX)
    with ExitStack() as until_end:
        until_end.callback(held.unlink, missing_ok=True)
        with locked_folder(folder):
            _remove_abandoned(folder, path.name)
            try:
                os.link(path, held)
            except OSError:
                shutil.copyfile(path, held)
            file = until_end.enter_context(held.open("rb"))
            # Two runs that publish the same file share its lock, as they share the file.
            fcntl.flock(file, fcntl.LOCK_SH)
        os.fsync(file.fileno())
        yield held


def _remove_abandoned(folder: Path, name: str) -> None:
    """Remove hidden files that crashed writers of `name` left; hold the lock of the folder, under which writers make and lock theirs."""
    for path in folder.glob(f".{name}.*{TEMPORARY_SUFFIX}"):
        if is_abandoned(path):
            path.unlink(missing_ok=True)


def hidden_name(name: str, suffix: str) -> str:
    """Return a name that no other writer uses and no reader lists."""
    return f".{name}.{uuid.uuid4().hex}{suffix}"


def sync_folder(folder: Path) -> None:
    """Flush the entries of `folder`, so that a rename survives a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder` for the block, waiting for it if need be; the end of the process releases it too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remove_temporaries(root: Path) -> list[Path]:
    """Remove hidden files below `root` that crashed writers left, and return them sorted; files in use stay."""
    left = [path for path in sorted(root.rglob(f".*{TEMPORARY_SUFFIX}")) if path.is_file() and is_abandoned(path)]
    for path in left:
        path.unlink(missing_ok=True)
    return left


def is_abandoned(path: Path) -> bool:
    """Whether no process holds the lock of this file or folder; false where it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
