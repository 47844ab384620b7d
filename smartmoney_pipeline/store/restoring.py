"""Older results of a session put back: manifests are kept beside the versions that they list, until retention removes both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError

from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import Manifest, Published, kept_folder, manifest_path, verify_files, write_manifest


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept result of one session and source: the hash of its manifest, when it was published last, and whether it is published now."""

    sha256: str
    published_at: datetime
    current: bool
    manifest: Manifest


def kept_results(lake: Lake, session: date | str, source: str) -> list[Kept]:
    """Return the kept results of a session and source, the one that was published last first."""
    current = lake.brought(manifest_path(lake, session, source))
    now = current.read_bytes() if current.is_file() else None
    found = []
    for path in lake.names(kept_folder(lake, session, source), "*.json"):
        content = lake.brought(path).read_bytes()
        try:
            manifest = Manifest.model_validate_json(content)
        except ValidationError as error:
            raise StoreError(f"{path}: the kept manifest cannot be read: {error}") from error
        found.append(Kept(path.stem, lake.written(path), content == now, manifest))
    return sorted(found, key=lambda kept: (kept.published_at, kept.current, kept.sha256), reverse=True)


def restore(lake: Lake, session: date | str, source: str, sha256: str) -> Manifest:
    """Publish a kept result again; `sha256` is its hash, or a beginning of it that no other has.

    Raises `StoreError` where there is none, or where a file of it is gone or damaged; then what is published stays. Tables that runs
    work with are not touched: the next run of the session replaces them and publishes its own result.
    """
    kept = kept_results(lake, session, source)
    fitting = [one for one in kept if one.sha256.startswith(sha256)]
    if len(fitting) != 1:
        known = ", ".join(one.sha256[:12] for one in kept) or "none"
        raise StoreError(f"{session} {source}: {len(fitting)} kept results begin with {sha256!r}; there are {known}")
    manifest = fitting[0].manifest
    verify_files(Published(lake, manifest))
    write_manifest(lake, manifest)
    return manifest
