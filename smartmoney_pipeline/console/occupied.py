"""Whether the place of a command's output, a folder or a URL, is free, asked before the work begins."""

from pathlib import Path

from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.store.object_folder import refuse_other_objects
from smartmoney_pipeline.store.objects import Objects
from smartmoney_pipeline.store.urls import object_url


def refuse_occupied(out: Path, marker: str, thing: str, *, by_day: bool = False) -> None:
    """Say at once that a folder holds something else: neither `marker` nor, with `by_day`, folders that hold it only.

    Raises `CommandError`, which calls the output a `thing`; `StoreError` for a URL.
    """
    if (url := object_url(out)) is not None:
        refuse_other_objects(Objects(url))
        return
    if out.exists() and not out.is_dir():
        raise CommandError(f"{out}: is a file, a folder is needed for the {thing}")
    if not out.is_dir() or (out / marker).is_file():
        return
    strangers = [path.name for path in sorted(out.iterdir()) if not (by_day and (path / marker).is_file())]
    if strangers:
        raise CommandError(f"{out}: holds other files and no {marker}; choose an empty or new folder; the first is {strangers[0]}")
