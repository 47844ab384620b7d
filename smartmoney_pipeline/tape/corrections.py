"""Cancels: finds the print that each one removes. Both leave the current view; a cancel without its print is quarantined."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import ConditionFamily, CorrectionRule, QuarantineReason
from smartmoney_pipeline.tape.conditions import family_table
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.validate import FILE, ROW

CANCEL_STATE = "_cancel_state"
"""Vendor's own mark on a print: 0 live, 1 cancelled later, 2 this row is the cancel. Absent where the vendor gives none."""

CORRECTIONS_SCHEMA = pa.schema(
    [
        ("cancel_print_id", pa.string()),
        ("cancelled_print_id", pa.string()),
        ("ts", pa.timestamp("ns", "UTC")),
        ("rule", pa.string()),
    ]
)
_RULE_OF_CODE = {ord("C"): CorrectionRule.LAST, ord("E"): CorrectionRule.FIRST, ord("G"): CorrectionRule.ONLY}


@dataclass(frozen=True, slots=True)
class Corrected:
    """Prints of the current view, prints that left it (cancels too), the corrections, and the quarantined cancels."""

    current: pa.Table
    removed: pa.Table
    corrections: pa.Table
    quarantined: pa.Table


class _Book:
    """Prints in tape order as arrays, with what is still live. Prices in ticks; contracts as codes of the symbol dictionary."""

    def __init__(self, prints: pa.Table) -> None:
        columns = ("seq", "price", "size", "venue", "condition")
        self.seq, self.price, self.size, self.venue, self.condition = (prints[name].to_numpy() for name in columns)
        self.ts = prints["ts"].cast(pa.int64()).to_numpy()
        self.contract = prints["option_symbol"].combine_chunks().indices.to_numpy()
        state = prints[CANCEL_STATE].to_numpy() if CANCEL_STATE in prints.column_names else None
        self.flagged = None if state is None else state == 1
        self.named = _named_positions(prints)
        self.is_cancel = (family_table()[self.condition] == ConditionFamily.CANCEL) | (self.named >= -1)
        if state is not None:
            self.is_cancel |= state == 2
        self.live = ~self.is_cancel
        self._positions = self._by_contract()

    def _by_contract(self) -> dict[int, np.ndarray]:
        wanted = np.unique(self.contract[self.is_cancel])
        rows = np.flatnonzero(np.isin(self.contract, wanted) & ~self.is_cancel)
        rows = rows[np.argsort(self.contract[rows], kind="stable")]
        starts = np.searchsorted(self.contract[rows], wanted, side="left")
        ends = np.searchsorted(self.contract[rows], wanted, side="right")
        return {int(contract): rows[a:b] for contract, a, b in zip(wanted, starts, ends, strict=True)}

    def target(self, cancel: int) -> tuple[int, CorrectionRule] | None:
        """The print that a cancel removes and how it was found, or None."""
        named = self.named[cancel]
        if named >= -1:
            found = named >= 0 and self.live[named] and self._before(cancel, np.array([named]))[0]
            return (int(named), CorrectionRule.BY_ID) if found else None
        return self._matched(cancel)

    def _before(self, cancel: int, rows: np.ndarray) -> np.ndarray:
        earlier = self.ts[rows] < self.ts[cancel]
        return earlier | ((self.ts[rows] == self.ts[cancel]) & (self.seq[rows] < self.seq[cancel]))

    def _matched(self, cancel: int) -> tuple[int, CorrectionRule] | None:
        rows = self._positions[int(self.contract[cancel])]
        rows = rows[self.live[rows] & self._before(cancel, rows)]
        alike = self.price[rows] == self.price[cancel]
        alike &= (self.size[rows] == self.size[cancel]) & (self.venue[rows] == self.venue[cancel])
        if self.flagged is not None:
            alike &= self.flagged[rows]  # a vendor that flags says that the others are live
        matches = rows[alike]
        if not len(matches):
            return None
        return self._choose(self.condition[cancel], matches, rows)

    @staticmethod
    def _choose(code: int, matches: np.ndarray, rows: np.ndarray) -> tuple[int, CorrectionRule]:
        rule = _RULE_OF_CODE.get(int(code), CorrectionRule.LATEST)
        if rule is CorrectionRule.FIRST:
            return int(matches[0]), rule
        if rule is CorrectionRule.LATEST:
            inner = matches[(matches != rows[0]) & (matches != rows[-1])]
            return int(inner[-1] if len(inner) else matches[-1]), rule
        return int(matches[-1]), rule


def _named_positions(prints: pa.Table) -> np.ndarray:
    """Position of the print that each row names: -2 names none, -1 names one that is not there."""
    if "cancels_print_id" not in prints.column_names:
        return np.full(len(prints), -2)
    names = prints["cancels_print_id"].combine_chunks()
    positions = pc.fill_null(pc.index_in(names, value_set=prints["print_id"].combine_chunks()), -1)
    return pc.if_else(names.is_valid(), positions.cast(pa.int64()), -2).to_numpy(zero_copy_only=False)


def apply_corrections(prints: pa.Table) -> Corrected:
    """Remove cancelled prints and their cancels from `prints` (clean, in tape order, `option_symbol` a dictionary).

    A cancel that names a print by `cancels_print_id` removes that one. Others match on contract, price, size and venue among
    earlier prints not yet cancelled; where several match, the code decides: C the last, E the first, G the only, A and O the
    latest that is neither the contract's first nor its last print where there is one.
    """
    book = _Book(prints)
    found: list[tuple[int, int, CorrectionRule]] = []
    lost = np.zeros(len(prints), dtype=bool)
    for cancel in np.flatnonzero(book.is_cancel).tolist():
        target = book.target(cancel)
        if target is None:
            lost[cancel] = True
            continue
        book.live[target[0]] = False
        found.append((cancel, *target))
    flagged = np.flatnonzero(book.live & book.flagged) if book.flagged is not None else np.arange(0)
    book.live[flagged] = False
    return Corrected(
        prints.filter(pa.array(book.live)),
        prints.filter(pa.array(~book.live & ~lost)),
        _corrections(prints, found, flagged),
        _quarantined(prints, lost),
    )


def _corrections(prints: pa.Table, found: list[tuple[int, int, CorrectionRule]], flagged: np.ndarray) -> pa.Table:
    cancels = pa.array([cancel for cancel, _, _ in found] + [None] * len(flagged), pa.int64())
    targets = pa.array([target for _, target, _ in found] + flagged.tolist(), pa.int64())
    ids, ts = prints["print_id"].combine_chunks(), prints["ts"].combine_chunks()
    columns = [
        ids.take(cancels),
        ids.take(targets),
        ts.take(pc.coalesce(cancels, targets)),
        pa.array([rule.value for _, _, rule in found] + [CorrectionRule.FLAGGED.value] * len(flagged), pa.string()),
    ]
    table = pa.Table.from_arrays(columns, schema=CORRECTIONS_SCHEMA)
    return table.sort_by([("ts", "ascending"), ("cancelled_print_id", "ascending")]).combine_chunks()


def _quarantined(prints: pa.Table, lost: np.ndarray) -> pa.Table:
    faults = RowFaults("option_prints", prints[ROW].to_numpy(), prints[FILE].combine_chunks())
    faults.add(lost, QuarantineReason.CANCEL_WITHOUT_PRINT, prints["print_id"].combine_chunks())
    return faults.quarantined()
