"""Which results `smartmoney verify` holds against each other: two folders, sessions of two lakes, or a session and its former result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.console.results import EVENTS, FOLDER_MARKER, is_lake, one_published
from smartmoney_pipeline.console.terminal import CommandError, ExitCode
from smartmoney_pipeline.store.folder import open_folder
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import Manifest, Published, published_sessions, read_manifest
from smartmoney_pipeline.store.object_folder import opened_folder
from smartmoney_pipeline.store.object_lake import existing_lake
from smartmoney_pipeline.store.restoring import kept_results
from smartmoney_pipeline.store.urls import place_name

EVENTS_FILE = f"{EVENTS}.parquet"
SHORT = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """Two places, or one lake alone; `session` and `source` choose among what lakes hold, `kept` begins the hash of a former result."""

    first: Path
    second: Path | None
    session: date | None = None
    source: str | None = None
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One result: how it is called, what made it, and its events."""

    name: str
    versions: dict[str, str]
    events: Callable[[], pa.Table]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two results of one session and source, the former first."""

    session: date
    source: str
    first: Run
    second: Run


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is compared, in order of session and source, and what has no counterpart: a line on each."""

    pairs: list[Pair]
    alone: list[str]


def two_runs(asked: Asked) -> tuple[Run, Run] | None:
    """Return the two results where one of the places is a folder of `score`; None where only lakes were named.

    Raises `CommandError` for options that do not go with the places, `StoreError` for a place that is no finished result.
    """
    if asked.second is None:
        return None
    lakes = [is_lake(place) for place in (asked.first, asked.second)]
    if asked.kept is not None:
        raise CommandError("--kept takes one lake: its published result is compared with that former one", ExitCode.USAGE)
    if all(lakes):
        return None
    if not any(lakes) and (asked.session is not None or asked.source is not None):
        raise CommandError("--session and --source choose a session of a lake, and neither place is one", ExitCode.USAGE)
    first, second = (_one_run(place, lake, asked) for place, lake in zip((asked.first, asked.second), lakes, strict=True))
    return first, second


def _one_run(place: Path, of_lake: bool, asked: Asked) -> Run:
    if not of_lake:
        return Run(place_name(place), {}, lambda: _events_of_folder(place))
    lake = existing_lake(place)
    return _published_run(lake, place_name(place), *one_published(place, asked.session, asked.source))


def _events_of_folder(place: Path) -> pa.Table:
    return pq.read_table(open_folder(opened_folder(place, (FOLDER_MARKER, EVENTS_FILE)), FOLDER_MARKER) / EVENTS_FILE)


def sessions_of(asked: Asked) -> Pairs:
    """Return the pairs of two lakes, or of one lake and its former results. Raises `CommandError` where there is none to compare."""
    found = _former(asked) if asked.second is None else _of_two_lakes(asked, asked.second)
    if not found.pairs:
        why = "; ".join(found.alone) or "nothing is published that fits"
        raise CommandError(f"{place_name(asked.first)}: there is nothing to compare: {why}")
    return found


def _of_two_lakes(asked: Asked, second: Path) -> Pairs:
    places = (asked.first, second)
    lakes = [existing_lake(place) for place in places]
    there = [_fitting(lake, asked) for lake in lakes]
    both = [key for key in there[0] if key in set(there[1])]
    made = [[_published_run(lake, place_name(place), *key) for key in both] for lake, place in zip(lakes, places, strict=True)]
    pairs = [Pair(*key, *runs) for key, *runs in zip(both, *made, strict=True)]
    only = [(place_name(place), [key for key in keys if key not in both]) for place, keys in zip(places, there, strict=True)]
    return Pairs(pairs, [f"published only in {place}: {_named(keys)}" for place, keys in only if keys])


def _former(asked: Asked) -> Pairs:
    if not is_lake(asked.first):
        raise CommandError(f"{place_name(asked.first)}: no lake, so a second result to compare it with is needed", ExitCode.USAGE)
    lake = existing_lake(asked.first)
    keys = _fitting(lake, asked)
    if asked.kept is not None and len(keys) != 1:
        raise CommandError(f"--kept takes one session: choose with --session and --source; there is {_named(keys)}", ExitCode.USAGE)
    former = {key: run for key in keys if (run := _former_run(lake, *key, asked.kept)) is not None}
    pairs = [Pair(*key, run, _published_run(lake, "published", *key)) for key, run in former.items()]
    without = [key for key in keys if key not in former]
    return Pairs(pairs, [f"no former result is kept of {_named(without)}"] if without else [])


def _former_run(lake: Lake, session: date, source: str, begins: str | None) -> Run | None:
    """The result that was published last before the present one, or the one whose hash begins so."""
    kept = [one for one in kept_results(lake, session, source) if not one.current]
    fitting = kept[:1] if begins is None else [one for one in kept if one.sha256.startswith(begins)]
    if begins is not None and len(fitting) != 1:
        known = ", ".join(one.sha256[:SHORT] for one in kept) or "none"
        raise CommandError(f"{session} {source}: {len(fitting)} former results begin with {begins!r}; there are {known}")
    return _run_of(lake, f"former {fitting[0].sha256[:SHORT]}", fitting[0].manifest) if fitting else None


def _fitting(lake: Lake, asked: Asked) -> list[tuple[date, str]]:
    return [key for key in published_sessions(lake) if asked.session in {None, key[0]} and asked.source in {None, key[1]}]


def _published_run(lake: Lake, name: str, session: date, source: str) -> Run:
    return _run_of(lake, name, read_manifest(lake, session, source))


def _run_of(lake: Lake, name: str, manifest: Manifest) -> Run:
    return Run(name, dict(manifest.versions), lambda: Published(lake, manifest).read(EVENTS))


def _named(keys: list[tuple[date, str]]) -> str:
    """The first of some sessions, and how many there are."""
    if not keys:
        return "nothing"
    first = f"{keys[0][0]} {keys[0][1]}"
    return first if len(keys) == 1 else f"{len(keys)} sessions and sources, the first {first}"
