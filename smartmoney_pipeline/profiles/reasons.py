"""Reason codes beside each profile score: the evidence that spoke for it, strongest first, then the guards that held it down."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.scored import Scored
from smartmoney_pipeline.profiles.vocabulary import CLASSES

MIN_REASON_NATS = 0.1
"""Evidence that moved the log-odds by less is no reason worth a line."""


@dataclass(frozen=True)
class ReasonLists:
    """Lists of code indices, one an event and profile: list (event, profile) is codes[offsets[6 e + p]:offsets[6 e + p + 1]]."""

    offsets: NDArray[np.int64]
    codes: NDArray[np.int16]
    names: tuple[str, ...]

    def of(self, event: int, profile: int) -> list[str]:
        """Return the reason codes of one event and profile."""
        at = event * (len(CLASSES) - 1) + profile
        return [self.names[code] for code in self.codes[self.offsets[at] : self.offsets[at + 1]]]


def reason_lists(scored: Scored) -> ReasonLists:
    """Return the reasons of every event and profile, in one pass over the evidence rows."""
    rows, profiles = scored.rows, len(CLASSES) - 1
    is_guard = rows.code >= scored.evidence_count
    kept = np.flatnonzero((rows.profile < profiles) & (is_guard | (rows.contribution >= MIN_REASON_NATS)))
    owner = rows.event[kept].astype(np.int64) * profiles + rows.profile[kept]
    strength = np.where(is_guard[kept], 0.0, rows.contribution[kept])
    offsets, codes = _strongest_first(owner, strength, rows.code[kept], len(scored) * profiles)
    return ReasonLists(offsets, codes, scored.codes)


@njit(cache=True, nogil=True)
def _strongest_first(owner, strength, code, lists):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Offsets and codes of the list of each owner, by falling strength; of equal strength in the order given, which is by code."""
    offsets = np.zeros(lists + 1, dtype=np.int64)
    for i in range(len(owner)):
        offsets[owner[i] + 1] += 1
    for k in range(lists):
        offsets[k + 1] += offsets[k]
    filled, codes, sorted_by = offsets[:-1].copy(), np.empty(len(owner), code.dtype), np.empty(len(owner))
    for i in range(len(owner)):
        k, at = owner[i], filled[owner[i]]
        while at > offsets[k] and sorted_by[at - 1] < strength[i]:
            codes[at], sorted_by[at] = codes[at - 1], sorted_by[at - 1]
            at -= 1
        codes[at], sorted_by[at] = code[i], strength[i]
        filled[k] += 1
    return offsets, codes
