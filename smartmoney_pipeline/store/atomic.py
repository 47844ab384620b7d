"""Files that appear whole or not at all: written under a hidden name in the same folder, flushed, then renamed.

POSIX only: a rename inside one folder is atomic, and a lock held by the writer says that a hidden file is still in use.
"""

import fcntl
import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

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
    with _hidden_file(target.parent, target.name, lambda path: path.touch(exist_ok=False), "r+b", fcntl.LOCK_EX) as (temporary, file):
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

    def name_again(held: Path) -> None:
        try:
            os.link(path, held)
        except OSError:
            shutil.copyfile(path, held)

    folder.mkdir(parents=True, exist_ok=True)
    # Two runs that publish the same file share its lock, as they share the file.
    with _hidden_file(folder, path.name, name_again, "rb", fcntl.LOCK_SH) as (held, file):
        os.fsync(file.fileno())
        yield held


@contextmanager
def _hidden_file(folder: Path, name: str, make: Callable[[Path], None], mode: str, lock: int) -> Iterator[tuple[Path, BinaryIO]]:
    """A hidden file that `make` makes, open and locked for the block, and gone after it unless it was renamed."""
    for left in folder.glob(f".{name}.*{TEMPORARY_SUFFIX}"):
        _remove_abandoned(left)
    with ExitStack() as held:
        while True:
            path = folder / hidden_name(name, TEMPORARY_SUFFIX)
            held.callback(path.unlink, missing_ok=True)
            make(path)
            with suppress(FileNotFoundError):
                file = held.enter_context(cast("BinaryIO", path.open(mode)))
                fcntl.flock(file, lock)
                if path.exists():
                    break
            # Another writer took it for abandoned before it was locked: make another.
        yield path, file


def _remove_abandoned(path: Path) -> bool:
    """Remove a hidden file that no process has locked, holding its lock meanwhile; whether it was removed."""
    with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
        return True
    return False


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
    return [path for path in sorted(root.rglob(f".*{TEMPORARY_SUFFIX}")) if path.is_file() and _remove_abandoned(path)]


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
