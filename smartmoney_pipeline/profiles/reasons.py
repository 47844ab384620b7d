"""Reason codes beside each profile score: the evidence that spoke for it, strongest first, then the guards that held it down."""

from dataclasses import dataclass

import numpy as np
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
    strength = np.where(is_guard[kept], 0.0, -rows.contribution[kept])
    order = np.lexsort((rows.code[kept], strength, owner))
    counts = np.bincount(owner, minlength=len(scored) * profiles)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return ReasonLists(offsets, rows.code[kept][order], scored.codes)
