"""Access keys: random, shown once, stored as hashes with scopes and an end. The file lies in the lake and is readable by its owner."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from smartmoney_pipeline.store.atomic import locked_folder, replacing
from smartmoney_pipeline.store.errors import StoreError

FOLDER, FILE = "_access", "keys.json"
PREFIX = "smk_"
KEY_BYTES = 32
"""Random bytes of a key: so many cannot be guessed, so that one round of SHA-256 is enough to store it."""


class Scope(StrEnum):
    """What a key may do; each scope holds those before it."""

    READ = "read"
    RUN = "run"
    ADMIN = "admin"

    def allows(self, wanted: Scope) -> bool:
        """Whether this scope holds the wanted one."""
        order = list(Scope)
        return order.index(self) >= order.index(wanted)


class StoredKey(BaseModel):
    """A key as it is stored. `expires_ms` is null for one without an end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: str
    name: str
    scope: Scope
    sha256: str
    expires_ms: int | None


_STORED = TypeAdapter(list[StoredKey])


class KeyRing:
    """The keys of a lake. Reads its file again whenever that changed, so that a revoked key ends at once."""

    def __init__(self, lake: Path) -> None:
        self.path = lake / FOLDER / FILE
        self._keys: list[StoredKey] = []
        self._stamp: tuple[int, int, int] | None = None

    def stored(self) -> list[StoredKey]:
        """Return the stored keys. Raises `StoreError` where their file is damaged."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._keys, self._stamp = [], None
            return []
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if stamp != self._stamp:
            self._keys, self._stamp = _read(self.path), stamp
        return self._keys

    def check(self, text: str, now_ms: int) -> StoredKey | None:
        """Return the key that `text` is, None for one that is unknown or expired. The time taken does not depend on the text."""
        digest = _digest(text)
        found = None
        for key in self.stored():
            if hmac.compare_digest(key.sha256, digest):
                found = key
        return None if found is None or (found.expires_ms is not None and found.expires_ms <= now_ms) else found

    def create(self, name: str, scope: Scope, expires_ms: int | None = None) -> tuple[str, StoredKey]:
        """Add a key and return its text, which is stored nowhere, and what was stored."""
        text = PREFIX + secrets.token_urlsafe(KEY_BYTES)
        digest = _digest(text)
        key = StoredKey(key_id=digest[:12], name=name, scope=scope, sha256=digest, expires_ms=expires_ms)
        self._change(lambda keys: [*keys, key])
        return text, key

    def revoke(self, key_id: str) -> bool:
        """Remove a key; whether it was there."""
        before = len(self.stored())
        self._change(lambda keys: [key for key in keys if key.key_id != key_id])
        return len(self.stored()) < before

    def _change(self, change: Callable[[list[StoredKey]], list[StoredKey]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked_folder(self.path.parent):
            kept = change(_read(self.path) if self.path.exists() else [])
            content = json.dumps([key.model_dump(mode="json") for key in kept], indent=1)
            with replacing(self.path) as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(content.encode() + b"\n")
        self._stamp = None


def _read(path: Path) -> list[StoredKey]:
    try:
        return _STORED.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StoreError(f"{path}: the keys cannot be read: {type(error).__name__}") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
