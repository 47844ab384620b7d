"""Results that are a whole folder, on object storage: every file below a key of its run first, one object that names them last.

    <place>/published.json         names the run and every file of it with its hash; the only object that is ever replaced
    <place>/runs/<key>/<file>      the files; the key is a hash of all their names and hashes
    <place>/parts/<run>/...        what the workers of a run hand over, while it lasts

Readers follow `published.json` and check every hash, so they find the old result or the new, whoever writes or is killed meanwhile; of two
writers the last one wins, whole. A run that is repeated writes the same keys: it completes what a killed one left. Storage has no locks,
so what nobody names is removed by the next writer only when it is a day old by the clock of the storage.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from smartmoney_pipeline.store.atomic import fault_point
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.folder import staged_folder
from smartmoney_pipeline.store.objects import Objects, StoredObject
from smartmoney_pipeline.store.scratch import scratch_folder
from smartmoney_pipeline.store.urls import object_url

PUBLISHED = "published.json"
RUNS, PARTS = "runs", "parts"
GRACE = timedelta(hours=24)
"""What is younger may belong to a writer at work, or to a reader who began before the last publication."""

Files = dict[str, str]
"""Name of each file to its SHA-256."""


@contextmanager
def built_folder(target: str | Path, marker: str) -> Iterator[Path]:
    """Yield an empty folder of this machine; when the block ends without an error it is the result at `target`, a folder or a URL.

    `marker` is the file that every result of this kind holds. Raises `StoreError` where `target` holds other things, before anything
    is built, or where the new result lacks its marker.
    """
    url = object_url(target)
    if url is None:
        with staged_folder(target, marker) as staging:
            yield staging
        return
    place = Objects(url)
    refuse_other_objects(place)
    staging = scratch_folder("built") / uuid.uuid4().hex
    staging.mkdir()
    try:
        yield staging
        if not (staging / marker).is_file():
            raise StoreError(f"{url}: the new result has no {marker}, the older one is kept")
        publish_folder(staging, place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def refuse_other_objects(place: Objects) -> None:
    """Raise `StoreError` where there are objects below `place` that no writer of results put there."""
    ours = (PUBLISHED, f"{RUNS}/", f"{PARTS}/")
    strangers = [one.name for one in place.listed() if not one.name.startswith(ours)]
    if strangers:
        raise StoreError(f"{place.url}: holds other objects; choose an empty or new place; the first is {strangers[0]}")


def publish_folder(folder: Path, place: Objects, grace: timedelta = GRACE) -> str:
    """Make the files of `folder` the result at `place`, remove what dead runs left there, and return the key of the run."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): _sha256(path) for path in paths}
    key = _key(files)
    for name in files:
        place.put(f"{RUNS}/{key}/{name}", folder / name)
        fault_point("object_written")
    named = json.dumps({"run": key, "files": files}, sort_keys=True, indent=1).encode() + b"\n"
    place.put(f"{RUNS}/{key}/{PUBLISHED}", named)
    before = _run_before(place)
    fault_point("before_manifest")
    place.put(PUBLISHED, named)
    _remove_leftovers(place, {key, before}, grace)
    return key


def _run_before(place: Objects) -> str | None:
    """The run that is about to be replaced; None too where its name cannot be read, which the new one mends."""
    try:
        return current_run(place)
    except StoreError:
        return None


def current_run(place: Objects) -> str | None:
    """Return the key of the published run, None where nothing is published."""
    found = place.found(PUBLISHED)
    return None if found is None else _parsed(place, found)[0]


def opened_folder(target: str | Path, names: Collection[str] | None = None, into: Path | None = None) -> Path:
    """Return the folder `target` itself, or a copy on this machine of what is published at the URL `target`, which nobody changes.

    With `names` only those files are fetched, where they are there. The copy lies below `into`, by default a scratch folder of this
    process. Raises `StoreError` where nothing is published, or a file is not the one that was.
    """
    url = object_url(target)
    if url is None:
        return Path(target)
    place = Objects(url)
    key, files = _parsed(place, place.read(PUBLISHED))
    return _bring(place, key, files if names is None else {name: files[name] for name in names if name in files}, into)


def is_published(place: Objects) -> bool:
    """Whether a result is published at `place`."""
    return place.mark(PUBLISHED) is not None


def _bring(place: Objects, key: str, files: Mapping[str, str], into: Path | None = None) -> Path:
    """Fetch files of a run that are not here yet; the folder of a run belongs to its key, so what is there is never changed."""
    below = scratch_folder("brought") if into is None else into
    folder = below / hashlib.sha256(f"{place.url} {key}".encode()).hexdigest()[:16] / PurePosixPath(place.url).name
    for name, sha256 in files.items():
        if not (folder / name).is_file():
            place.fetch(f"{RUNS}/{key}/{name}", folder / name, sha256)
    return folder


def _parsed(place: Objects, content: bytes) -> tuple[str, Files]:
    try:
        named: dict[str, Any] = json.loads(content)
        key, files = str(named["run"]), {str(name): str(sha256) for name, sha256 in named["files"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError(f"{place.url}/{PUBLISHED}: cannot be read: {error}") from error
    if _key(files) != key or any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in files):
        raise StoreError(f"{place.url}/{PUBLISHED}: was changed after it was written; publish it again")
    return key, files


def _key(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove_leftovers(place: Objects, named: Collection[str | None], grace: timedelta) -> None:
    """Remove runs but the last two, and parts of workers, where all their objects are older than `grace`; younger ones stay."""
    found = place.listed()
    now = max(one.modified for one in found)
    groups: dict[tuple[str, ...], list[StoredObject]] = {}
    for one in found:
        groups.setdefault(tuple(one.name.split("/")[:2]), []).append(one)
    for (kind, *rest), members in groups.items():
        nobodys = kind == PARTS or (kind == RUNS and rest[0] not in named)
        if nobodys and now - max(one.modified for one in members) >= grace:
            place.remove([one.name for one in members])
