"""Objects of S3-compatible storage below a URL: listed, read, and written whole.

An object appears, or is replaced, when its upload is complete; one that broke off leaves what was there. Nothing can be renamed and
nothing locked, so what consists of several objects is named by one that is written last (`object_folder`, `manifest`). Place and
credentials come from the usual variables: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or a profile.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BufferedRandom
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from smartmoney_pipeline.store.atomic import replacing
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.urls import SCHEME

_SECONDS = 60.0
"""How long an answer may take: the default of three seconds is short for a part of a large object."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object: its name below the folder, its bytes, and when it was written by the clock of the storage, to the second."""

    name: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects below one URL, each by a name with slashes. Every error is a `StoreError` that names the object."""

    url: str

    def child(self, *names: str) -> Objects:
        """Return the objects below a longer URL."""
        return Objects("/".join([self.url, *names]))

    def listed(self, below: str = "") -> list[StoredObject]:
        """Return all objects whose names begin with the folder `below`, sorted by name; empty where there are none.

        Raises `StoreError` where there is no such bucket.
        """
        selector = pafs.FileSelector(self._key(below), recursive=True, allow_not_found=True)
        with self._said(below, "listed"):
            found = _filesystem(*_settings()).get_file_info(selector)
        if not found:
            self._refuse_without_bucket()
        start = len(self._key("")) + 1
        files = (info for info in found if info.type == pafs.FileType.File)
        return sorted((StoredObject(info.path[start:], info.size, info.mtime) for info in files), key=lambda one: one.name)

    def read(self, name: str) -> bytes:
        """Return one object. Raises `StoreError` where there is none."""
        content = self.found(name)
        if content is None:
            raise self._error(name, "read", FileNotFoundError())
        return content

    def found(self, name: str) -> bytes | None:
        """Return one object, None where there is none."""
        try:
            with _filesystem(*_settings()).open_input_stream(self._key(name)) as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error(name, "read", error) from error

    def mark(self, name: str) -> str | None:
        """Return the entity tag of an object, which another content does not have; None where there is no object."""
        try:
            with _filesystem(*_settings()).open_input_stream(self._key(name)) as stream:
                tag = stream.metadata()["ETag"]
                return tag.decode() if isinstance(tag, bytes) else str(tag)
        except FileNotFoundError:
            return None
        except (OSError, KeyError) as error:
            raise self._error(name, "read", error) from error

    def fetch(self, name: str, target: Path, sha256: str | None = None) -> None:
        """Copy one object to the file `target`, which appears whole or not at all; with `sha256` only where that is its hash."""
        storage = _filesystem(*_settings())
        with self._said(name, "read"), storage.open_input_stream(self._key(name)) as stream, replacing(target) as file:
            shutil.copyfileobj(stream, file, 1 << 22)
            file.seek(0)
            if sha256 is not None and hashlib.file_digest(cast("BufferedRandom", file), "sha256").hexdigest() != sha256:
                raise StoreError(f"{SCHEME}{self._key(name)}: was changed after it was published; publish it again")

    def put(self, name: str, content: bytes | Path) -> None:
        """Write one object, or replace it, from bytes or from a file.

        The content is handed over at once: a stream that is closed after half of it would make an object of that half.
        """
        storage = _filesystem(*_settings())
        with self._said(name, "written"), _contents(content) as buffer, storage.open_output_stream(self._key(name)) as stream:
            stream.write(buffer)

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; one that is gone already is no error."""
        for name in names:
            try:
                _filesystem(*_settings()).delete_file(self._key(name))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._error(name, "removed", error) from error

    def _refuse_without_bucket(self) -> None:
        """A listing does not tell an empty place from a missing bucket. Keys for a prefix alone may not ask: then it stays open."""
        bucket = self.url.removeprefix(SCHEME).partition("/")[0]
        try:
            missing = _filesystem(*_settings()).get_file_info(bucket).type == pafs.FileType.NotFound
        except OSError:
            return
        if missing:
            raise StoreError(f"{SCHEME}{bucket}: there is no such bucket")

    def _key(self, name: str) -> str:
        return "/".join(part for part in (self.url.removeprefix(SCHEME), name) if part)

    @contextmanager
    def _said(self, name: str, done: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._error(name, done, error) from error

    def _error(self, name: str, done: str, error: Exception) -> StoreError:
        why = "there is no such object" if isinstance(error, FileNotFoundError) else str(error).partition("\n")[0]
        return StoreError(f"{SCHEME}{self._key(name)}: cannot be {done}: {why}")


@contextmanager
def _contents(content: bytes | Path) -> Iterator[pa.Buffer]:
    if isinstance(content, bytes) or not content.stat().st_size:
        yield pa.py_buffer(content if isinstance(content, bytes) else b"")
        return
    with pa.memory_map(str(content)) as file:
        yield file.read_buffer()


def _settings() -> tuple[str, str]:
    """Endpoint and region from the environment, as text that a cache can hold."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    return endpoint, os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ("us-east-1" if endpoint else "")


@cache
def _filesystem(endpoint: str, region: str) -> pafs.S3FileSystem:
    """One client a process and endpoint."""
    parts = urlsplit(endpoint)
    if endpoint and (parts.scheme not in {"http", "https"} or not parts.netloc):
        raise StoreError(f"AWS_ENDPOINT_URL: {endpoint!r} is no http:// or https:// address")
    return pafs.S3FileSystem(
        scheme=parts.scheme or "https",
        endpoint_override=parts.netloc or None,
        region=region or None,
        connect_timeout=_SECONDS,
        request_timeout=_SECONDS,
        allow_delayed_open=True,
    )
