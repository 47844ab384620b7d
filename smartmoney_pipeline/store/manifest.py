"""Manifests: what was published for a session and source, with the hash of every file; the last thing written.

Publishing gives each file a second name, made from its hash, under `_versions`; manifests list those. So a partition that is being
written again, or a run that was killed half way, leaves what is published as it was: readers see the older session until the new
manifest has taken the place of the old one. `retention` removes versions that no manifest lists any more.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BufferedReader
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smartmoney_pipeline.store.atomic import fault_point, replacing, second_name, sync_folder
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake, checked_name, read_parquet, session_key
from smartmoney_pipeline.store.run_hash import run_hash as hash_of_rows

PUBLISHED = "_published"
VERSIONS = "_versions"
EVENTS_TABLE = "smart_money_events"


class PublishedFile(BaseModel):
    """One file of a published table; `path` is relative to the lake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    rows: int
    sha256: str


class PublishedTable(BaseModel):
    """One published table: its rows in all, and its files in bucket order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    files: tuple[PublishedFile, ...]


class Manifest(BaseModel):
    """What was published for one session and source. `run_hash` is null where no events table was published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session: date = Field(description="exchange session")
    source: str = Field(description="tape, or a scenario pack and seed")
    tables: dict[str, PublishedTable] = Field(description="published tables by name: rows, and path, rows and SHA-256 of each file")
    versions: dict[str, str] = Field(description="what made them: code, ruleset, calibration")
    run_hash: str | None = Field(description="hash of the events; null where no events table was published")


