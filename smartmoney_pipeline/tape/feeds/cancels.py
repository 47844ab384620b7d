"""Prints that a vendor marks as cancelled later, and the rows that cancel them: paired by the end of the file they came in.

A canonical tape knows one kind of cancel: a row that names its print. So a marked print without a cancel row gets one here, at its own
time, and leaves the current view as it must; the mark itself is not on the tape, since nobody knew it when the print was made.
"""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.tape.conditions import condition
from smartmoney_pipeline.tape.corrections import CANCEL_STATE

LIVE, CANCELLED, CANCEL = 0, 1, 2
_CANCEL_CODE = "A"
_ALIKE = ("option_symbol", "price", "size", "exchange")


def split_marked(prints: pa.Table) -> tuple[pa.Table, pa.Table | None]:
    """Live prints without the mark, and the marked rows; None where no row has a mark."""
    if CANCEL_STATE not in prints.column_names:
        return prints, None
    live = pc.equal(prints[CANCEL_STATE], LIVE)
    marked = prints.filter(pc.invert(live))
    return prints.filter(live).drop_columns([CANCEL_STATE]), marked if len(marked) else None


def paired(marked: pa.Table) -> tuple[pa.Table, int]:
    """Marked rows with `cancels_print_id`, and a made cancel for each marked print that has none; how many were made."""
    rows = _plain(marked).sort_by([("ts", "ascending"), ("seq", "ascending")])
    states = rows[CANCEL_STATE].to_numpy()
    names = _named(rows, states)
    lonely = np.flatnonzero(states == CANCELLED)
    named = {name for name in names if name}
    ids = rows["print_id"].to_pylist()
    lonely = np.array([row for row in lonely.tolist() if ids[row] not in named], dtype=np.int64)
    kept = rows.drop_columns([CANCEL_STATE]).append_column("cancels_print_id", pa.array(names, pa.string()))
    kept = _with_code(kept, (states == CANCEL) & np.array([name is None for name in names], dtype=bool))
    return pa.concat_tables([kept, _made(kept.take(pa.array(lonely)))]), len(lonely)


def _plain(table: pa.Table) -> pa.Table:
    coded = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    for name in coded:
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))
    return table


def _named(rows: pa.Table, states: np.ndarray) -> list[str | None]:
    """The print that each cancel removes: the latest marked one before it with the same contract, price, size and venue."""
    waiting: dict[tuple[object, ...], list[str]] = defaultdict(list)
    names: list[str | None] = []
    keys = zip(*(rows[name].to_pylist() for name in _ALIKE), strict=True)
    # Marked rows are a handful a day; prints are not looped over.
    for key, name, state in zip(keys, rows["print_id"].to_pylist(), states.tolist(), strict=True):
        if state == CANCELLED:
            waiting[key].append(name)
        names.append(waiting[key].pop() if state == CANCEL and waiting[key] else None)
    return names


def _with_code(rows: pa.Table, unnamed: np.ndarray) -> pa.Table:
    """A cancel that found no print here must still say that it is one: by its code."""
    codes = rows["condition"].to_pylist()
    fixed = [
        _CANCEL_CODE if lost and condition(code).family is not ConditionFamily.CANCEL else code
        for code, lost in zip(codes, unnamed.tolist(), strict=True)
    ]
    return rows.set_column(rows.column_names.index("condition"), "condition", pa.array(fixed, pa.string()))


def _made(cancelled: pa.Table) -> pa.Table:
    ids = cancelled["print_id"]
    columns = {
        "print_id": pc.binary_join_element_wise(ids, "void", "-"),
        "seq": pc.add(cancelled["seq"], 1),
        "condition": pa.array([_CANCEL_CODE] * len(cancelled), pa.string()),
        "cancels_print_id": ids,
    }
    return pa.table({name: columns.get(name, cancelled[name]) for name in cancelled.column_names}, schema=cancelled.schema)
