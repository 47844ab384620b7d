"""What is published, as the server sees it: sessions found by their manifests, opened once, forgotten when they were replaced."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import RLock

from smartmoney_pipeline.api.problems import ProblemError, not_found
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import TAPE_FOLDER, Lake
from smartmoney_pipeline.store.manifest import Published, manifest_path, published_sessions, read_manifest

HELD_SESSIONS = 4
TAPE = "tape"
"""Name of the source of real tapes; it comes before generated ones of the same day."""


@dataclass(frozen=True, order=True, slots=True)
class SessionKey:
    """A published session and its source."""

    session: date
    source: str

    @property
    def dataset_id(self) -> str:
        """Session and source in one word, as assets name their partitions: 2026-03-18|demo-7."""
        return f"{self.session.isoformat()}|{self.source}"


class Catalog:
    """The published sessions of a lake."""

    def __init__(self, root: Path) -> None:
        self.lake = Lake(root)
        self._lock = RLock()
        self._views: OrderedDict[SessionKey, tuple[tuple[int, int], SessionView]] = OrderedDict()

    def keys(self) -> list[SessionKey]:
        """Return what is published, oldest first; of one day real tapes come last, so that the last is the one to show first."""
        found = [SessionKey(session, source) for session, source in published_sessions(self.lake)]
        return sorted(found, key=lambda key: (key.session, key.source == TAPE, key.source))

    def choose(self, session: date | None, source: str | None) -> SessionKey:
        """Return the newest published session that fits. Raises `ProblemError` 404 where none does."""
        known = self.keys()
        fitting = [key for key in known if session in {None, key.session} and source in {None, key.source}]
        if not fitting:
            raise not_found(
                "no such session is published" if known else "nothing is published in this lake; /v1/status says what is missing"
            )
        return fitting[-1]

    def view(self, key: SessionKey) -> SessionView:
        """Return read access to a published session. Raises `ProblemError` where it is gone or damaged."""
        try:
            with self._lock:
                return self._held(key)
        except StoreError as error:
            raise ProblemError(503, f"the published files of {key.session} {key.source} cannot be read now") from error

    def chosen(self, session: date | None, source: str | None) -> SessionView:
        """Return read access to the newest published session that fits."""
        return self.view(self.choose(session, source))

    def having(self, event_id: str, session: date | None, source: str | None) -> tuple[SessionView, int]:
        """Return the newest session that holds the event, and its row there. Raises `ProblemError` 404 where none does."""
        for key in reversed(self.keys()):
            if session in {None, key.session} and source in {None, key.source}:
                view = self.view(key)
                row = view.row_of(event_id)
                if row is not None:
                    return view, row
        raise not_found("no published session has an event of that id")

    def _held(self, key: SessionKey) -> SessionView:
        path = manifest_path(self.lake, key.session, key.source)
        try:
            found = path.stat()
        except OSError as error:
            raise StoreError(f"{path}: nothing is published") from error
        stamp = (found.st_mtime_ns, found.st_ino)
        held = self._views.pop(key, None)
        if held is None or held[0] != stamp:
            held = (stamp, self._opened(key, path))
        self._views[key] = held
        while len(self._views) > HELD_SESSIONS:
            self._views.popitem(last=False)
        return held[1]

    def _opened(self, key: SessionKey, path: Path) -> SessionView:
        snapshot = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        return SessionView(Published(self.lake, read_manifest(self.lake, key.session, key.source)), snapshot)


def imported(lake: Lake, table: str = TAPE_FOLDER) -> set[SessionKey]:
    """Return the sessions and sources whose tape, or another table, lies in the lake."""
    found: set[SessionKey] = set()
    for path in (lake.root / table).glob("session=*/source=*"):
        try:
            found.add(SessionKey(date.fromisoformat(path.parent.name.removeprefix("session=")), path.name.removeprefix("source=")))
        except ValueError:
            continue
    return found
