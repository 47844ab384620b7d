"""The words of a rule table: evidence, guards, families, grades and their caps. Tables stand in `rules/`, arithmetic in `score.py`."""

from dataclasses import dataclass, field
from enum import StrEnum

from smartmoney_pipeline.profiles.conditions import Condition
from smartmoney_pipeline.schemas.codes import AbstentionReason, ProfileId

NONE = "none"
CLASSES: tuple[str, ...] = (*(str(profile) for profile in ProfileId), NONE)
"""Order of every score array: the six profiles, then the background class."""

SUPPRESSION_NATS = 4.0
"""A veto subtracts this from each profile that it names."""

EVIDENCE_CEILING_NATS = 1.0
"""A cap guard lets no more than this sum of evidence count for each profile that it names."""

FAMILY_CAP_NATS = 2.0
MECHANICAL_FAMILY_CAP_NATS = 3.0
TOTAL_CAP_NATS = 5.0
"""Caps on sums of evidence, against over-confidence from correlated cues (CORRELATED-CUES)."""


class Family(StrEnum):
    """Families of evidence. Cues of one family are taken to be correlated, so their sum is capped."""

    SIZE = "size"
    URGENCY_ROUTE = "urgency_route"
    CONDITION = "condition"
    STRUCTURE = "structure"
    MONEYNESS_TENOR = "moneyness_tenor"
    DIRECTION_VEGA = "direction_vega"
    EVENT = "event"
    IV_RESPONSE = "iv_response"
    UNDERLYING_LINK = "underlying_link"
    RECURRENCE = "recurrence"

    @property
    def cap(self) -> float:
        """Greatest absolute sum of the family, nats."""
        mechanical = self in {Family.STRUCTURE, Family.CONDITION}
        return MECHANICAL_FAMILY_CAP_NATS if mechanical else FAMILY_CAP_NATS


class Grade(StrEnum):
    """How good the source of a weight is: A identity or rule text, B replicated papers, C one paper or trade rule, D judgement."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @property
    def cap(self) -> float:
        """Greatest absolute weight that the grade allows, nats."""
        return {"A": 3.0, "B": 1.5, "C": 0.8, "D": 0.4}[self.value]

    @property
    def deviation(self) -> float:
        """Relative deviation of a weight of the grade (logarithmic), for the band."""
        return {"A": 0.15, "B": 0.3, "C": 0.5, "D": 0.7}[self.value]


class Rests(StrEnum):
    """What evidence rests on; poor quality there weakens it where it speaks for its profile."""

    SIGN = "sign"
    QUOTES = "quotes"
    JOIN = "join"


class Effect(StrEnum):
    """What a guard does when it fires."""

    VETO = "veto"
    CAP = "cap"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of evidence: a product of memberships, times a weight in nats (negative: speaks against the profile)."""

    code: str
    family: Family
    when: tuple[Condition, ...]
    weight: float
    grade: Grade
    source: str
    because: str
    rests: tuple[Rests, ...] = ()
    confusable: str = ""
    """The profile for which the same cue also speaks."""
    guard: str = ""
    """Code of the guard against that confusion."""

    @property
    def feature(self) -> str:
        """The column whose value is shown beside the code."""
        return self.when[0].columns()[0]


@dataclass(frozen=True, slots=True)
class Guard:
    """A named reason to distrust: fires where every condition has a membership of at least one half."""

    code: str
    effect: Effect
    when: tuple[Condition, ...]
    profiles: tuple[ProfileId, ...]
    """Profiles that a veto or a cap holds down; empty for abstain, which stops any publication."""
    because: str
    source: str
    reason: AbstentionReason | None = None
    """Why nothing is published: with `abstain`, required; a veto states `vetoed`."""


@dataclass(frozen=True, slots=True)
class ProfileRules:
    """The table of one profile or of the background class."""

    profile: str
    summary: str
    evidence: tuple[Evidence, ...]
    guards: tuple[Guard, ...] = field(default=())
