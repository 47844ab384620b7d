"""Publish or abstain (design decision D11). Only thresholds and their order; evidence and guards stand in the rule tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.scored import Scored
from smartmoney_pipeline.profiles.vocabulary import CLASSES, NONE
from smartmoney_pipeline.schemas.codes import AbstentionReason, ConfidenceBand

MIN_PROBABILITY = 0.65
"""Chow's rule with an abstention that costs 0.35 of an error."""

MIN_MARGIN = 0.15
MAX_BAND_WIDTH = 0.30
MIN_OBSERVED = 0.5
"""Seeds of the evidence base: margin to the runner-up, width of the band, share of evidence weight that was observed."""

NARROW_BAND_WIDTH = 0.15
"""A band up to this width is of high confidence, up to MAX_BAND_WIDTH of medium confidence, beyond of low."""

REASONS = tuple(AbstentionReason)
BANDS = tuple(ConfidenceBand)


@dataclass(frozen=True)
class Decision:
    """Decisions on n events."""

    primary: NDArray[np.int8]
    """[n]: position in `ProfileId` of the published profile, -1 where abstained."""
    likeliest: NDArray[np.int8]
    """[n]: the likeliest class, 6 = none."""
    reasons: NDArray[np.uint32]
    """[n]: bit i = the i-th `AbstentionReason`; 0 exactly where a profile is published."""
    confidence_band: NDArray[np.int8]
    """[n, 6]: position in `ConfidenceBand`."""

    @property
    def abstained(self) -> NDArray[np.bool_]:
        """[n]: no profile is published."""
        return self.primary < 0

    def abstention_reasons(self, event: int) -> list[AbstentionReason]:
        """Return why nothing was published, in the order of the code list."""
        mask = int(self.reasons[event])
        return [reason for i, reason in enumerate(REASONS) if mask >> i & 1]


def decide(scored: Scored) -> Decision:
    """Return what is published. A profile is published only where no reason against it is found; of bars nothing else is said."""
    likeliest = scored.probability.argmax(axis=1)
    background = likeliest == CLASSES.index(NONE)
    profile = np.minimum(likeliest, len(CLASSES) - 2)
    events = np.arange(len(scored))
    found = {
        AbstentionReason.NO_PROFILE: background,
        AbstentionReason.LOW_PROBABILITY: ~background & (scored.firm_probability < MIN_PROBABILITY),
        AbstentionReason.LOW_MARGIN: ~background & (scored.firm_margin < MIN_MARGIN),
        AbstentionReason.WIDE_BAND: ~background & (scored.firm_width > MAX_BAND_WIDTH),
        AbstentionReason.VETOED: ~background & scored.vetoed[events, profile],
        AbstentionReason.TOO_LITTLE_OBSERVED: ~background & (scored.observed[events, profile] < MIN_OBSERVED),
    }
    reasons = _by_guards(scored)
    for reason, holds in found.items():
        reasons |= holds.astype(np.uint32) << np.uint32(REASONS.index(reason))
    reasons[scored.not_graded] = np.uint32(1) << np.uint32(REASONS.index(AbstentionReason.MINUTE_BARS))
    primary = np.where(reasons == 0, likeliest, -1).astype(np.int8)
    return Decision(primary, likeliest.astype(np.int8), reasons, confidence_bands(scored.high - scored.low))


def _by_guards(scored: Scored) -> NDArray[np.uint32]:
    """Reasons that fired abstaining guards state."""
    reasons = np.zeros(len(scored), dtype=np.uint32)
    for i, guard in enumerate(scored.rules.guards):
        if guard.reason is not None:
            fired = (scored.guards >> np.uint64(i)) & np.uint64(1)
            reasons |= fired.astype(np.uint32) << np.uint32(REASONS.index(guard.reason))
    return reasons


def confidence_bands(width: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the position in `ConfidenceBand` for each band width: narrow is high confidence."""
    medium = np.where(width <= MAX_BAND_WIDTH, BANDS.index(ConfidenceBand.MEDIUM), BANDS.index(ConfidenceBand.LOW))
    return np.where(width <= NARROW_BAND_WIDTH, BANDS.index(ConfidenceBand.HIGH), medium).astype(np.int8)
