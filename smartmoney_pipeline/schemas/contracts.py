"""Frozen public objects: one event and its scores, checked when made. Tables of the same content: output_tables."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from smartmoney_pipeline.schemas.codes import (
    AbstentionReason,
    Assembly,
    ConfidenceBand,
    Direction,
    EventKind,
    ProfileId,
    QualityFlag,
    Structure,
)
from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.units import NS_PER_MS

SUM_TOLERANCE = 1e-9
"""The six probabilities and `none_probability` add up to 1 within this."""

INTERVAL_TOLERANCE = 1e-12
"""Rounding allowed between a probability and the ends of its interval."""


def _utc(value: Any) -> pd.Timestamp:
    """Read a time that has a zone, to the nanosecond, as UTC."""
    if not isinstance(value, str | datetime):
        raise ValueError("a time is a string or a datetime")
    stamp = pd.Timestamp(value)
    if stamp is pd.NaT or stamp.tzinfo is None:
        raise ValueError("a time needs its zone")
    return stamp.tz_convert("UTC").as_unit("ns")


def _iso(stamp: pd.Timestamp) -> str:
    """ISO 8601 with nine decimals: a plain datetime would lose the nanoseconds."""
    return f"{stamp.strftime('%Y-%m-%dT%H:%M:%S.%f')}{stamp.nanosecond:03d}Z"


UtcTimestamp = Annotated[
    pd.Timestamp,
    BeforeValidator(_utc),
    PlainSerializer(_iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Code = Annotated[str, Field(min_length=1)]


class Contract(BaseModel):
    """Base of the public objects: frozen, closed, JSON that reads back to an equal object."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)


class ProfileScore(Contract):
    """How consistent one event is with one profile."""

    profile_id: ProfileId = Field(description="the profile")
    probability: Probability = Field(description="calibrated probability that the event is consistent with the profile")
    probability_low: Probability = Field(description="lower end of the interval around the probability")
    probability_high: Probability = Field(description="upper end of the interval around the probability")
    confidence_band: ConfidenceBand = Field(description="width class of that interval")
    direction: Direction = Field(description="sign of the exposure that the event adds, read through this profile")
    reasons: tuple[Code, ...] = Field(description="codes of the evidence that fired")

    @model_validator(mode="after")
    def _interval_holds_probability(self) -> Self:
        low, high = self.probability_low - INTERVAL_TOLERANCE, self.probability_high + INTERVAL_TOLERANCE
        if not low <= self.probability <= high:
            raise ValueError("probability lies outside its own interval")
        return self


class SmartMoneyEvent(Contract):
    """One parent event: what was traded together, what it is consistent with, and why; or why no profile is named."""

    event_id: Code = Field(description="deterministic: the same members give the same id, live or batch")
    packet_ids: tuple[Code, ...] = Field(min_length=1, description="one-contract clusters that the event was linked from")
    member_print_ids: tuple[Code, ...] = Field(min_length=1, description="prints of the event, in time order")
    underlying_id: Code = Field(description="ticker of the underlying")
    event_kind: EventKind = Field(description="parent path: one leg or several")
    start_ts: UtcTimestamp = Field(description="time of the first member print")
    end_ts: UtcTimestamp = Field(description="time of the last member print")
    event_window_ms: int = Field(ge=0, description="end_ts - start_ts in whole milliseconds, rounded down")
    features: EventFeatures = Field(description="typed features; null means unknown")
    profile_scores: tuple[ProfileScore, ...] = Field(description="one score per profile, highest probability first")
    primary_profile_id: ProfileId | None = Field(description="published profile; null exactly where abstained")
    primary_direction: Direction = Field(description="sign of the exposure that the event adds; not a forecast")
    abstained: bool = Field(description="no profile is published")
    suppressed_reasons: tuple[Code, ...] = Field(description="codes of the guards that fired")
    abstention_reasons: tuple[AbstentionReason, ...] = Field(description="why no profile is published; empty where one is")
    closed_at: UtcTimestamp = Field(description="event time at which nothing more could join, by rule, not by watermark")
    revision: int = Field(ge=0, description="0 for the first statement on this event, one more with each later one")
    none_probability: Probability = Field(description="probability of none of the six profiles")
    structure: Structure | None = Field(description="name in the structure catalogue; null for single legs")
    assembly: Assembly = Field(description="how the prints were joined")
    provisional: bool = Field(description="live only: said before its link window has passed")
    reconstruction_confidence: Probability | None = Field(description="probability that the prints belong together, against chance")
    quality_flags: tuple[QualityFlag, ...] = Field(description="what is remarkable about the prints and quotes")
    ruleset_version: Code = Field(description="version of the rule tables")
    calibration_version: Code = Field(description="version of the calibration file")

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Make an event of one row of smart_money_events, from pandas or Arrow; columns that are no field are left out.

        Raises `pydantic.ValidationError` that names each field at fault.
        """
        return cls.model_validate({name: _plain(row[name]) for name in cls.model_fields if name in row})

    @model_validator(mode="after")
    def _times_run_forward(self) -> Self:
        if not self.start_ts <= self.end_ts <= self.closed_at:
            raise ValueError("times run backwards: start_ts <= end_ts <= closed_at is required")
        if self.event_window_ms != (self.end_ts.value - self.start_ts.value) // NS_PER_MS:
            raise ValueError("event_window_ms is not end_ts - start_ts")
        return self

    @model_validator(mode="after")
    def _members_are_distinct(self) -> Self:
        if len(set(self.member_print_ids)) != len(self.member_print_ids):
            raise ValueError("a print is a member twice")
        return self

    @model_validator(mode="after")
    def _scores_are_complete(self) -> Self:
        if sorted(score.profile_id for score in self.profile_scores) != sorted(ProfileId):
            raise ValueError("profile_scores must hold each of the six profiles once")
        if any(one.probability < other.probability for one, other in pairwise(self.profile_scores)):
            raise ValueError("profile_scores must be highest first")
        total = sum(score.probability for score in self.profile_scores) + self.none_probability
        if abs(total - 1.0) > SUM_TOLERANCE:
            raise ValueError(f"probabilities add up to {total!r}, not 1")
        return self

    @model_validator(mode="after")
    def _decision_is_consistent(self) -> Self:
        if (self.primary_profile_id is None) != self.abstained:
            raise ValueError("primary_profile_id must be null exactly where abstained")
        if bool(self.abstention_reasons) != self.abstained:
            raise ValueError("abstention_reasons must be empty exactly where a profile is published")
        if not self.abstained and self.profile_scores[0].profile_id != self.primary_profile_id:
            raise ValueError("the published profile must be the first of its scores")
        return self

    @model_validator(mode="after")
    def _single_leg_has_no_structure(self) -> Self:
        if self.event_kind is EventKind.SINGLE_LEG and self.structure is not None:
            raise ValueError("structure must be null for single legs")
        return self


def _plain(value: Any) -> Any:
    """Python value of a table cell: lists for arrays, None for every mark of missing."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
