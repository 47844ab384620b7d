"""Links between parents: campaigns of one contract and side over many minutes. Belongs here: links; parents are never merged by them."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.arrays import I64, Bool
from smartmoney_pipeline.parent_events.assembled import ASSEMBLIES, SINGLE, Assembled
from smartmoney_pipeline.parent_events.parent_params import ParentParams
from smartmoney_pipeline.schemas.codes import Assembly
from smartmoney_pipeline.schemas.units import NS_PER_MINUTE

CAMPAIGN = "campaign"
END_OF_TIME = np.iinfo(np.int64).max
_COLUMNS = ("contract", "side", "start_ts", "end_ts", "first_order", "event")


@dataclass(frozen=True, slots=True)
class LinkParams:
    """Longest time between the end of a parent and the start of the next (ns; META-RULE), and the least size of a fill (SEED)."""

    reach_ns: int = 15 * NS_PER_MINUTE
    least_fill: int = 50
    least_side: float = ParentParams().least_side


def _of_interest(a: Assembled, contracts: I64, params: LinkParams) -> Bool:
    """Single-leg parents of one contract, at work by nature (sweep, worked) or by size."""
    assembly = a.events["assembly"]
    works = np.isin(assembly, [ASSEMBLIES.index(Assembly.SWEEP), ASSEMBLIES.index(Assembly.WORKED)])
    fills = (assembly == ASSEMBLIES.index(Assembly.FILL)) & (contracts >= params.least_fill)
    last_leg = np.maximum.reduceat(a.packets["leg"], a.offsets[:-1])
    return (a.events["kind"] == SINGLE) & (works | fills) & (last_leg == 0)


def _candidates(a: Assembled, params: LinkParams) -> dict[str, np.ndarray]:
    """Parents that a campaign may hold, each with its contract and side."""
    if not len(a):
        return {name: np.empty(0, np.int64) for name in _COLUMNS}
    first = a.offsets[:-1]
    contracts = np.add.reduceat(a.packets["contracts"], first)
    lean = np.add.reduceat(a.packets["aggressor_size_sum"], first)
    side = np.where(np.abs(lean) >= params.least_side * contracts, np.sign(lean), 0).astype(np.int64)
    kept = _of_interest(a, contracts, params) & (side != 0)
    rows = {"contract": a.packets["contract"][first], "side": side}
    rows |= {name: a.events[name] for name in _COLUMNS[2:]}
    return {name: values[kept].astype(np.int64) for name, values in rows.items()}


class LinkBuilder:
    """Campaign links of a day. Each parent is linked to the one before it of its contract and side; results do not depend on cuts."""

    def __init__(self, params: LinkParams | None = None) -> None:
        self._params = params or LinkParams()
        self._held = {name: np.empty(0, np.int64) for name in _COLUMNS}
        self._linked_until = 0

    def push(self, assembled: Assembled, settled_until_ns: int) -> dict[str, np.ndarray]:
        """Links to parents that start before `settled_until_ns`, given that all of those have been pushed.

        Returns arrays `event` (the earlier parent), `linked_event` (the later one), both int64 running numbers, `kind`, and `gap_ns`,
        the time from the end of the one to the start of the other, 0 where they overlap.
        """
        new = _candidates(assembled, self._params)
        held = {name: np.concatenate([self._held[name], new[name]]) for name in _COLUMNS}
        order = np.lexsort((held["first_order"], held["side"], held["contract"]))
        held = {name: values[order] for name, values in held.items()}
        links = self._links(held, settled_until_ns)
        self._linked_until = settled_until_ns
        self._forget(held, settled_until_ns)
        return links

    def held_events(self) -> set[int]:
        """Running numbers of the parents that a link may still name."""
        return set(self._held["event"].tolist())

    def finish(self) -> dict[str, np.ndarray]:
        """Links to the parents that were not settled yet, at the end of the day."""
        return self.push(Assembled({}, {}, np.zeros(1, np.int64)), END_OF_TIME)

    def _links(self, held: dict[str, np.ndarray], settled_until: int) -> dict[str, np.ndarray]:
        same = (np.diff(held["contract"]) == 0) & (np.diff(held["side"]) == 0)
        gap = np.maximum(held["start_ts"][1:] - held["end_ts"][:-1], 0)
        start = held["start_ts"][1:]
        fresh = (start >= self._linked_until) & (start < settled_until)
        pairs = np.flatnonzero(same & (gap <= self._params.reach_ns) & fresh)
        kinds = np.full(len(pairs), CAMPAIGN, dtype=object)
        return {"event": held["event"][pairs], "linked_event": held["event"][pairs + 1], "kind": kinds, "gap_ns": gap[pairs]}

    def _forget(self, held: dict[str, np.ndarray], settled_until: int) -> None:
        """Keep what is not settled, and of the settled ones the last of each contract and side while it is within reach."""
        settled = held["start_ts"] < settled_until
        same = (np.diff(held["contract"]) == 0) & (np.diff(held["side"]) == 0)
        followed = np.r_[same & settled[1:], False] if len(settled) else settled
        in_reach = held["end_ts"] >= settled_until - self._params.reach_ns
        kept = ~settled | (~followed & in_reach)
        self._held = {name: values[kept] for name, values in held.items()}
