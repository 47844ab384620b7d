"""What one bucket has said and may still have to take back: final events since the oldest checkpoint, provisional ones still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.live.comparing import changed_events
from smartmoney_pipeline.engine.live.linking import Link
from smartmoney_pipeline.engine.live.pile import Pile
from smartmoney_pipeline.engine.live.update import Retraction, Spoken
from smartmoney_pipeline.engine.live.window import NamedSlice, joined_named, taken_named
from smartmoney_pipeline.schemas.codes import RetractionReason

Revisions = NDArray[np.int64]


class Provisional(NamedTuple):
    """An event said before it was final: its name, when its packet closed, and its prints as `ids[start:stop]`."""

    name: str
    closed_at: int
    ids: pa.Array
    start: int
    stop: int

    def prints(self) -> list[str]:
        """Its print ids."""
        return self.ids[self.start : self.stop].to_pylist()


@dataclass(frozen=True)
class Part:
    """Final events that were said after the checkpoint at `since` (ns UTC), with the revision of each, and links."""

    since: int
    events: NamedSlice | None
    revision: Revisions
    links: list[Link]


@dataclass
class Saying:
    """What is to be said now, and what is withdrawn."""

    spoken: list[Spoken] = field(default_factory=list)
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
    """The record of one bucket. Provisional events are kept under the number of their one packet."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, Pile[Part]]] = []
        self._open: dict[int, Provisional] = {}
        self._owed: dict[str, int] = {}

    def add(self, since: int, final: NamedSlice | None, links: list[Link], early: NamedSlice | None, at: int) -> Saying:
        """Take in an advance; `early` are provisional events, `at` the event time reached."""
        saying = Saying(links=links)
        revision = self._revisions(final)
        if final is not None:
            saying.spoken.append(Spoken(final, False, revision))
            saying.retractions = self._joined(final, at)
        if early is not None:
            saying.spoken.append(Spoken(early, True, np.zeros(len(early), np.int64)))
            self._open |= _provisional(early)
        self._keep(Part(since, final, revision, links))
        return saying

    def replace(self, context: DayContext, parts: Sequence[Part], early: NamedSlice | None, cause: Cause) -> Saying:
        """Take in what was made anew from `cause.since` on: what changed is to be said, what is gone is withdrawn."""
        old = [part for since, pile in self._parts if since >= cause.since for part in pile]
        self._parts = [(since, pile) for since, pile in self._parts if since < cause.since]
        before, after = _whole(old), _whole(parts)
        covered = {} if after is None or after.events is None else _by_print(after.events)
        say, revision, gone = _compare(context, before, after, covered)
        saying = Saying()
        if after is not None and after.events is not None and say.any():
            rows = np.flatnonzero(say)
            saying.spoken.append(Spoken(taken_named(after.events, rows), False, revision[rows]))
        self._settle_open(after, covered, early, cause, saying)
        takers = {**({} if early is None else _by_print(early)), **covered}
        saying.retractions += [_withdrawn(name, prints, takers, cause) for name, prints, _ in gone]
        owed = {print_id: 1 + number for _, prints, number in gone for print_id in prints if print_id not in covered}
        self._owed |= {print_id: number for print_id, number in owed.items() if print_id not in cause.cancelled}
        was, now = ({link for part in side for link in part.links} for side in (old, parts))
        saying.links, saying.withdrawn_links = sorted(now - was), sorted(was - now)
        start = 0
        for part in parts:
            count = 0 if part.events is None else len(part.events)
            self._keep(Part(part.since, part.events, revision[start : start + count], part.links))
            start += count
        return saying

    def drop_before(self, since: int) -> None:
        """Forget final events that no correction can reach any more."""
        self._parts = [(start, pile) for start, pile in self._parts if start >= since]

    def _keep(self, part: Part) -> None:
        if part.events is None and not part.links:
            return
        if not self._parts or self._parts[-1][0] != part.since:
            self._parts.append((part.since, Pile(_joined_parts)))
        self._parts[-1][1].add(part)

    def _revisions(self, final: NamedSlice | None) -> Revisions:
        """0, or one more than that of a withdrawn event whose print one of these takes."""
        if final is None or not self._owed:
            return np.zeros(0 if final is None else len(final), np.int64)
        found = [max((self._owed.pop(print_id, 0) for print_id in prints), default=0) for prints in final.member_ids()]
        return np.array(found, np.int64)

    def _joined(self, final: NamedSlice, at: int) -> list[Retraction]:
        """Withdraw the provisional events whose packets now belong to another event."""
        if not self._open:
            return []
        packets = final.events.packets
        pairs = zip(packets["packet_number"].tolist(), packets["event"].tolist(), strict=True)
        found = [(self._open.pop(number).name, row) for number, row in pairs if number in self._open]
        names = final.events.event_id.take(pa.array([row for _, row in found], pa.int64())).to_pylist()
        changed = [(early, name) for (early, _), name in zip(found, names, strict=True) if early != name]
        return [Retraction(early, at, RetractionReason.JOINED.value, (name,)) for early, name in changed]

    def _settle_open(self, after: Part | None, final: dict[str, str], early: NamedSlice | None, cause: Cause, saying: Saying) -> None:
        """Close the provisional events that became final, were joined, or are no more; say the new ones that still wait."""
        standing = set(final.values())
        made = {} if early is None else _provisional(early)
        kept = {one.name for one in made.values()}
        now = ({} if early is None else _by_print(early)) | final
        opened = dict(self._open)
        self._open = {}
        for number, one in sorted(opened.items(), key=lambda item: item[1].name):
            prints = one.prints()
            takers = {final[print_id] for print_id in prints if print_id in final}
            if one.name in standing:
                continue
            if len(takers) == 1 and all(print_id in final for print_id in prints):
                saying.retractions.append(Retraction(one.name, cause.at, RetractionReason.JOINED.value, tuple(takers)))
            elif takers or (one.closed_at >= cause.since and one.name not in kept):
                saying.retractions.append(_withdrawn(one.name, prints, now, cause))
            elif one.name not in kept:
                self._open[number] = one
        self._say_open(early, made, final, {one.name for one in opened.values()}, saying)

    def _say_open(
        self, early: NamedSlice | None, made: dict[int, Provisional], final: dict[str, str], known: set[str], saying: Saying
    ) -> None:
        """Note the provisional events that still wait, under the numbers that their packets have now."""
        if early is None:
            return
        waits = {number: one for number, one in made.items() if one.ids[one.start].as_py() not in final}
        self._open |= waits
        fresh = np.array([number in waits and one.name not in known for number, one in made.items()], np.bool_)
        if fresh.any():
            rows = np.flatnonzero(fresh)
            saying.spoken.append(Spoken(taken_named(early, rows), True, np.zeros(len(rows), np.int64)))


