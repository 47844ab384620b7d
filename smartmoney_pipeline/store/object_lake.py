"""A lake on object storage: the same names as in a folder, each file one object, read and written through a copy on this machine.

A partition is replaced by one upload, so readers see the older one or the new. Publishing uploads every file under a name made from its
hash, and the manifest last: what is published is the old session or the new, and of two writers the last one wins, whole. No object has a
temporary name, so a writer that was killed leaves nothing but versions that no manifest lists; retention removes those.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from smartmoney_pipeline.store.atomic import fault_point
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import PUBLISHED, VERSIONS
from smartmoney_pipeline.store.object_folder import current_run, opened_folder, publish_folder
from smartmoney_pipeline.store.objects import Objects
from smartmoney_pipeline.store.scratch import scratch_folder
from smartmoney_pipeline.store.urls import object_url, place_name

_OF_A_LAKE = re.compile(r"[^/]+/session=[^/]+/")


def open_lake(root: str | Path) -> Lake:
    """Return the lake in a folder of this machine, or at an s3:// URL."""
    url = object_url(root)
    return Lake(root) if url is None else ObjectLake(url)


def existing_lake(root: str | Path) -> Lake:
    """Return the lake at a place that holds one: some partition or manifest. Raises `StoreError` for any other place, a new lake too."""
    lake = open_lake(root)
    if isinstance(lake, ObjectLake):
        found = any(_OF_A_LAKE.match(one.name) for one in lake.objects.listed(PUBLISHED) or lake.objects.listed())
    else:
        found = any(_OF_A_LAKE.match(f"{path.parent.name}/{path.name}/") for path in lake.root.glob("*/session=*"))
    if not found:
        raise StoreError(f"{place_name(root)}: holds no lake: there is neither a table of some session nor a manifest ({PUBLISHED})")
    return lake


@dataclass(frozen=True, slots=True)
class ObjectLake(Lake):
    """A lake below a URL. `root` is its copy in a scratch folder of this process: what was asked for or written, no more."""

    objects: Objects

    def __init__(self, url: str) -> None:
        object.__setattr__(self, "root", scratch_folder(f"lake-{hashlib.sha256(url.encode()).hexdigest()[:16]}"))
        object.__setattr__(self, "objects", Objects(url))

    def brought(self, path: Path) -> Path:
        """Fetch the file unless the copy here is the object of now; a copy without an object goes. Published names never change."""
        name = self._name(path)
        if name.startswith(f"{VERSIONS}/") and path.is_file():
            return path
        mark = self.objects.mark(name)
        if mark is None:
            path.unlink(missing_ok=True)
        elif not path.is_file() or _known_mark(path) != mark:
            self.objects.fetch(name, path, _hash_in(name))
            _know_mark(path, mark)
        return path

    def sent(self, path: Path) -> None:
        """Upload the file; readers see it from then on."""
        _mark_file(path).unlink(missing_ok=True)
        self.objects.put(self._name(path), path)
        fault_point("object_written")

    def names(self, folder: Path, pattern: str) -> list[Path]:
        """Return the files that fit the glob `pattern`, by the listing of the storage; none of them is fetched."""
        below = self._name(folder)
        depth = pattern.count("/")
        found = [one.name.removeprefix(f"{below}/") for one in self.objects.listed(below)]
        return [folder / name for name in found if name.count("/") == depth and fnmatch.fnmatchcase(name, pattern)]

    def written(self, path: Path) -> datetime:
        """Return when the object was written, by the clock of the storage."""
        name = self._name(path)
        found = [one.modified for one in self.objects.listed(self._name(path.parent)) if one.name == name]
        if not found:
            raise StoreError(f"{self.objects.url}/{name}: there is no such object")
        return found[0].astimezone(UTC)

    def address(self, path: Path) -> str:
        """Return the URL of the object."""
        return f"{self.objects.url}/{self._name(path)}"

    def bring_folder(self, folder: Path) -> Path:
        """Return a copy of what is published at a folder of this lake, a folder that does not exist where nothing is."""
        place = self.objects.child(self._name(folder))
        return folder if current_run(place) is None else opened_folder(place.url)

    def send_folder(self, folder: Path) -> None:
        """Publish a folder that was written here, file by file and its list last."""
        publish_folder(folder, self.objects.child(self._name(folder)))

    def _name(self, path: Path) -> str:
        """The name of the object. A manifest that was tampered with must not lead out of the scratch folder."""
        name = path.relative_to(self.root)
        if ".." in name.parts:
            raise StoreError(f"{self.objects.url}: {name} leads out of the lake")
        return name.as_posix()


def _hash_in(name: str) -> str | None:
    """The hash that a published name is made of; other names say nothing of their contents."""
    return name.rpartition("/")[2].partition(".")[0] if name.startswith(f"{VERSIONS}/") else None


def _mark_file(path: Path) -> Path:
    return path.parent / f".{path.name}.mark"


def _know_mark(path: Path, mark: str) -> None:
    _mark_file(path).write_text(mark, encoding="utf-8")


def _known_mark(path: Path) -> str | None:
    """The entity tag of the object that the file was fetched from; None for one that was written here."""
    try:
        return _mark_file(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
