"""Packets joined into parent events. Belongs here: the order of the stages and what waits between them; no rule of a stage.

Coded legs go one way. All others pass legged packages, worked orders, herds, and stand alone if nothing joined them: each stage sees
only what the one before released, and takes its packets as complete up to one window of that stage earlier, since that is how long it
may hold one. A stage says nothing about a packet before its window is complete, so the events do not depend on how the packets arrive.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events import stages
from smartmoney_pipeline.parent_events.assembled import ASSEMBLIES, Assembled, Joined, assemble
from smartmoney_pipeline.parent_events.chain_kernel import PENDING, RELEASED
from smartmoney_pipeline.parent_events.packet_store import PacketStore
from smartmoney_pipeline.parent_events.parent_params import ParentParams
from smartmoney_pipeline.parent_events.stages import Decided, StageContext
from smartmoney_pipeline.parent_events.terms import ContractTerms
from smartmoney_pipeline.schemas.codes import Assembly

END_OF_TIME = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class _Group:
    """Packets (store rows, sorted by event) of the events that one stage made, events numbered from 0."""

    rows: I64
    event: I64
    assembly: I64
    odds: F8
    settled_at: I64


class _Stage:
    """One stage with the packets that wait in it.

    `window_ns`: how long a packet may wait here; `hold_ns`: the same with the stages before, after which an event of this one is settled.
    """

    def __init__(
        self,
        bit: int,
        decide: Callable[[StageContext, I64, int], Decided],
        assembly: Assembly,
        window_ns: int,
        before_ns: int,
    ) -> None:
        self._bit, self._decide = bit, decide
        self._assembly = ASSEMBLIES.index(assembly)
        self.window_ns, self.hold_ns = window_ns, before_ns + window_ns
        self.waiting = np.empty(0, np.int64)

    def run(self, x: StageContext, rows: I64, complete_until: int) -> tuple[_Group, I64, int]:
        """Events of this stage, rows for the next one in tape order, and the time up to which the next one's packets are complete."""
        mine = (x.col(stages.TAKES, rows) & self._bit) != 0
        candidates = in_tape_order(x, np.concatenate([self.waiting, rows[mine]]))
        answer = self._decide(x, candidates, complete_until)
        self.waiting = candidates[answer.group == PENDING]
        passed = np.concatenate([rows[~mine], candidates[answer.group == RELEASED]])
        return self._events(x, candidates, answer), in_tape_order(x, passed), complete_until - self.window_ns

    def hold(self, takes: I64) -> I64:
        """How long each packet is held up to this stage at most, counted from its start; 0 for those that it does not take."""
        return np.where(takes & self._bit, self.hold_ns, 0)

    def _events(self, x: StageContext, rows: I64, answer: Decided) -> _Group:
        joined = np.flatnonzero(answer.group >= 0)
        order = joined[np.argsort(answer.group[joined], kind="stable")]
        group = answer.group[order]
        new = np.r_[True, group[1:] != group[:-1]] if len(group) else np.empty(0, np.bool_)
        first = order[new]
        settled = np.maximum(answer.settled_at[first], x.col("start_ts", rows[first]) + self.hold_ns)
        return _Group(rows[order], np.cumsum(new) - 1, np.full(len(first), self._assembly), answer.odds[first], settled)


def in_tape_order(x: StageContext, rows: I64) -> I64:
    """The rows sorted by the place of their first print in the day."""
    order = x.col("first_order", rows)
    return rows if np.all(order[1:] > order[:-1]) else rows[np.argsort(order, kind="stable")]


