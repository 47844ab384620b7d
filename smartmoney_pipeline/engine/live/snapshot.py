"""The whole state of a live engine in one file, so that a restarted process goes on with the same output.

Load only files that your own installation wrote: the checksum tells damage, not malice.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
from pathlib import Path
from typing import Any

from smartmoney_pipeline.engine.live.engine import LiveEngine
from smartmoney_pipeline.engine.live.unpickling import KnownClasses
from smartmoney_pipeline.engine.score_day import versions
from smartmoney_pipeline.store.atomic import replacing
from smartmoney_pipeline.store.errors import StoreError

MAGIC = b"smartmoney live state\n"
FORMAT = 3


def save(engine: LiveEngine, path: str | Path) -> None:
    """Write the state of `engine` to `path`; the file appears whole or not at all."""
    state = pickle.dumps(engine, protocol=5)
    header = {"format": FORMAT, "versions": versions(), "bytes": len(state), "sha256": hashlib.sha256(state).hexdigest()}
    with replacing(Path(path)) as file:
        file.write(MAGIC + json.dumps(header, sort_keys=True).encode() + b"\n")
        file.write(state)


def restore(path: str | Path) -> LiveEngine:
    """The engine as it was saved. Raises `StoreError` for a file that is damaged, of another kind, or of other versions."""
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StoreError(f"{file}: cannot be read: {error.strerror}") from error
    header, state = _parted(file, content)
    if header.get("format") != FORMAT:
        raise StoreError(f"{file}: has the format {header.get('format')}, this version reads {FORMAT}")
    if header.get("versions") != versions():
        raise StoreError(f"{file}: was written with {_named(header.get('versions'))}; here are {_named(versions())}")
    if len(state) != header.get("bytes") or hashlib.sha256(state).hexdigest() != header.get("sha256"):
        raise StoreError(f"{file}: the state is damaged: its checksum does not match")
    engine = KnownClasses(io.BytesIO(state)).load()
    if not isinstance(engine, LiveEngine):
        raise StoreError(f"{file}: holds no live engine")
    return engine


def _parted(file: Path, content: bytes) -> tuple[dict[str, Any], bytes]:
    if not content.startswith(MAGIC):
        raise StoreError(f"{file}: is no saved state of a live engine")
    line, _, state = content[len(MAGIC) :].partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError as error:
        raise StoreError(f"{file}: the header of the saved state is damaged") from error
    if not isinstance(header, dict):
        raise StoreError(f"{file}: the header of the saved state is damaged")
    return header, state


def _named(found: object) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items())) if isinstance(found, dict) else "unknown versions"
