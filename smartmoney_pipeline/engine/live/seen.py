"""Print ids seen so far, as 64-bit hashes: eight bytes a print of the day. Two ids share one with a chance of 1e-6 in five million."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.parent_events.identity import hash_strings
from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.validate import FILE, ROW


class SeenIds:
    """Sorted runs of hashes, merged as they grow alike, so that adding one id does not move all."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def take(self, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Rows with an id not seen before, the first of each, and the quarantine of the others."""
        ids = rows["print_id"].combine_chunks()
        hashes = np.ascontiguousarray(hash_strings(ids)[:, 0])
        order = np.argsort(hashes, kind="stable")
        ranked = hashes[order]
        repeated = np.zeros(len(hashes), np.bool_)
        repeated[order[1:][ranked[1:] == ranked[:-1]]] = True
        for run in self._runs:
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            repeated |= run[place] == hashes
        self._add(np.unique(hashes[~repeated]))
        faults = RowFaults("option_prints", rows[ROW].to_numpy(), rows[FILE].combine_chunks())
        faults.add(repeated, QuarantineReason.DUPLICATE_PRINT_ID, ids)
        return (rows.filter(pa.array(~repeated)) if repeated.any() else rows), faults.quarantined()

    def _add(self, run: NDArray[np.uint64]) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if len(run):
            self._runs.append(run)