@dataclass(frozen=True, slots=True)
class Published:
    """Read access to one published session and source."""

    lake: Lake
    manifest: Manifest

    def read(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a published table. Raises `StoreError` where it was not published or its files are not those published."""
        if table not in self.manifest.tables:
            raise StoreError(f"{table} is not published for {self.manifest.session} {self.manifest.source}")
        files = self.manifest.tables[table].files
        return pa.concat_tables([_read_verified(self.lake.brought(self.lake.root / file.path), file.sha256, columns) for file in files])

    def paths(self, table: str) -> list[Path]:
        """Return the files of a published table, in bucket order; empty where it was not published."""
        published = self.manifest.tables.get(table)
        return [self.lake.brought(self.lake.root / file.path) for file in published.files] if published else []


def publish(
    lake: Lake,
    session: date | str,
    source: str,
    tables: Iterable[str],
    versions: Mapping[str, str],
    run_hash: str | None = None,
) -> Manifest:
    """Write the manifest of `tables` as they lie in the lake, and return it.

    `versions` names what made them: code, ruleset, calibration. Without `run_hash` it is computed from the events table, if that
    is among `tables`. Raises `StoreError` where tables have not been written or one is damaged; then nothing is published.
    """
    names = sorted(set(tables))
    missing = [name for name in names if not lake.files(name, session, source)]
    if missing:
        raise StoreError(f"{session_key(session)} {source} cannot be published: these tables were not written: {', '.join(missing)}")
    contents = {name: _kept_table(lake, name, session, source) for name in names}
    if run_hash is None and EVENTS_TABLE in contents:
        files = contents[EVENTS_TABLE].files
        run_hash = hash_of_rows(pa.concat_tables([_read_verified(lake.root / file.path, file.sha256, None) for file in files]))
    manifest = Manifest(
        session=date.fromisoformat(session_key(session)),
        source=source,
        tables=contents,
        versions=dict(versions),
        run_hash=run_hash,
    )
    write_manifest(lake, manifest)
    return manifest


def write_manifest(lake: Lake, manifest: Manifest) -> None:
    """Keep the manifest under a name made from its hash, as the files are kept, and make it the published one."""
    content = _content(manifest)
    fault_point("before_manifest")
    for path in (kept_path(lake, manifest), manifest_path(lake, manifest.session, manifest.source)):
        with replacing(path) as file:
            file.write(content)
        lake.sent(path)


def kept_path(lake: Lake, manifest: Manifest) -> Path:
    """Return where a published manifest is kept, under a name made from its hash."""
    return kept_folder(lake, manifest.session, manifest.source) / f"{hashlib.sha256(_content(manifest)).hexdigest()}.json"


def _content(manifest: Manifest) -> bytes:
    return canonical_json(manifest.model_dump(mode="json"))


def canonical_json(value: object) -> bytes:
    """Return JSON with sorted keys and one layout, so that equal values have equal bytes."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def manifest_path(lake: Lake, session: date | str, source: str) -> Path:
    """Return where the manifest of a session and source lies, whether it exists or not."""
    return lake.root / PUBLISHED / f"session={session_key(session)}" / f"source={checked_name(source)}.json"


def kept_folder(lake: Lake, session: date | str, source: str) -> Path:
    """Return where manifests of a session and source are kept, each by its hash, beside the versions of the tables that they list."""
    return lake.root / VERSIONS / PUBLISHED / f"session={session_key(session)}" / f"source={checked_name(source)}"


def published_sessions(lake: Lake) -> list[tuple[date, str]]:
    """Return every published session and source, sorted; empty for a new lake."""
    found = lake.names(lake.root / PUBLISHED, "session=*/source=*.json")
    keys = [(path.parent.name.removeprefix("session="), path.stem.removeprefix("source=")) for path in found]
    return sorted((date.fromisoformat(session), source) for session, source in keys)


def read_manifest(lake: Lake, session: date | str, source: str) -> Manifest:
    """Return a manifest. Raises `StoreError` that names its file where nothing is published or it is damaged."""
    path = lake.brought(manifest_path(lake, session, source))
    place = lake.address(path)
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise StoreError(f"{place}: nothing is published for {session} {source}") from error
    except (OSError, ValidationError) as error:
        raise StoreError(f"{place}: the manifest cannot be read: {error}") from error


def open_published(lake: Lake, session: date | str, source: str, tables: Collection[str] | None = None) -> Published:
    """Open a published session after checking every file of it, or those of `tables` alone, against the manifest.

    Raises `StoreError` that names the first file which is missing, damaged or was rewritten since. Each later `read` checks the
    very bytes that it returns again.
    """
    published = Published(lake, read_manifest(lake, session, source))
    verify_files(published, tables)
    return published


def verify_files(published: Published, tables: Collection[str] | None = None) -> None:
    """Check the files of all tables, or those of `tables`. Raises `StoreError` that names the first that is missing or was changed."""
    for name, table in published.manifest.tables.items():
        for listed in table.files if tables is None or name in tables else ():
            path = published.lake.brought(published.lake.root / listed.path)
            with _opened(path) as file:
                _verify(file, path, listed.sha256)


def _kept_table(lake: Lake, table: str, session: date | str, source: str) -> PublishedTable:
    files = tuple(_kept_file(lake, path) for path in lake.files(table, session, source))
    return PublishedTable(rows=sum(file.rows for file in files), files=files)


def _kept_file(lake: Lake, path: Path) -> PublishedFile:
    """Give the file its lasting name; rows and hash are those of the very file that has it, whoever replaces `path` meanwhile."""
    folder = lake.root / VERSIONS / path.parent.relative_to(lake.root)
    with second_name(path, folder) as held:
        with _opened(held) as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            rows = _rows_of(file, path)
        kept = folder / f"{sha256}.parquet"
        held.replace(kept)
    sync_folder(folder)
    lake.sent(kept)
    return PublishedFile(path=kept.relative_to(lake.root).as_posix(), rows=rows, sha256=sha256)


def _rows_of(file: BufferedReader, path: Path) -> int:
    try:
        return int(pq.ParquetFile(file).metadata.num_rows)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"{path}: cannot be read as Parquet: {error}") from error


def _read_verified(path: Path, sha256: str, columns: Sequence[str] | None) -> pa.Table:
    """Check and read one open file, so that a writer who replaces it in between cannot be seen."""
    with _opened(path) as file:
        _verify(file, path, sha256)
        file.seek(0)
        return read_parquet(file, columns, name=str(path))


def _opened(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise StoreError(f"{path}: the published file cannot be opened: {error}") from error


def _verify(file: BufferedReader, path: Path, sha256: str) -> None:
    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
        raise StoreError(f"{path}: was changed after it was published; run the session again")
