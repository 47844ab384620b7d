"""What scoring returns: arrays over events, and the evidence rows in sparse form. No arithmetic of scores here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.ruleset import RuleSet
from smartmoney_pipeline.profiles.vocabulary import CLASSES

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EvidenceRows:
    """Rows that moved a score, ordered by event, then by code index; equal-length arrays.

    `code` indexes `RuleSet.codes` (evidence, then guards); `value` is the feature's value, NaN for a structure or assembly and
    for a guard; `contribution` is in nats after caps. A row of an event and profile that is not here contributed nothing.
    """

    event: NDArray[np.int32]
    profile: NDArray[np.int8]
    code: NDArray[np.int16]
    value: Floats
    contribution: Floats

    def __len__(self) -> int:
        return len(self.event)

    @classmethod
    def empty(cls, size: int) -> "EvidenceRows":
        """Return uninitialised rows."""
        numbers = np.empty(size, np.int32), np.empty(size, np.int8), np.empty(size, np.int16)
        return cls(*numbers, np.empty(size), np.empty(size))

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """Return the arrays in the order of the fields."""
        return self.event, self.profile, self.code, self.value, self.contribution

    def first(self, count: int) -> "EvidenceRows":
        """Return copies of the first `count` rows."""
        return EvidenceRows(*(values[:count].copy() for values in self.arrays()))  # type: ignore[arg-type]

    def where(self, kept: NDArray[np.bool_]) -> "EvidenceRows":
        """Return the rows under the mask."""
        return EvidenceRows(*(values[kept] for values in self.arrays()))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Scored:
    """Scores of n events. Class order: the six profiles in `ProfileId` order, then none."""

    raw_log_odds: Floats
    """[n, 7]: log prior + capped evidence - suppressions, nats; the evidence rows add up to it."""
    log_prior: Floats
    """[7]."""
    probability: Floats
    """[n, 7], calibrated, rows sum to 1."""
    low: Floats
    high: Floats
    """[n, 6]: band around the probability of each profile."""
    firm_probability: Floats
    firm_margin: Floats
    firm_width: Floats
    """[n]: of the likeliest class, with its rivals' evidence taken at full data quality. The decision reads these."""
    observed: Floats
    """[n, 6]: share of the profile's evidence weight that could be evaluated."""
    guards: NDArray[np.uint64]
    """[n]: bit i = guard i of the rule set fired."""
    vetoed: NDArray[np.bool_]
    """[n, 6]: a veto names the profile."""
    not_graded: NDArray[np.bool_]
    """[n]: no print, see `ScoreInputs.not_graded`."""
    unobserved: NDArray[np.uint8]
    """[n, words]: packed bits (big-endian, as numpy.packbits), bit i = evidence row i could not be evaluated."""
    rows: EvidenceRows
    rules: RuleSet
    """What the code indices mean."""
    calibration_version: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of evidence, then of guards."""
        return self.rules.codes

    @property
    def evidence_count(self) -> int:
        """Number of evidence rows in the rule set; guard codes follow them."""
        return len(self.rules.evidence)

    def __len__(self) -> int:
        return len(self.guards)

    def fired_guards(self, event: int) -> list[str]:
        """Return the codes of the guards that fired, in table order."""
        mask = int(self.guards[event])
        return [code for i, code in enumerate(self.codes[self.evidence_count :]) if mask >> i & 1]

    def unobserved_rows(self, event: int) -> NDArray[np.int64]:
        """Return the indices of the evidence rows that could not be evaluated."""
        return np.flatnonzero(np.unpackbits(self.unobserved[event], count=self.evidence_count))


def evidence_table(scored: Scored, with_unobserved: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """Return evidence rows as a table: event (row number), profile_id, code, observed, value, contribution.

    Rows that could not be evaluated are added, with contribution 0 and a null value, for the events marked in
    `with_unobserved`; adding them for every event makes the table many times longer.
    """
    rows = scored.rows
    seen = _table(scored, rows.event, rows.profile, rows.code, rows.value, rows.contribution, True)
    if with_unobserved is None or not with_unobserved.any():
        return seen
    events = np.flatnonzero(with_unobserved)
    bits = np.unpackbits(scored.unobserved[events], axis=1, count=scored.evidence_count)
    at, code = np.nonzero(bits)
    blank = np.full(len(at), np.nan)
    missing = _table(scored, events[at], scored.rules.profile_of[code], code, blank, np.zeros(len(at)), False)
    both = pd.concat([seen, missing], ignore_index=True)
    return both.sort_values(["event", "profile_id", "code"], kind="stable", ignore_index=True)


def _table(
    scored: Scored, event: NDArray, profile: NDArray, code: NDArray, value: Floats, contribution: Floats, observed: bool
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event": event.astype(np.int64),
            "profile_id": _named(profile, CLASSES),
            "code": _named(code, scored.codes),
            "observed": np.full(len(event), observed),
            "value": value,
            "contribution": contribution,
        }
    )


def _named(positions: NDArray, names: Sequence[str]) -> Any:
    named: Any = pd.Categorical.from_codes(positions.astype(np.int64), dtype=pd.CategoricalDtype(list(names)))
    return named
