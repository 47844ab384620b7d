"""Bodies of the routes that say what scores mean: profiles, rules, calibrations, codes."""

from __future__ import annotations

from pydantic import Field

from smartmoney_pipeline.api.models import Body
from smartmoney_pipeline.schemas.codes import AbstentionReason, ProfileId


class ProfileOut(Body):
    """One class: a profile, or the background."""

    profile_id: str
    summary: str
    prior: float = Field(description="probability before anything is seen")
    evidence: int = Field(description="rows of evidence")
    guards: int


class Profiles(Body):
    """The six profiles and `none`."""

    ruleset_version: str
    data: list[ProfileOut]


class RuleOut(Body):
    """One row of evidence."""

    profile: str
    code: str
    family: str
    when: list[str]
    weight: float = Field(description="nats")
    grade: str
    source: str
    because: str
    confusable: str | None
    guard: str | None


class GuardOut(Body):
    """One guard."""

    code: str
    effect: str
    when: list[str]
    profiles: list[str]
    because: str
    source: str
    reason: str | None


class SourceOut(Body):
    """Where a number comes from."""

    title: str
    where: str
    checked: str


class Rules(Body):
    """The rule tables as they are in force."""

    ruleset_version: str
    evidence: list[RuleOut]
    guards: list[GuardOut]
    sources: dict[str, SourceOut]


class ModelOut(Body):
    """One calibration. Without cases behind it nothing was fitted, and probabilities are those of the rules alone."""

    version: str
    ruleset: str
    in_use: bool
    label_basis: str = Field(description="what the labels were; there is no public truth on who traded")
    n: int = Field(description="events behind the fit")
    sources: list[str]
    data_hash: str
    temperature: float
    biases: dict[str, float]
    slopes: dict[str, float]
    metrics: dict[str, float] = Field(description="figures of the fit, such as ECE and Brier score")


class Models(Body):
    """The calibrations of this installation."""

    data: list[ModelOut]


class Codes(Body):
    """Codes in words."""

    abstention_reasons: dict[AbstentionReason, str]
    reasons: dict[str, str]
    profiles: list[ProfileId]
