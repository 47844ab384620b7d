"""Tapes on object storage: files that somebody put below a URL, or a day that was published there, copied to this machine to be read."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from smartmoney_pipeline.store.atomic import TEMPORARY_SUFFIX, hidden_name
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.object_folder import is_published, opened_folder
from smartmoney_pipeline.store.objects import Objects
from smartmoney_pipeline.store.scratch import recent_folder
from smartmoney_pipeline.store.urls import object_url


def opened_tape(tape: str | Path) -> Path:
    """Return the file or folder `tape` itself, or a copy on this machine of what lies at the URL `tape`.

    A published folder is read by what it names. Other objects are copied as they are; `StoreError` says so where one of them changed
    meanwhile, or where there are none.
    """
    url = object_url(tape)
    if url is None:
        return Path(tape)
    place = Objects(url)
    if is_published(place):
        return opened_folder(url, into=recent_folder("days", url))
    names = [one.name for one in place.listed()]
    if names:
        return _copied(place, names)
    parent, _, name = url.rpartition("/")
    return _copied(Objects(parent), [name]) / name


def _copied(place: Objects, names: list[str]) -> Path:
    """Copy objects below a folder that belongs to these very contents, so a copy is never changed."""
    outside = [name for name in names if name.startswith("/") or ".." in name.split("/")]
    if outside:
        raise StoreError(f"{place.url}: {outside[0]!r} cannot be the name of a file")
    before = {name: place.mark(name) for name in names}
    if None in before.values():
        raise StoreError(f"{place.url}/{names[0]}: there is no such object, and nothing below it")
    contents = hashlib.sha256(repr([place.url, sorted(before.items())]).encode()).hexdigest()
    folder = recent_folder("tapes", contents) / PurePosixPath(place.url).name
    for name in names:
        if not (folder / name).is_file():
            unchecked = folder / hidden_name(name.replace("/", "."), TEMPORARY_SUFFIX)
            place.fetch(name, unchecked)
            if place.mark(name) != before[name]:
                raise StoreError(f"{place.url}/{name}: changed while it was read; wait until the tape is complete")
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            unchecked.replace(folder / name)
    return folder
