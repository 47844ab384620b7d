"""Legacy option prints of a source: read in blocks of the tape, filtered as the earlier surface did, newest or oldest first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.api.legacy_store import LegacyPage, LegacyStore, Place
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.bridge.prints import option_prints
from smartmoney_pipeline.schemas.units import NS_PER_MS

Ints = NDArray[np.int64]
BLOCK_ROWS = 1 << 14
HELD_BLOCKS = 8
MAX_TRACES = 5_000


@dataclass(frozen=True, slots=True)
class PrintFilter:
    """What a legacy query asks of prints; empty and None ask nothing."""

    view: str = "signal"
    security: str = "stock"
    sides: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    min_notional: float = 0.0
    source: str | None = None
    underlyings: tuple[str, ...] = ()
    contract: str | None = None

    def keep(self, prints: pa.Table) -> NDArray[np.bool_]:
        """Return which legacy prints pass."""
        masks = [pc.greater_equal(prints["notional"], self.min_notional)]
        if self.view == "signal":
            masks.append(prints["signal_pass"])
        if self.security != "all":
            masks.append(pc.equal(prints["is_etf"], self.security == "etf"))
        for column, values in (("nbbo_side", self.sides), ("option_type", self.types), ("underlying_id", self.underlyings)):
            if values:
                masks.append(pc.is_in(prints[column], value_set=pa.array(list(values), pa.string())))
        if self.contract is not None:
            masks.append(pc.equal(prints["option_contract_id"], self.contract))
        if self.source is not None:
            masks.append(pc.starts_with(pc.utf8_lower(prints["trace_id"].cast(pa.string())), self.source))
        kept = np.ones(len(prints), dtype=bool)
        for mask in masks:
            kept &= pc.fill_null(mask, False).to_numpy()
        return kept


class LegacyPrints:
    """Pages of prints over the sessions of a legacy store. `seq` of a print is its row in the tape of its session."""

    def __init__(self, store: LegacyStore) -> None:
        self._store = store
        self._held: OrderedDict[tuple[str, int], pa.Table] = OrderedDict()

    def before(self, wanted: PrintFilter, place: Place, limit: int) -> LegacyPage:
        """Return prints before a place, newest first."""
        parts: list[pa.Table] = []
        for view in self._store.views(newest_first=True):
            stop = _position(_times(view), place, after=False)
            for block in self._blocks_back(view, stop):
                kept = np.flatnonzero(wanted.keep(block))[::-1][:limit]
                parts.append(block.take(pa.array(kept)))
                limit -= len(kept)
                if limit <= 0:
                    return _page(parts)
        return _page(parts)

    def after(self, wanted: PrintFilter, place: Place, limit: int) -> LegacyPage:
        """Return prints after a place, oldest first."""
        parts: list[pa.Table] = []
        for view in self._store.views(newest_first=False):
            start = _position(_times(view), place, after=True)
            for block in self._blocks_on(view, start):
                kept = np.flatnonzero(wanted.keep(block))[:limit]
                parts.append(block.take(pa.array(kept)))
                limit -= len(kept)
                if limit <= 0:
                    return _page(parts)
        return _page(parts)

    def traced(self, trace_ids: list[str]) -> LegacyPage:
        """Return the prints of these traces, newest first."""
        wanted, parts = pa.array(trace_ids, pa.string()), []
        for view in self._store.views(newest_first=True):
            rows = np.flatnonzero(pc.is_in(view.column("quoted_prints", "print_id"), value_set=wanted).to_numpy())[::-1]
            parts += [option_prints(view.table("quoted_prints").take(rows[i : i + 1]), int(rows[i])) for i in range(len(rows[:MAX_TRACES]))]
        return _page(parts)

    def _blocks_back(self, view: SessionView, stop: int) -> Iterator[pa.Table]:
        for number in range((stop - 1) // BLOCK_ROWS, -1, -1) if stop else ():
            yield self._block(view, number).slice(0, stop - number * BLOCK_ROWS)

    def _blocks_on(self, view: SessionView, start: int) -> Iterator[pa.Table]:
        for number in range(start // BLOCK_ROWS, -(-len(_times(view)) // BLOCK_ROWS)):
            yield self._block(view, number).slice(max(0, start - number * BLOCK_ROWS))

    def _block(self, view: SessionView, number: int) -> pa.Table:
        key = (view.snapshot, number)
        held = self._held.pop(key, None)
        if held is None:
            first = number * BLOCK_ROWS
            rows = np.arange(first, min(first + BLOCK_ROWS, len(_times(view))))
            held = option_prints(view.table("quoted_prints").take(rows), first).combine_chunks()
        self._held[key] = held
        while len(self._held) > HELD_BLOCKS:
            self._held.popitem(last=False)
        return held


def _times(view: SessionView) -> Ints:
    kept = view.__dict__.setdefault("_print_ms", {})
    if "ms" not in kept:
        kept["ms"] = view.column("quoted_prints", "ts").cast(pa.int64()).to_numpy() // NS_PER_MS
    return kept["ms"]


def _position(times: Ints, place: Place, after: bool) -> int:
    """Rows before a place, those at it among them if `after`; the row is the seq."""
    first, last = int(np.searchsorted(times, place.ts, "left")), int(np.searchsorted(times, place.ts, "right"))
    return min(max(first, place.seq + after), last)


def _page(parts: list[pa.Table]) -> LegacyPage:
    kept = [part for part in parts if len(part)]
    if not kept:
        return LegacyPage([], None)
    return LegacyPage(kept, Place(int(kept[-1]["ts"][-1].as_py()), int(kept[-1]["seq"][-1].as_py())))