def _compare(
    context: DayContext, before: Part | None, after: Part | None, replacing: dict[str, str]
) -> tuple[NDArray[np.bool_], Revisions, list[tuple[str, list[str], int]]]:
    """Which events made anew are to be said, the revision of each, and the events that are gone (id, prints, revision)."""
    names, held = _names(after), _names(before)
    old, numbers = {name: i for i, name in enumerate(held)}, [] if before is None else before.revision.tolist()
    same = np.array([name in old for name in names], np.bool_)
    say, revision = ~same, np.zeros(len(names), np.int64)
    if same.any():
        assert before is not None and before.events is not None and after is not None and after.events is not None
        places = np.array([old[name] for name in names if name in old], np.int64)
        changed = changed_events(context, taken_named(before.events, places), taken_named(after.events, np.flatnonzero(same)))
        say[same] = changed
        revision[same] = before.revision[places] + changed
    kept = set(names)
    members = [] if before is None or before.events is None else before.events.member_ids()
    gone = [(name, prints, number) for name, prints, number in zip(held, members, numbers, strict=True) if name not in kept]
    inherited: dict[str, int] = {}
    for _, prints, number in gone:
        for taker in {replacing[print_id] for print_id in prints if print_id in replacing}:
            inherited[taker] = max(inherited.get(taker, 0), 1 + number)
    revision[~same] = [inherited.get(name, 0) for name in names if name not in old]
    return say, revision, gone


def _withdrawn(name: str, prints: Iterable[str], covered: dict[str, str], cause: Cause) -> Retraction:
    """A withdrawal by a correction, with the events that took the prints."""
    print_ids = list(prints)
    by_cancel = bool(cause.cancelled.intersection(print_ids)) or not cause.late
    reason = RetractionReason.PRINT_CANCELLED if by_cancel else RetractionReason.PRINT_ARRIVED_LATE
    takers = sorted({covered[print_id] for print_id in print_ids if print_id in covered} - {name})
    return Retraction(name, cause.at, reason.value, tuple(takers))


def _provisional(early: NamedSlice) -> dict[int, Provisional]:
    """Provisional events by the number of their packet, in their order."""
    events, ends = early.events, early.events.members.offsets.tolist()
    rows = zip(events.event_id.to_pylist(), events.events["closed_at"].tolist(), ends[:-1], ends[1:], strict=True)
    made = [Provisional(name, closed_at, early.print_id, start, stop) for name, closed_at, start, stop in rows]
    return dict(zip(events.packets["packet_number"].tolist(), made, strict=True))


def _by_print(events: NamedSlice) -> dict[str, str]:
    pairs = zip(events.events.event_id.to_pylist(), events.member_ids(), strict=True)
    return {print_id: name for name, prints in pairs for print_id in prints}


def _names(part: Part | None) -> list[str]:
    return [] if part is None or part.events is None else part.events.events.event_id.to_pylist()


def _joined_parts(parts: Sequence[Part]) -> Part:
    """One part of several after the same checkpoint."""
    events = [part.events for part in parts if part.events is not None]
    links = [link for part in parts for link in part.links]
    return Part(parts[0].since, joined_named(events) if events else None, np.concatenate([part.revision for part in parts]), links)


def _whole(parts: Sequence[Part]) -> Part | None:
    return _joined_parts(parts) if parts else None
