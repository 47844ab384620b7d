"""Rows that came too late even for a correction: put aside, with that reason."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.live.inbox import Tables
from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.engine.live.seen import LIVE_FILE
from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.quarantine import quarantine_part
from smartmoney_pipeline.tape.validate import ROW


def within_reach(rows: Tables, oldest: int) -> tuple[Tables, list[pa.Table]]:
    """Rows in tape order at or after `oldest` (ns UTC), and the quarantine of those before it."""
    kept, quarantined = {}, []
    for name, table in rows.items():
        first = int(np.searchsorted(table.ts, oldest))
        if first:
            quarantined.append(_beyond(name, table.slice(0, first)))
        if first < len(table):
            kept[name] = table.slice(first, len(table))
    return kept, quarantined


def _beyond(name: str, rows: Rows) -> pa.Table:
    """Without a number of its own, the row is -1 and its time is the value."""
    numbers = rows.numbers.get(ROW, np.full(len(rows), -1))
    values = rows.texts["print_id"] if "print_id" in rows.texts else pa.array(rows.ts).cast(pa.string())
    return quarantine_part(name, numbers, QuarantineReason.BEYOND_HISTORY, values, pa.array([LIVE_FILE] * len(rows)))
