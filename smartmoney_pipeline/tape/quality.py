"""Counts that say how good a tape is. Crossed, locked, one-sided and empty quotes are counted and kept."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.tape.conditions import family_table
from smartmoney_pipeline.tape.symbols import parse_symbols, root_rules
from smartmoney_pipeline.tape.tables import CARRIED_OPTION_QUOTE, CARRIED_UNDERLYING_QUOTE, QUOTE_TABLES


def row_counts(rows: Mapping[str, int], read: Mapping[str, int], quarantine: pa.Table) -> dict[str, Any]:
    """By table: rows in the file, rows read, rows quarantined and why. Read + quarantined = rows."""
    counts = {}
    for table in sorted(rows):
        mine = quarantine.filter(pc.equal(quarantine["table"], table))
        counts[table] = {"rows": rows[table], "read": read[table], "quarantined": len(mine), "by_reason": by_reason(mine)}
    return counts


def by_reason(quarantine: pa.Table) -> dict[str, int]:
    """How many rows of a quarantine have each reason."""
    pairs = pc.value_counts(quarantine["reason"]).to_pylist()
    return dict(sorted((pair["values"], pair["counts"]) for pair in pairs))


def _true(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


def quote_counts(bid: pa.Array | pa.ChunkedArray, ask: pa.Array | pa.ChunkedArray, is_value: np.ndarray | None = None) -> dict[str, int]:
    """Rows by state of the quote; bid and ask in one unit, 0 or null = none on that side.

    `is_value` (bool[n]) marks rows of an index, whose equal bid and ask are a value and no locked market.
    """
    bid, ask = pc.fill_null(bid, 0), pc.fill_null(ask, 0)
    has_bid, has_ask = pc.greater(bid, 0), pc.greater(ask, 0)
    both = pc.and_(has_bid, has_ask)
    equal = pc.and_(both, pc.equal(bid, ask))
    return {
        "crossed": _true(pc.and_(both, pc.greater(bid, ask))),
        "locked": _true(equal if is_value is None else pc.and_not(equal, pa.array(is_value))),
        "one_sided": _true(pc.xor(has_bid, has_ask)),
        "zero": _true(pc.invert(pc.or_(has_bid, has_ask))),
    }


def print_counts(prints: pa.Table, removed: pa.Table, corrections: pa.Table) -> dict[str, Any]:
    """Prints of the current view by condition family, late ones, corrections, and the share that carries its quotes."""
    families = np.bincount(family_table()[prints["condition"].to_numpy()], minlength=len(ConditionFamily))
    by_family = {family.name.lower(): int(families[family]) for family in ConditionFamily if families[family]}
    counts: dict[str, Any] = {
        "current": len(prints),
        "removed": len(removed),
        "corrections": len(corrections),
        "late": int(families[ConditionFamily.LATE]),
        "condition_unknown": int(families[ConditionFamily.UNKNOWN]),
        "by_family": by_family,
    }
    for name, (bid, ask) in (("nbbo", CARRIED_OPTION_QUOTE), ("underlying", CARRIED_UNDERLYING_QUOTE)):
        if bid in prints.column_names and ask in prints.column_names:
            is_value = _index_rows(prints["option_symbol"], of_symbols=True) if name == "underlying" else None
            counts[f"carried_{name}"] = quote_counts(prints[bid], prints[ask], is_value)
        counts[f"carried_{name}_share"] = _carried_share(prints, bid, ask)
    return counts


def _carried_share(prints: pa.Table, bid: str, ask: str) -> float | None:
    if not len(prints):
        return None
    if bid not in prints.column_names or ask not in prints.column_names:
        return 0.0
    carried = pc.or_(prints[bid].is_valid(), prints[ask].is_valid())
    return _true(carried) / len(prints)


def quote_table_counts(tables: Mapping[str, pa.Table]) -> dict[str, dict[str, int]]:
    """State counts of each quote table that is there."""
    counts = {}
    for name in QUOTE_TABLES:
        if name in tables:
            quotes = tables[name]
            is_value = _index_rows(quotes["underlying"], of_symbols=False) if "underlying" in quotes.column_names else None
            counts[name] = quote_counts(quotes["bid"], quotes["ask"], is_value)
    return counts


def _index_rows(words: pa.ChunkedArray, *, of_symbols: bool) -> np.ndarray:
    """Which rows of a symbol or ticker dictionary column belong to an index: bool[n]."""
    column = words.combine_chunks()
    names = column.dictionary
    if of_symbols:
        names = pa.array(parse_symbols(names)["root"], pa.string(), from_pandas=True)
    return root_rules(names)["is_index"].to_numpy()[column.indices.to_numpy()]
