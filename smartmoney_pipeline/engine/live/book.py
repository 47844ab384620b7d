"""Every print of the tape since the oldest checkpoint, cancels and cancelled ones too, and which of them stand.

What a cancel removes is decided by the rules of the stored tape, gone through again for the contracts that a cancel or a late print
concerns, so that the answer is that of the whole day's tape in order, whatever buckets its contracts are in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.engine.live.inbox import Symbols, prints_in_order
from smartmoney_pipeline.engine.live.journal import END
from smartmoney_pipeline.engine.live.pile import Pile
from smartmoney_pipeline.engine.live.rows import Rows, joined_rows
from smartmoney_pipeline.engine.live.seen import LIVE_FILE, SeenIds
from smartmoney_pipeline.schemas.codes import ConditionFamily, QuarantineReason
from smartmoney_pipeline.tape.conditions import family_table
from smartmoney_pipeline.tape.corrections import apply_corrections
from smartmoney_pipeline.tape.validate import FILE, ROW

STATE = "_state"
DEAD, LIVE, NEW = range(3)
NAMED = "cancels_print_id"


@dataclass(frozen=True)
class Added:
    """New prints that stand and come in their time, and the prints of processed time that came or went, with their state now."""

    prints: Rows
    changed: Rows | None = None
    quarantined: list[pa.Table] = field(default_factory=list)


class PrintBook:
    """Prints in tape order with their state."""

    def __init__(self) -> None:
        self._parts: Pile[Rows] = Pile(joined_rows)
        self._seen = SeenIds()
        self._lost: set[int] = set()
        self._since = np.iinfo(np.int64).min

    def add(self, rows: Rows, until: int, symbols: Symbols) -> Added:
        """Add released prints in tape order; everything before `until` (ns UTC) has been processed."""
        fresh, repeated = self._seen.take(rows)
        quarantined = [] if repeated is None else [repeated]
        if not len(fresh):
            return Added(fresh, quarantined=quarantined)
        if not _cancels(fresh).any() and fresh.ts[0] >= until:
            self._parts.add(_with_state(fresh, np.full(len(fresh), LIVE, np.uint8)))
            return Added(fresh, quarantined=quarantined)
        return self._corrected(fresh, until, symbols, quarantined)

    def standing(self, start: int, end: int) -> Rows | None:
        """Prints with start <= ts < end that stand; None where there are none."""
        parts = [part.between(start, end) for part in self._parts]
        found = [part.take(part.numbers[STATE] == LIVE) for part in parts if len(part)]
        found = [part for part in found if len(part)]
        return joined_rows(found) if found else None

    def drop_before(self, start: int) -> None:
        """Forget the prints before `start`."""
        if start <= self._since:
            return
        self._since = start
        kept = [cut for part in self._parts if len(cut := part.between(start, END))]
        self._parts = Pile(joined_rows, [joined_rows(kept)] if kept else [])

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def _corrected(self, fresh: Rows, until: int, symbols: Symbols, quarantined: list[pa.Table]) -> Added:
        """Go through the contracts again that cancels or late prints concern."""
        new = _with_state(fresh, np.full(len(fresh), NEW, np.uint8))
        whole = prints_in_order(joined_rows([*self._parts, new]), symbols)
        before, processed = whole.numbers[STATE], whole.ts < until
        after, lost = self._decided(whole, before, processed)
        changed = processed & np.where(before == NEW, after == LIVE, after != before)
        settled = _with_state(whole, after)
        self._parts = Pile(joined_rows, [settled])
        return Added(
            whole.take((before == NEW) & (after == LIVE) & ~processed),
            settled.take(changed) if changed.any() else None,
            [*quarantined, *([lost] if len(lost) else [])],
        )

    def _decided(self, whole: Rows, before: NDArray[np.uint8], processed: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], pa.Table]:
        """State of every print, and the cancels without a print that have not been told of."""
        mine = _concerned(whole, (before == NEW) & (_cancels(whole) | processed))
        table = _table(whole.take(mine))
        corrected = apply_corrections(table)
        after = np.where(before == NEW, LIVE, before).astype(np.uint8)
        stands = pc.is_in(table["print_id"], value_set=corrected.current["print_id"].combine_chunks())
        after[mine] = np.where(stands.to_numpy(), LIVE, DEAD)
        lost = corrected.quarantined
        told = pc.is_in(lost["row"], value_set=pa.array(sorted(self._lost), pa.int64())).to_numpy()
        self._lost |= set(lost["row"].to_pylist())
        return after, self._with_reasons(lost.filter(pa.array(~told)), whole)

    def _with_reasons(self, lost: pa.Table, whole: Rows) -> pa.Table:
        """Cancels without a print; where the print was there once and is too old to be gone back to, they say so."""
        if NAMED not in whole.texts or not len(lost):
            return lost
        cancels = whole.texts[NAMED].take(pc.index_in(lost["row"].combine_chunks(), value_set=pa.array(whole.numbers[ROW])))
        named = cancels.is_valid().to_numpy(zero_copy_only=False)
        old = np.zeros(len(lost), np.bool_)
        old[named] = self._seen.holds(cancels.drop_null())
        old &= ~pc.is_in(cancels, value_set=whole.texts["print_id"]).to_numpy(zero_copy_only=False)
        reasons = pc.if_else(pa.array(old), QuarantineReason.BEYOND_HISTORY.value, lost["reason"])
        return lost.set_column(lost.column_names.index("reason"), "reason", reasons)


def _table(rows: Rows) -> pa.Table:
    """Prints as the rules of the stored tape read them; contracts are told apart by their ids."""
    ids, contract = np.unique(rows.numbers["contract_id"], return_inverse=True)
    symbols = pa.DictionaryArray.from_arrays(pa.array(contract.astype(np.int32)), pa.array(ids.astype(str)))
    numbers = {name: pa.array(rows.numbers[name]) for name in ("seq", "price", "size", "venue", "condition", ROW)}
    ts = pa.array(rows.ts).cast(pa.timestamp("ns", tz="UTC"))
    files = pa.array([LIVE_FILE] * len(rows))
    return pa.table({**numbers, **rows.texts, "ts": ts, "option_symbol": symbols, FILE: files})


def _with_state(rows: Rows, state: NDArray[np.uint8]) -> Rows:
    return Rows({**rows.numbers, STATE: state}, rows.texts)


def _cancels(rows: Rows) -> NDArray[np.bool_]:
    """Which rows are cancels: by their condition, or because they name a print."""
    by_code = family_table()[rows.numbers["condition"]] == ConditionFamily.CANCEL
    return by_code | rows.texts[NAMED].is_valid().to_numpy(zero_copy_only=False) if NAMED in rows.texts else by_code


def _concerned(whole: Rows, cause: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of every contract with a row in `cause`, and of those whose prints a cancel among these names."""
    contract, ids = whole.numbers["contract_id"], whole.texts["print_id"]
    mine = np.isin(contract, np.unique(contract[cause]))
    while NAMED in whole.texts:
        names = whole.texts[NAMED].filter(pa.array(mine)).drop_null()
        named = pc.is_in(ids, value_set=names).to_numpy(zero_copy_only=False)
        wider = mine | np.isin(contract, np.unique(contract[named]))
        if (wider == mine).all():
            break
        mine = wider
    return mine
