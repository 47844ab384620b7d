"""One session replayed as a live feed and held against the stored batch result, on as many underlyings as a check may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.engine.live.engine import LiveEngine
from smartmoney_pipeline.engine.live.intake import PRINTS
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.replay import Feed, symbols_of
from smartmoney_pipeline.engine.live.views import EventLog
from smartmoney_pipeline.schemas.units import NS_PER_SECOND
from smartmoney_pipeline.store.run_hash import run_hash

MOST_PRINTS = 200_000
"""Prints that a check replays: seconds of work. Links never leave an underlying, so whole underlyings may be left out."""

STEP_NS = 60 * NS_PER_SECOND
EVENTS = "smart_money_events"


@dataclass(frozen=True)
class Compared:
    """Run hashes of batch and live over the underlyings that were replayed, and how many events each has."""

    underlyings: tuple[str, ...]
    hashes: tuple[str, str]
    events: tuple[int, int]

    @property
    def equal(self) -> bool:
        """Whether live gave what batch gave."""
        return self.hashes[0] == self.hashes[1]


def compare(feed: Feed, source: str, calendar: pa.Table, batch: pa.Table, most_prints: int = MOST_PRINTS) -> Compared:
    """Replay the feed and compare its events with those of `batch` (smart_money_events), both of the sampled underlyings."""
    chosen = sample(feed.streams[PRINTS], most_prints)
    live = _replayed(only(feed, chosen), source, calendar)
    tables = [table.filter(pc.is_in(table["underlying_id"].cast(pa.string()), pa.array(chosen, pa.string()))) for table in (batch, live)]
    return Compared(tuple(chosen), (run_hash(tables[0]), run_hash(tables[1])), (len(tables[0]), len(tables[1])))


def sample(prints: pa.Table, most_prints: int) -> list[str]:
    """Return underlyings, the most active first, whose prints fit into `most_prints`; the least active one where none fits."""
    counted = pc.value_counts(pc.drop_null(prints["underlying"].cast(pa.string()))).to_pylist()
    ranked = sorted(((row["counts"], row["values"]) for row in counted), key=lambda one: (-one[0], one[1]))
    chosen, left = [], most_prints
    for number, name in ranked:
        if number <= left:
            chosen.append(name)
            left -= number
    return chosen or [ranked[-1][1]] if ranked else []


def only(feed: Feed, underlyings: Sequence[str]) -> Feed:
    """Return the feed without the prints of other underlyings, and without the quotes of contracts that only those print."""
    prints = feed.streams[PRINTS]
    kept = pc.is_in(prints["underlying"].cast(pa.string()), pa.array(underlyings, pa.string()))
    mine, others = (_roots(prints.filter(rows)) for rows in (kept, pc.invert(kept)))
    foreign = pa.array(sorted(others - mine), pa.string())
    streams, received = {}, {}
    for name, table in feed.streams.items():
        rows = kept if name == PRINTS else _not_foreign(table, foreign)
        streams[name] = table.filter(rows)
        received[name] = feed.received[name][rows.to_numpy(zero_copy_only=False).astype(bool)]
    return replace(feed, streams=streams, received=received)


def _roots(prints: pa.Table) -> set[str]:
    symbols = pc.unique(pc.drop_null(prints["option_symbol"].cast(pa.string()))).to_pylist()
    return {str(symbol)[:-15] for symbol in symbols}


def _not_foreign(table: pa.Table, roots: pa.Array) -> pa.Array | pa.ChunkedArray:
    if "option_symbol" not in table.column_names:
        return pa.array([True] * len(table), pa.bool_())
    root = pc.utf8_slice_codeunits(table["option_symbol"].cast(pa.string()), 0, -15)
    return pc.invert(pc.fill_null(pc.is_in(root, roots), False))


def _replayed(feed: Feed, source: str, calendar: pa.Table) -> pa.Table:
    """Events as they stand after the whole feed, in steps of time, with the calendar that batch knew."""
    reference = {**feed.reference, "event_calendar": calendar}
    reference.setdefault("contracts", pa.table({"option_symbol": pa.array(sorted(symbols_of(feed)), pa.string())}))
    params = LiveParams(history_ns=None, provisional=False)
    engine, log = LiveEngine(feed.session, source, reference, feed.streams, params, feed.nature), EventLog()
    for step in feed.steps(STEP_NS):
        log.add(engine.push(step.tables))
    log.add(engine.finish())
    return log.current()[EVENTS]
