"""Opens what scoring wrote, a folder or a published session of a lake, and looks events up in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.folder import open_folder
from smartmoney_pipeline.store.manifest import PUBLISHED, open_published, published_sessions
from smartmoney_pipeline.store.object_folder import is_published, opened_folder
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.objects import Objects
from smartmoney_pipeline.store.urls import object_url, place_name

FOLDER_MARKER = "manifest.json"
EVENTS = "smart_money_events"
MEMBERS = "parent_event_members"
LEGS = "event_legs"
SHOWN = (EVENTS, MEMBERS, LEGS)
MIN_LISTED = 3


@dataclass(frozen=True, slots=True)
class Leg:
    """One contract of an event. `sign` is +1 bought, -1 sold, 0 not said; `ratio` contracts per unit of the structure."""

    option_symbol: str
    sign: int
    ratio: int
    contracts: int


@dataclass(frozen=True, slots=True)
class Results:
    """Scored events of one session and source. `files` lists the Parquet files of each table."""

    place: Path
    session: str
    source: str
    run_hash: str | None
    versions: dict[str, str]
    files: dict[str, list[Path]]

    def scan(self, table: str, columns: Any, keep: Any = None) -> pa.Table:
        """Return columns (names, or name to expression) of the rows under `keep`. Raises `StoreError` that names a damaged file."""
        paths = self.files.get(table)
        if not paths:
            raise StoreError(f"{self.place}: there is no table {table}")
        try:
            return ds.dataset([str(path) for path in paths], format="parquet", partitioning=None).to_table(columns, filter=keep)
        except (OSError, pa.ArrowException) as error:
            fault = str(error).partition("\n")[0]
            raise StoreError(f"{', '.join(map(str, paths))}: the table {table} cannot be read: {fault}") from error

    def index(self) -> pd.DataFrame:
        """Return what events are chosen by: event_id, underlying, published (profile or null), likeliest, abstained, premium_usd."""
        likeliest = pc.struct_field(pc.list_element(ds.field("profile_scores"), 0), "profile_id")
        columns = {
            "event_id": ds.field("event_id"),
            "underlying": ds.field("underlying_id"),
            "published": ds.field("primary_profile_id"),
            "likeliest": likeliest,
            "abstained": ds.field("abstained"),
            "premium_usd": ds.field("features", "premium_usd"),
        }
        return self.scan(EVENTS, columns).to_pandas()

    def events(self, event_ids: Sequence[str]) -> list[SmartMoneyEvent]:
        """Return events in the order asked for."""
        if not event_ids:
            return []
        names = list(SmartMoneyEvent.model_fields)
        rows = self.scan(EVENTS, names, pc.field("event_id").isin(list(event_ids))).to_pylist()
        by_id = {row["event_id"]: SmartMoneyEvent.from_row(row) for row in rows}
        return [by_id[name] for name in event_ids]

    def legs(self, event_ids: Sequence[str]) -> dict[str, list[Leg]]:
        """Return the contracts of events, legs in order."""
        if not event_ids:
            return {}
        names = ["event_id", "leg", "option_symbol", "leg_sign", "leg_ratio", "contracts"]
        rows = self.scan(LEGS, names, pc.field("event_id").isin(list(event_ids)))
        rows = rows.sort_by([("event_id", "ascending"), ("leg", "ascending")])
        found: dict[str, list[Leg]] = {}
        for row in rows.to_pylist():
            leg = Leg(row["option_symbol"], row["leg_sign"], row["leg_ratio"], row["contracts"])
            found.setdefault(row["event_id"], []).append(leg)
        return found

    def find(self, prefix: str) -> str:
        """Return the one event id that starts with `prefix`. Raises `CommandError` where there is none or more than one."""
        ids = sorted(self.scan(EVENTS, ["event_id"], pc.starts_with(pc.field("event_id"), prefix))["event_id"].to_pylist())
        if prefix in ids:
            return prefix
        if not ids:
            raise CommandError(f"{self.place}: no event id starts with {prefix!r}")
        if len(ids) > 1:
            shown = ", ".join(ids[:MIN_LISTED])
            raise CommandError(f"{prefix!r} is ambiguous: {len(ids)} event ids start with it, such as {shown}; give more characters")
        return str(ids[0])

    def quality(self) -> dict[str, Any] | None:
        """Return the data quality report of a folder; None for a lake."""
        path = self.place / "data_quality.json"
        return _read_json(path) if path.is_file() else None


def open_results(place: Path, session: date | None = None, source: str | None = None) -> Results:
    """Open an output of `score`, or a published session of a lake, in a folder or at a URL.

    Raises `CommandError` where there is neither or the choice is open, `StoreError` where files are damaged.
    """
    if is_lake(place):
        return _of_lake(place, *one_published(place, session, source))
    if session is not None or source is not None:
        raise CommandError(f"{place_name(place)}: no lake, nothing is published there; --session and --source choose a session of a lake")
    return _of_folder(_finished(opened_folder(place)))


def is_lake(place: Path) -> bool:
    """Whether a place is to be read as a lake, not as an output of `score`. Raises `CommandError` where there is no such folder."""
    url = object_url(place)
    if url is None and not place.is_dir():
        raise CommandError(f"{place}: there is no such folder")
    return (place / PUBLISHED).is_dir() or (url is not None and not is_published(Objects(url)))


def _finished(place: Path) -> Path:
    try:
        return open_folder(place, FOLDER_MARKER)
    except StoreError as error:
        raise CommandError(f"{place}: holds no scored day ({FOLDER_MARKER}) and no published session of a lake") from error


def _of_folder(folder: Path) -> Results:
    facts = _read_json(folder / FOLDER_MARKER)
    files = {name: [folder / f"{name}.parquet"] for name in facts.get("tables", {})}
    try:
        return Results(folder, facts["session"], facts["source"], facts["run_hash"], facts["versions"], files)
    except KeyError as error:
        raise StoreError(f"{folder / FOLDER_MARKER}: the manifest lacks {error}") from error


def _of_lake(place: Path, session: date, source: str) -> Results:
    """Of a lake at a URL only what is shown is fetched and checked."""
    wanted = None if object_url(place) is None else SHOWN
    published = open_published(open_lake(place), session, source, wanted)
    manifest = published.manifest
    files = {name: published.paths(name) for name in manifest.tables if wanted is None or name in wanted}
    return Results(place, session.isoformat(), source, manifest.run_hash, dict(manifest.versions), files)


def one_published(place: Path, session: date | None, source: str | None) -> tuple[date, str]:
    """Return the one published session and source that fits what was asked for. Raises `CommandError` where there is none, or more."""
    there = published_sessions(open_lake(place))
    fitting = [key for key in there if session in {None, key[0]} and source in {None, key[1]}]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{day} {name}" for day, name in (fitting or there)) or "nothing"
    fault = "more than one session is published; choose with --session and --source" if fitting else "that session is not published"
    raise CommandError(f"{place_name(place)}: {fault}; there is {known}")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise StoreError(f"{path}: cannot be read: an object was expected")
    return content
