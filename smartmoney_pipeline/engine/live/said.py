"""What one bucket has said and may still have to take back: final events since the oldest checkpoint, provisional ones still open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.live.differences import changed_rows
from smartmoney_pipeline.engine.live.linking import Link
from smartmoney_pipeline.engine.live.update import Retraction
from smartmoney_pipeline.schemas.codes import RetractionReason


class Provisional(NamedTuple):
    """An event said before it was final: the time at which its packet closed, and its prints."""

    closed_at: int
    prints: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What was said of one advance that began at `since` (ns UTC)."""

    since: int
    events: pa.Table | None
    links: list[Link]


@dataclass
class Saying:
    """What is to be said now: rows of the tables handed in (masks), and what is withdrawn. `revision` by row of the final events."""

    final: np.ndarray
    revision: np.ndarray
    provisional: np.ndarray
    retractions: list[Retraction] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    withdrawn_links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Cause:
    """Why processed time was gone through again: from when on, at which event time, and what happened."""

    since: int
    at: int
    cancelled: frozenset[str]
    late: bool


class Said:
    """The record of one bucket."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._open: dict[str, Provisional] = {}
        self._open_of_print: dict[str, str] = {}
        self._owed: dict[str, int] = {}

    def add(self, part: Part, early: pa.Table | None, at: int) -> Saying:
        """Take in an advance; `early` are provisional events, `at` the event time reached."""
        members = _members(part.events)
        saying = Saying(_all(part.events), self._revisions(members), _all(early), links=part.links)
        saying.retractions = self._joined(part.events, members, at)
        self._note_early(early, saying.provisional)
        self._keep(part, saying.revision)
        return saying

    def replace(self, parts: list[Part], early: pa.Table | None, cause: Cause) -> Saying:
        """Take in what was made anew from `cause.since` on: what changed is to be said, what is gone is withdrawn."""
        old = [part for part in self._parts if part.since >= cause.since]
        self._parts = [part for part in self._parts if part.since < cause.since]
        before, after = _whole([part.events for part in old]), _whole([part.events for part in parts])
        members, early_members = _members(after), _members(early)
        replacing = _by_print(after, members)
        final, revision, gone = _compare(before, after, replacing)
        standing = {} if after is None else dict.fromkeys(after["event_id"].to_pylist())
        saying = Saying(final, revision, self._news(early, early_members, replacing))
        self._settle_open(standing, replacing, early, cause, saying)
        covered = {**_by_print(early, early_members), **replacing}
        saying.retractions += [_withdrawn(name, prints, covered, cause) for name, prints, _ in gone]
        owed = {print_id: 1 + number for _, prints, number in gone for print_id in prints if print_id not in replacing}
        self._owed |= {print_id: number for print_id, number in owed.items() if print_id not in cause.cancelled}
        was, now = ({link for part in side for link in part.links} for side in (old, parts))
        saying.links, saying.withdrawn_links = sorted(now - was), sorted(was - now)
        start = 0
        for part in parts:
            count = 0 if part.events is None else len(part.events)
            self._keep(part, revision[start : start + count])
            start += count
        return saying

    def drop_before(self, since: int) -> None:
        """Forget final events that no correction can reach any more."""
        self._parts = [part for part in self._parts if part.since >= since]

    def _keep(self, part: Part, revision: np.ndarray) -> None:
        events = part.events
        if events is not None:
            place = events.column_names.index("revision")
            events = events.set_column(place, events.schema.field("revision"), pa.array(revision, pa.int64()))
        if events is not None or part.links:
            self._parts.append(Part(part.since, events, part.links))

    def _revisions(self, members: list[list[str]]) -> np.ndarray:
        """0, or one more than that of a withdrawn event whose print one of these takes."""
        if not self._owed:
            return np.zeros(len(members), np.int64)
        found = [max((self._owed.pop(print_id, 0) for print_id in prints), default=0) for prints in members]
        return np.array(found, np.int64)

    def _joined(self, final: pa.Table | None, members: list[list[str]], at: int) -> list[Retraction]:
        """Withdraw the provisional events whose prints now belong to another event."""
        withdrawn: list[Retraction] = []
        if final is None or not self._open:
            return withdrawn
        for name, prints in zip(final["event_id"].to_pylist(), members, strict=True):
            held = {self._open_of_print[print_id] for print_id in prints if print_id in self._open_of_print}
            for early in sorted(held):
                self._close(early)
                if early != name:
                    withdrawn.append(Retraction(early, at, RetractionReason.JOINED.value, (name,)))
        return withdrawn

    def _note_early(self, early: pa.Table | None, news: np.ndarray) -> None:
        if early is None:
            return
        rows = early.filter(pa.array(news))
        closed_at = rows["closed_at"].cast(pa.int64()).to_pylist()
        for name, closed, prints in zip(rows["event_id"].to_pylist(), closed_at, _members(rows), strict=True):
            self._open[name] = Provisional(closed, tuple(prints))
            self._open_of_print |= dict.fromkeys(prints, name)

    def _close(self, name: str) -> Provisional:
        closed = self._open.pop(name)
        for print_id in closed.prints:
            self._open_of_print.pop(print_id, None)
        return closed

    def _news(self, early: pa.Table | None, members: list[list[str]], final: dict[str, str]) -> np.ndarray:
        """Which provisional events are new and still wait."""
        if early is None:
            return np.zeros(0, np.bool_)
        names = early["event_id"].to_pylist()
        return np.array([n not in self._open and p[0] not in final for n, p in zip(names, members, strict=True)], np.bool_)

    def _settle_open(self, standing: dict[str, None], final: dict[str, str], early: pa.Table | None, cause: Cause, saying: Saying) -> None:
        """Close the provisional events that became final, were joined, or are no more."""
        kept = set() if early is None else set(early["event_id"].to_pylist())
        now = _by_print(early, _members(early)) | final
        for name in sorted(self._open):
            prints = self._open[name].prints
            takers = {final[print_id] for print_id in prints if print_id in final}
            if name in standing:
                self._close(name)
            elif len(takers) == 1 and all(print_id in final for print_id in prints):
                self._close(name)
                saying.retractions.append(Retraction(name, cause.at, RetractionReason.JOINED.value, tuple(takers)))
            elif takers or (self._open[name].closed_at >= cause.since and name not in kept):
                self._close(name)
                saying.retractions.append(_withdrawn(name, prints, now, cause))
        self._note_early(early, saying.provisional)


def _compare(
    before: pa.Table | None, after: pa.Table | None, replacing: dict[str, str]
) -> tuple[np.ndarray, np.ndarray, list[tuple[str, list[str], int]]]:
    """Which events made anew are to be said, the revision of each, and the events that are gone (id, prints, revision)."""
    old = {} if before is None else {name: i for i, name in enumerate(before["event_id"].to_pylist())}
    names = [] if after is None else after["event_id"].to_pylist()
    numbers = [] if before is None else before["revision"].to_pylist()
    same = np.array([name in old for name in names], np.bool_)
    say, revision = ~same, np.zeros(len(names), np.int64)
    if before is not None and after is not None and same.any():
        places = [old[name] for name in names if name in old]
        changed = changed_rows(before.take(pa.array(places)), after.filter(pa.array(same)), exclude=("revision",))
        say[same] = changed
        revision[same] = np.array(numbers, np.int64)[places] + changed
    kept = set(names)
    gone = [(name, prints, numbers[i]) for (name, i), prints in zip(old.items(), _members(before), strict=True) if name not in kept]
    inherited: dict[str, int] = {}
    for _, prints, number in gone:
        for taker in {replacing[print_id] for print_id in prints if print_id in replacing}:
            inherited[taker] = max(inherited.get(taker, 0), 1 + number)
    for i, name in enumerate(names):
        if not same[i]:
            revision[i] = inherited.get(name, 0)
    return say, revision, gone


def _withdrawn(name: str, prints: Iterable[str], covered: dict[str, str], cause: Cause) -> Retraction:
    """A withdrawal by a correction, with the events that took the prints."""
    print_ids = list(prints)
    by_cancel = bool(cause.cancelled.intersection(print_ids)) or not cause.late
    reason = RetractionReason.PRINT_CANCELLED if by_cancel else RetractionReason.PRINT_ARRIVED_LATE
    takers = sorted({covered[print_id] for print_id in print_ids if print_id in covered} - {name})
    return Retraction(name, cause.at, reason.value, tuple(takers))


def _by_print(events: pa.Table | None, members: list[list[str]]) -> dict[str, str]:
    if events is None:
        return {}
    return {print_id: name for name, prints in zip(events["event_id"].to_pylist(), members, strict=True) for print_id in prints}


def _members(events: pa.Table | None) -> list[list[str]]:
    return [] if events is None else events["member_print_ids"].to_pylist()


def _all(events: pa.Table | None) -> np.ndarray:
    return np.ones(0 if events is None else len(events), np.bool_)


def _whole(tables: list[pa.Table | None]) -> pa.Table | None:
    found = [table for table in tables if table is not None]
    return pa.concat_tables(found).combine_chunks() if found else None
