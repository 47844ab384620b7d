"""What may go from a lake: files of crashed writers, versions and kept manifests of older results, imported tapes of old sessions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from smartmoney_pipeline.store.atomic import TEMPORARY_SUFFIX, is_abandoned
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.folder import STAGING_SUFFIX
from smartmoney_pipeline.store.lake import SCENARIO_FOLDER, TAPE_FOLDER, Lake
from smartmoney_pipeline.store.manifest import VERSIONS, kept_path, published_sessions, read_manifest

TAPE_FOLDERS = (TAPE_FOLDER, SCENARIO_FOLDER)
"""Folders that are imported or generated again from their source; labels stay, since evaluation reads them."""


@dataclass(frozen=True, slots=True)
class Removable:
    """Files and folders of the lake `root` that may go, sorted."""

    root: Path
    temporaries: tuple[Path, ...]
    versions: tuple[Path, ...]
    tapes: tuple[Path, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of them."""
        return (*self.temporaries, *self.versions, *self.tapes)

    def named(self) -> dict[str, list[str]]:
        """Return their names below the lake by kind: temporaries, versions, tapes."""
        kinds = {"temporaries": self.temporaries, "versions": self.versions, "tapes": self.tapes}
        return {kind: [path.relative_to(self.root).as_posix() for path in paths] for kind, paths in kinds.items()}

    def size(self) -> int:
        """Return the bytes that the entries say they hold; a version that shares its contents with a partition frees less."""
        files = (file for path in self.paths for file in (path.rglob("*") if path.is_dir() else (path,)))
        return sum(file.stat().st_size for file in files if file.is_file())

    def remove(self) -> None:
        """Remove them. Raises `StoreError` that names an entry which cannot be removed."""
        for path in self.paths:
            try:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"{path}: cannot be removed: {error.strerror}") from error


def removable(lake: Lake, written_before: datetime, tapes_before: date | None = None) -> Removable:
    """Return what may go. `written_before` (with a zone) spares versions that a reader of an older manifest may still have to open.

    `tapes_before`: imported and generated tapes of earlier sessions, where the session is published. Raises `StoreError` where a
    manifest cannot be read: nothing may go while it is unknown what is published.
    """
    listed = listed_names(lake)
    kept = lake.root / VERSIONS
    versions = sorted([*kept.rglob("*.parquet"), *kept.rglob("*.json")])
    return Removable(
        root=lake.root,
        temporaries=tuple(_temporaries(lake.root)),
        versions=tuple(path for path in versions if path.relative_to(lake.root).as_posix() not in listed and _older(path, written_before)),
        tapes=() if tapes_before is None else tuple(_old_tapes(lake, tapes_before)),
    )


def listed_names(lake: Lake) -> set[str]:
    """Return the names below the lake of all published versions: the files that manifests list, and where the manifests are kept."""
    names = set()
    for key in published_sessions(lake):
        manifest = read_manifest(lake, *key)
        names |= {file.path for table in manifest.tables.values() for file in table.files}
        names.add(kept_path(lake, manifest).relative_to(lake.root).as_posix())
    return names


def _temporaries(root: Path) -> list[Path]:
    """Hidden files and folders of writers that are gone; those of running writers are locked and stay."""
    hidden = [path for suffix in (TEMPORARY_SUFFIX, STAGING_SUFFIX) for path in root.rglob(f".*{suffix}")]
    return [path for path in sorted(hidden) if is_abandoned(path)]


def _older(path: Path, instant: datetime) -> bool:
    """Whether the name was given before: a link changes the status time of the file, not its contents' time."""
    return path.stat().st_ctime < instant.timestamp()


def _old_tapes(lake: Lake, before: date) -> Iterator[Path]:
    for session, source in published_sessions(lake):
        if session < before:
            folders = (lake.root / name / f"session={session.isoformat()}" / f"source={source}" for name in TAPE_FOLDERS)
            yield from (folder for folder in folders if folder.is_dir())
