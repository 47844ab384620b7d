"""The two views of a live session: as known, everything in the order in which it was said, and current, what stands of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.engine.live.update import NAMES, OF_EVENTS, Update
from smartmoney_pipeline.schemas.arrow import conform, empty_table
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES

SAID = "said"
"""Number of the update in which a row was said, from 0; within one update withdrawals come before what is new."""

LINK_KEY = ("event_id", "linked_event_id")


class EventLog:
    """All updates of a session. Rows of the log are those of the updates with the column `said`."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = {name: [] for name in NAMES}
        self._said = 0

    def add(self, update: Update) -> None:
        """Add the next update."""
        for name, parts in self._parts.items():
            rows = getattr(update, name)
            if len(rows):
                parts.append(rows.append_column(SAID, pa.array(np.full(len(rows), self._said))))
        self._said += 1

    def as_known(self) -> dict[str, pa.Table]:
        """Every row said, in order, by field of `Update`."""
        return {name: self._table(name) for name in NAMES}

    def current(self) -> dict[str, pa.Table]:
        """The output tables as they stand; see `current_view`."""
        return current_view(self.as_known())

    def _table(self, name: str) -> pa.Table:
        if not self._parts[name]:
            return empty_table(OUTPUT_TABLES[NAMES[name]]).append_column(SAID, pa.array([], pa.int64()))
        return pa.concat_tables(self._parts[name]).unify_dictionaries().combine_chunks()


def current_view(log: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The output tables that the log leaves standing: for each event what was said last, final ones alone, in canonical order.

    `log` holds tables by field of `Update`, each with `said`.
    """
    events = log["events"]
    standing = _standing(events, log["retractions"])
    kept = events.filter(pa.array(standing)).sort_by([("closed_at", "ascending"), ("event_id", "ascending")])
    tables = {"smart_money_events": conform(kept, OUTPUT_TABLES["smart_money_events"])}
    for name in OF_EVENTS:
        tables[NAMES[name]] = conform(_of_events(log[name], kept), OUTPUT_TABLES[NAMES[name]])
    tables["event_links"] = conform(_links(log["links"], log["withdrawn_links"]), OUTPUT_TABLES["event_links"])
    for name in ("retractions", "quarantine"):
        tables[name] = conform(log[name], OUTPUT_TABLES[name])
    return tables


def _standing(events: pa.Table, retractions: pa.Table) -> np.ndarray:
    """Mask of the rows that say last what an event is, where it was not withdrawn since and is final."""
    names = pc.unique(pa.chunked_array([*events["event_id"].chunks, *retractions["event_id"].chunks], pa.string()))
    event, withdrawn = (_places(table["event_id"], names) for table in (events, retractions))
    said, at = events[SAID].to_numpy(), retractions[SAID].to_numpy()
    last = np.full(len(names), -1, np.int64)
    np.maximum.at(last, event, said)
    gone = np.full(len(names), -1, np.int64)
    np.maximum.at(gone, withdrawn, at)
    final = ~events["provisional"].to_numpy(zero_copy_only=False)
    return (said == last[event]) & (said >= gone[event]) & final


def _places(column: pa.ChunkedArray, names: pa.Array) -> np.ndarray:
    return pc.index_in(column, value_set=names).to_numpy().astype(np.int64)


def _of_events(table: pa.Table, events: pa.Table) -> pa.Table:
    """Rows said with the standing row of their event, in the order of the events."""
    ids = table["event_id"].cast(pa.string())
    place = pc.fill_null(pc.index_in(ids, value_set=events["event_id"].combine_chunks()), -1).to_numpy().astype(np.int64)
    mine = place >= 0
    mine[mine] = table[SAID].to_numpy()[mine] == events[SAID].to_numpy()[place[mine]]
    rows = np.flatnonzero(mine)
    return table.take(pa.array(rows[np.argsort(place[rows], kind="stable")]))


def _links(links: pa.Table, withdrawn: pa.Table) -> pa.Table:
    """Links that were not withdrawn after they were said last."""
    count: dict[tuple[str, str], int] = {}
    for table, step in ((links, 1), (withdrawn, -1)):
        for key in zip(*(table[name].to_pylist() for name in LINK_KEY), strict=True):
            count[key] = count.get(key, 0) + step
    pairs = list(zip(*(links[name].to_pylist() for name in LINK_KEY), strict=True))
    last = {key: row for row, key in enumerate(pairs)}
    rows = [row for key, row in last.items() if count[key] > 0]
    return links.take(pa.array(rows, pa.int64())).sort_by([(name, "ascending") for name in LINK_KEY])
