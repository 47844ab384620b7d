"""Results that are a whole folder: built in a hidden folder beside the target, renamed to it when complete.

POSIX cannot exchange two folders portably, so an older result is renamed aside, the new one takes its name, and the older one is
removed. A crash between the two renames leaves nothing under the name; the next `staged_folder` or `open_folder` of the target
puts the older result back. So a reader that goes through `open_folder` finds the old result or the new, never a part of either;
one that reads several files while a writer swaps may see the older ones go, and opens the folder again. The lock of the parent
folder keeps a swap and a repair apart.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from smartmoney_pipeline.store.atomic import fault_point, hidden_name, is_abandoned, locked_folder, sync_folder
from smartmoney_pipeline.store.errors import StoreError

STAGING_SUFFIX = ".staging"


@contextmanager
def staged_folder(target: str | Path, marker: str) -> Iterator[Path]:
    """Yield an empty folder to fill; when the block ends without an error it becomes `target`, replacing an older result.

    `marker` is the file that every result of this kind holds: a folder with other content is never replaced. Raises
    `StoreError` for such a folder before anything is built, or where the new result lacks its marker.
    """
    final = Path(target).absolute()
    final.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        staging = _new_staging(final, marker, held)
        try:
            yield staging
            if not (staging / marker).is_file():
                raise StoreError(f"{final}: the new result has no {marker}, the older one is kept")
            _sync_tree(staging)
            _swap(staging, final)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def open_folder(target: str | Path, marker: str) -> Path:
    """Return a finished result folder, putting an older one back if a crash left it aside.

    Raises `StoreError` that names the folder where there is none, or one without `marker`.
    """
    final = Path(target).absolute()
    if not (final / marker).is_file() and not _there_after_repair(final, marker):
        raise StoreError(f"{final}: not a finished result, it holds no {marker}")
    return final


def _there_after_repair(final: Path, marker: str) -> bool:
    """Whether the result is there once no swap is under way; looked at under the lock, since the next swap may follow at once."""
    if not final.parent.is_dir():
        return False
    with locked_folder(final.parent):
        _repair(final)
        return (final / marker).is_file()


def _new_staging(final: Path, marker: str, held: ExitStack) -> Path:
    """Make a staging folder, locked until `held` is closed, after clearing what crashed writers of this target left."""
    staging = final.parent / hidden_name(final.name, STAGING_SUFFIX)
    with locked_folder(final.parent):
        _repair(final)
        _require_replaceable(final, marker)
        _remove_abandoned(final)
        staging.mkdir()
        held.enter_context(locked_folder(staging))
    return staging


def _remove_abandoned(final: Path) -> None:
    for path in sorted(final.parent.iterdir()):
        ours = path.name.startswith(f".{final.name}.") and path.name.endswith(STAGING_SUFFIX)
        if ours and is_abandoned(path):
            shutil.rmtree(path, ignore_errors=True)


def _aside(final: Path) -> Path:
    return final.parent / f".{final.name}.old"


def _repair(final: Path) -> None:
    """Finish or undo a swap that a crash interrupted."""
    aside = _aside(final)
    if not aside.exists():
        return
    if final.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(final)
        sync_folder(final.parent)


def _require_replaceable(final: Path, marker: str) -> None:
    if final.exists() and not final.is_dir():
        raise StoreError(f"{final}: is a file, expected a folder for the result")
    if final.is_dir() and any(final.iterdir()) and not (final / marker).is_file():
        raise StoreError(f"{final}: holds other files and no {marker}; choose an empty or new folder")


def _swap(staging: Path, final: Path) -> None:
    aside = _aside(final)
    with locked_folder(final.parent):
        _repair(final)
        fault_point("before_swap")
        if final.exists():
            final.rename(aside)
            fault_point("between_renames")
        staging.rename(final)
        sync_folder(final.parent)
        fault_point("after_swap")
        shutil.rmtree(aside, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for parent, _, names in os.walk(folder):
        for name in names:
            with Path(parent, name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))
