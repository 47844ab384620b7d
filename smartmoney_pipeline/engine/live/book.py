"""Every print of one bucket since its oldest checkpoint, cancels and cancelled ones too, and which of them stand.

What a cancel removes is decided by the rules of the stored tape, gone through again for the contracts that a cancel or a late print
concerns, so that the answer is that of the whole day's tape in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.engine.live.inbox import joined_tables, ordered, times
from smartmoney_pipeline.engine.live.intake import PRINTS
from smartmoney_pipeline.engine.live.journal import between
from smartmoney_pipeline.engine.live.seen import SeenIds
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.tape.conditions import family_table
from smartmoney_pipeline.tape.corrections import apply_corrections

STATE = "_state"
DEAD, LIVE, NEW = range(3)
NAMED = "cancels_print_id"


@dataclass(frozen=True)
class Added:
    """New prints that stand and come in their time; from when on processed time changed (None: it did not), and what caused it."""

    prints: pa.Table
    changed_from: int | None = None
    cancelled: frozenset[str] = frozenset()
    late: bool = False
    quarantined: list[pa.Table] = field(default_factory=list)


class PrintBook:
    """Prints in tape order with their state."""

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []
        self._seen = SeenIds()
        self._lost: set[int] = set()

    def add(self, rows: pa.Table, until: int) -> Added:
        """Add released prints in tape order; everything before `until` (ns UTC) has been processed."""
        fresh, repeated = self._seen.take(rows)
        quarantined = [repeated] if len(repeated) else []
        if not len(fresh):
            return Added(fresh, quarantined=quarantined)
        if not _cancels(fresh).any() and times(fresh)[0] >= until:
            self._parts.append(_with_state(fresh, np.full(len(fresh), LIVE, np.uint8)))
            return Added(fresh, quarantined=quarantined)
        return self._corrected(fresh, until, quarantined)

    def standing(self, start: int, end: int) -> pa.Table | None:
        """Prints with start <= ts < end that stand; None where there are none."""
        parts = [between(part, start, end) for part in self._parts]
        found = [part.filter(pc.equal(part[STATE], LIVE)) for part in parts if len(part)]
        found = [part for part in found if len(part)]
        return joined_tables(found).drop_columns([STATE]) if found else None

    def drop_before(self, start: int) -> None:
        """Forget the prints before `start`."""
        self._parts = [cut for part in self._parts if len(cut := between(part, start, 1 << 62))]

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def _corrected(self, fresh: pa.Table, until: int, quarantined: list[pa.Table]) -> Added:
        """Go through the contracts again that cancels or late prints concern."""
        whole = ordered(PRINTS, [*self._parts, _with_state(fresh, np.full(len(fresh), NEW, np.uint8))])
        before, ts = whole[STATE].to_numpy(), times(whole)
        after, lost = self._decided(whole, before, ts < until)
        processed = ts < until
        changed = processed & np.where(before == NEW, after == LIVE, after != before)
        gone = processed & (before == LIVE) & (after == DEAD)
        names = whole["print_id"].filter(pa.array(gone)).to_pylist()
        kept = whole.drop_columns([STATE])
        self._parts = [_with_state(kept, after)]
        return Added(
            kept.filter(pa.array((before == NEW) & (after == LIVE) & ~processed)),
            int(ts[changed].min()) if changed.any() else None,
            frozenset(names),
            bool((processed & (before == NEW) & (after == LIVE)).any()),
            [*quarantined, *([lost] if len(lost) else [])],
        )

    def _decided(self, whole: pa.Table, before: NDArray[np.uint8], processed: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], pa.Table]:
        """State of every print, and the cancels without a print that have not been told of."""
        mine = _concerned(whole, (before == NEW) & (_cancels(whole) | processed))
        sub = whole.filter(pa.array(mine))
        place = sub.column_names.index("option_symbol")
        sub = sub.set_column(place, "option_symbol", sub["option_symbol"].combine_chunks().dictionary_encode())
        corrected = apply_corrections(sub.combine_chunks())
        after = np.where(before == NEW, LIVE, before).astype(np.uint8)
        stands = pc.is_in(sub["print_id"], value_set=corrected.current["print_id"].combine_chunks())
        after[mine] = np.where(stands.to_numpy(), LIVE, DEAD)
        lost = corrected.quarantined
        told = pc.is_in(lost["row"], value_set=pa.array(sorted(self._lost), pa.int64())).to_numpy()
        self._lost |= set(lost["row"].to_pylist())
        return after, lost.filter(pa.array(~told))


def _with_state(rows: pa.Table, state: NDArray[np.uint8]) -> pa.Table:
    return rows.append_column(STATE, pa.array(state))


def _cancels(rows: pa.Table) -> NDArray[np.bool_]:
    """Which rows are cancels: by their condition, or because they name a print."""
    by_code = family_table()[rows["condition"].to_numpy()] == ConditionFamily.CANCEL
    return by_code | rows[NAMED].is_valid().to_numpy() if NAMED in rows.column_names else by_code


def _concerned(whole: pa.Table, cause: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of every contract with a row in `cause`, and of those whose prints a cancel among these names."""
    contract, ids = whole["contract_id"].to_numpy(), whole["print_id"]
    mine = np.isin(contract, np.unique(contract[cause]))
    while NAMED in whole.column_names:
        names = pc.drop_null(whole[NAMED].filter(pa.array(mine))).combine_chunks()
        named = pc.is_in(ids, value_set=names.cast(ids.type)).to_numpy()
        wider = mine | np.isin(contract, np.unique(contract[named]))
        if (wider == mine).all():
            break
        mine = wider
    return mine