class ParentBuilder:
    """Parent events of a day from its packets. Results do not depend on how the packets are cut into pushes."""

    def __init__(self, terms: ContractTerms, params: ParentParams | None = None) -> None:
        self._params = params or ParentParams()
        self._store = PacketStore()
        self._terms = terms
        self._first_seen = np.full(len(terms), END_OF_TIME)
        self._x = StageContext(self._store, terms, self._params, self._first_seen)
        self._coded = _Stage(stages.CODED, stages.coded, Assembly.PACKAGE, 0, 0)
        self._cascade = self._make_cascade()
        self._events = 0
        self._settled_until = 0

    def push(self, packets: Mapping[str, np.ndarray], complete_until_ns: int) -> Assembled:
        """Add packets in any order; events that nothing can change any more.

        `packets`: arrays by name, every packet column and `delta_first`. `complete_until_ns`: every packet that starts before it has
        been handed over, with this push or earlier.
        """
        np.minimum.at(self._first_seen, packets["contract"], packets["start_ts"])
        rows = in_tape_order(self._x, self._store.append({**packets, **stages.stage_columns(packets, self._x)}))
        coded = (self._x.col(stages.TAKES, rows) & stages.CODED) != 0
        groups = [self._run_coded(rows[coded], complete_until_ns), *self._run_cascade(rows[~coded], complete_until_ns)]
        self._settled_until = self._oldest_waiting(complete_until_ns)
        result = self._assemble(groups)
        self._compact()
        return result

    def finish(self) -> Assembled:
        """Events of all packets that still wait, at the end of the day; without columns where no packet was ever pushed."""
        if not len(self._store):
            return Assembled({}, {}, np.zeros(1, np.int64))
        return self.push(self._store.take(np.empty(0, np.int64)), END_OF_TIME)

    def settled_until(self) -> int:
        """Every event that starts before this time has been returned, ns UTC."""
        return self._settled_until

    def grow(self, terms: ContractTerms) -> None:
        """Go on with the terms of more contracts; those known so far keep their ids."""
        self._terms = terms
        self._first_seen = np.r_[self._first_seen, np.full(len(terms) - len(self._first_seen), END_OF_TIME)]
        self._x = StageContext(self._store, terms, self._params, self._first_seen)

    def oldest_order(self) -> int | None:
        """Place in the day of the first print of the packets that wait; None where none waits."""
        orders = [int(self._x.col("first_order", stage.waiting).min()) for stage in self._stages() if len(stage.waiting)]
        return min(orders, default=None)

    def alone(self, packets: Mapping[str, np.ndarray]) -> Assembled:
        """The packets as if nothing joined them, each an event of its own, numbered from 0; the builder does not take them in."""
        order = np.argsort(packets["first_order"], kind="stable")
        columns = {name: values[order] for name, values in packets.items()}
        mask = columns["venue_mask"]
        kinds = np.where((mask & (mask - 1)) != 0, ASSEMBLIES.index(Assembly.SWEEP), ASSEMBLIES.index(Assembly.FILL))
        coded = self._x.package_windows[columns["family"]] >= 0
        kinds = np.where(coded, ASSEMBLIES.index(Assembly.PACKAGE), kinds)
        count = len(order)
        joined = Joined(columns, np.arange(count + 1, dtype=np.int64), kinds, np.full(count, np.inf), np.zeros(count, np.int64))
        return assemble(joined, 0, self._terms, self._params)

    def waiting(self) -> int:
        """Packets that wait for their event."""
        return sum(len(stage.waiting) for stage in self._stages())

    def _make_cascade(self) -> tuple[_Stage, ...]:
        legs, clips, tickets = (odds.window for odds in (self._params.legged, self._params.worked, self._params.herd))
        return (
            _Stage(stages.LEGGED, stages.legged, Assembly.LEGGED_PACKAGE, legs, 0),
            _Stage(stages.WORKED, stages.worked, Assembly.WORKED, clips, legs),
            _Stage(stages.HERD, stages.herd, Assembly.HERD, tickets, legs + clips),
        )

    def _stages(self) -> tuple[_Stage, ...]:
        return (self._coded, *self._cascade)

    def _run_coded(self, rows: I64, complete_until: int) -> _Group:
        return self._coded.run(self._x, rows, complete_until)[0]

    def _run_cascade(self, rows: I64, complete_until: int) -> list[_Group]:
        groups = []
        for stage in self._cascade:
            group, rows, complete_until = stage.run(self._x, rows, complete_until)
            groups.append(group)
        return [*groups, self._alone(rows)]

    def _alone(self, rows: I64) -> _Group:
        """What nothing joined: one packet, one event; a sweep where it took several venues."""
        mask = self._x.col("venue_mask", rows)
        several = (mask & (mask - 1)) != 0
        assembly = np.where(several, ASSEMBLIES.index(Assembly.SWEEP), ASSEMBLIES.index(Assembly.FILL))
        hold = np.max([stage.hold(self._x.col(stages.TAKES, rows)) for stage in self._cascade], axis=0)
        settled = np.where(hold > 0, self._x.col("start_ts", rows) + hold, 0)
        return _Group(rows, np.arange(len(rows)), assembly, np.full(len(rows), np.inf), settled)

    def _assemble(self, groups: list[_Group]) -> Assembled:
        counts = [len(group.assembly) for group in groups]
        event = np.concatenate([group.event + base for group, base in zip(groups, np.cumsum([0, *counts[:-1]]), strict=True)])
        rows, assembly, odds, settled = (
            np.concatenate([getattr(group, name) for group in groups]) for name in ("rows", "assembly", "odds", "settled_at")
        )
        odds = np.where(assembly == ASSEMBLIES.index(Assembly.PACKAGE), np.inf, odds)
        offsets = np.searchsorted(event, np.arange(len(assembly) + 1))
        joined = Joined(self._store.take(rows), offsets.astype(np.int64), assembly, odds, settled)
        self._events += len(assembly)
        return assemble(joined, self._events - len(assembly), self._terms, self._params)

    def _oldest_waiting(self, complete_until: int) -> int:
        starts = [int(self._x.col("start_ts", stage.waiting[:1])[0]) for stage in self._stages() if len(stage.waiting)]
        return min([complete_until, *starts])

    def _compact(self) -> None:
        waiting = np.zeros(len(self._store), np.bool_)
        for stage in self._stages():
            waiting[stage.waiting] = True
        moved = self._store.compact(waiting)
        if moved is not None:
            for stage in self._stages():
                stage.waiting = moved[stage.waiting]
