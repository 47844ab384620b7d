"""What may go from a lake on object storage: versions that no manifest lists any more, and imported tapes of old sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import VERSIONS, published_sessions
from smartmoney_pipeline.store.object_lake import ObjectLake
from smartmoney_pipeline.store.objects import Objects, StoredObject
from smartmoney_pipeline.store.retention import TAPE_FOLDERS, Removable, listed_names, removable


@dataclass(frozen=True, slots=True)
class RemovableObjects:
    """Names of objects that may go, sorted, and the bytes that they hold."""

    objects: Objects
    versions: tuple[str, ...]
    tapes: tuple[str, ...]
    held: int

    def named(self) -> dict[str, list[str]]:
        """Return the names by kind, as `Removable.named`; no writer leaves temporaries."""
        return {"temporaries": [], "versions": list(self.versions), "tapes": list(self.tapes)}

    def size(self) -> int:
        """Return the bytes that removing them frees."""
        return self.held

    def remove(self) -> None:
        """Remove them. Raises `StoreError` that names an object which cannot be removed."""
        self.objects.remove((*self.versions, *self.tapes))


def removable_of(lake: Lake, written_before: datetime, tapes_before: date | None = None) -> Removable | RemovableObjects:
    """Return what may go from a lake, in a folder or at a URL. Raises `StoreError` where a manifest cannot be read."""
    if isinstance(lake, ObjectLake):
        return removable_objects(lake, written_before, tapes_before)
    return removable(lake, written_before, tapes_before)


def removable_objects(lake: ObjectLake, written_before: datetime, tapes_before: date | None = None) -> RemovableObjects:
    """Return what may go, as `retention.removable` does for a folder; times are those of the storage."""
    listed = listed_names(lake)
    versions = [one for one in lake.objects.listed(VERSIONS) if one.name not in listed and one.modified < written_before]
    tapes = [] if tapes_before is None else list(_old_tapes(lake, tapes_before))
    held = sum(one.size for one in (*versions, *tapes))
    return RemovableObjects(lake.objects, tuple(one.name for one in versions), tuple(one.name for one in tapes), held)


def _old_tapes(lake: ObjectLake, before: date) -> Iterator[StoredObject]:
    for session, source in published_sessions(lake):
        if session < before:
            for name in TAPE_FOLDERS:
                yield from lake.objects.listed(f"{name}/session={session.isoformat()}/source={source}")
