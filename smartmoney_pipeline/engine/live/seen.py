"""Print ids seen so far, as 64-bit hashes: eight bytes a print of the day. Two ids share one with a chance of 1e-6 in five million."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.parent_events.identity import hash_strings
from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.quarantine import quarantine_part
from smartmoney_pipeline.tape.validate import ROW

LIVE_FILE = "<live>"
"""Name of the feed where a quarantined row names its file."""


class SeenIds:
    """Sorted runs of hashes, merged as they grow alike, so that adding one id does not move all."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def take(self, rows: Rows) -> tuple[Rows, pa.Table | None]:
        """Rows with an id not seen before, the first of each, and the quarantine of the others."""
        ids = rows.texts["print_id"]
        hashes = np.ascontiguousarray(hash_strings(ids)[:, 0])
        order = np.argsort(hashes, kind="stable")
        ranked = hashes[order]
        repeated = self._among(hashes)
        repeated[order[1:][ranked[1:] == ranked[:-1]]] = True
        if not repeated.any():
            self._add(ranked)
            return rows, None
        self._add(np.unique(hashes[~repeated]))
        return rows.take(~repeated), quarantined_prints(rows.take(repeated), QuarantineReason.DUPLICATE_PRINT_ID)

    def holds(self, ids: pa.Array) -> NDArray[np.bool_]:
        """Which of these ids have been seen."""
        return self._among(hash_strings(ids)[:, 0])

    def _among(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        found = np.zeros(len(hashes), np.bool_)
        for run in self._runs:
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            found |= run[place] == hashes
        return found

    def _add(self, run: NDArray[np.uint64]) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if len(run):
            self._runs.append(run)


def quarantined_prints(rows: Rows, reason: QuarantineReason) -> pa.Table:
    """Quarantine of prints by their ids."""
    files = pa.array([LIVE_FILE] * len(rows))
    return quarantine_part("option_prints", rows.numbers[ROW], reason, rows.texts["print_id"], files, "print_id")
