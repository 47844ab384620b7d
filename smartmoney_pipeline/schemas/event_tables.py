"""Tables with one row a parent event: as grouped (ParentEvents) and as published (SmartMoneyEvents), with the rules that hold in a row."""

from typing import Any

import pandas as pd
import pandera.pandas as pa

from smartmoney_pipeline.schemas import event_rules as rules
from smartmoney_pipeline.schemas.arrow import struct_type
from smartmoney_pipeline.schemas.codes import AbstentionReason, Assembly, Direction, EventKind, ProfileId, QualityFlag, Structure
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.input_tables import Price, Text, Timestamp, Whole
from smartmoney_pipeline.schemas.table_fields import StrictTable, rule, texts, values


def _published(name: str, **constraints: Any) -> Any:
    """Column that smart_money_events has, described as the field of the contract is."""
    return pa.Field(description=SmartMoneyEvent.model_fields[name].description, **constraints)


def _nested(name: str, kind: Any, label: str) -> Any:
    return _published(name, metadata={"arrow": kind, "label": label})


def _texts(name: str, allowed: list[str] | None = None) -> Any:
    return texts(str(SmartMoneyEvent.model_fields[name].description), allowed)


class _ParentRules(StrictTable):
    """Rules of every table of parent events."""

    @rule("start_ts <= end_ts <= closed_at")
    @classmethod
    def _times_run_forward(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.times_run_forward(frame)

    @rule("event_window_ms is end_ts - start_ts in whole milliseconds")
    @classmethod
    def _window_matches_times(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.window_matches_times(frame)

    @rule("an event has members, and a print is a member of one event")
    @classmethod
    def _members_belong_once(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.members_belong_once(frame)

    @rule("packet_ids has items")
    @classmethod
    def _packets_are_given(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.items_present(frame["packet_ids"])

    @rule("structure is null for single legs")
    @classmethod
    def _single_leg_has_no_structure(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.single_leg_has_no_structure(frame)

    @rule("quality_flags are in their closed list")
    @classmethod
    def _flags_are_listed(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.items_listed(frame["quality_flags"], values(QualityFlag))


class ParentEvents(_ParentRules):
    """One row per parent event as grouping hands it on: members, assembly and structure, before features and scores."""

    event_id: Text = _published("event_id", unique=True)
    packet_ids: Any = _texts("packet_ids")
    member_print_ids: Any = _texts("member_print_ids")
    underlying_id: Text = _published("underlying_id")
    event_kind: Text = _published("event_kind", isin=values(EventKind))
    assembly: Text = _published("assembly", isin=values(Assembly))
    structure: Text = _published("structure", isin=values(Structure), nullable=True)
    runner_up: Text = pa.Field(isin=values(Structure), nullable=True, description="structure that the legs support next best")
    structure_margin: Price = pa.Field(nullable=True, description="support of the structure over its runner-up, nats")
    package_buy_probability: Price = pa.Field(
        ge=0, le=1, nullable=True, description="probability that the leg signs are as given rather than all reversed; null where no package"
    )
    net_price_position: Price = pa.Field(nullable=True, description="package price less package mid, in package half-spreads")
    parity_residual_half_spreads: Price = pa.Field(
        nullable=True, description="distance of a parity structure from its carry value, half-spreads"
    )
    reconstruction_confidence: Price = _published("reconstruction_confidence", ge=0, le=1, nullable=True)
    start_ts: Timestamp = _published("start_ts")
    end_ts: Timestamp = _published("end_ts")
    event_window_ms: Whole = _published("event_window_ms", ge=0)
    closed_at: Timestamp = _published("closed_at")
    first_order: Whole = pa.Field(ge=0, description="row number of the first print in the sorted day")
    stock_tied: bool = pa.Field(description="a print carries a stock-tied code")
    print_count: Whole = pa.Field(ge=1, description="member prints")
    quality_flags: Any = _texts("quality_flags", values(QualityFlag))

    @rule("print_count counts member_print_ids")
    @classmethod
    def _prints_are_counted(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.items_counted(frame["member_print_ids"]) == frame["print_count"]


class _ScoreRules(StrictTable):
    """Rules of every table that holds scores and the decision on them."""

    @rule("primary_profile_id is null exactly where abstained")
    @classmethod
    def _primary_is_null_where_abstained(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.primary_is_null_where_abstained(frame)

    @rule("abstention_reasons is empty exactly where a profile is published")
    @classmethod
    def _reasons_are_given_where_abstained(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.reasons_are_given_where_abstained(frame)

    @rule("abstention_reasons are in their closed list")
    @classmethod
    def _reasons_are_listed(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.items_listed(frame["abstention_reasons"], values(AbstentionReason))

    @rule("profile_scores holds each of the six profiles once")
    @classmethod
    def _profiles_are_complete(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.profiles_are_complete(frame)

    @rule("profile_scores is highest first")
    @classmethod
    def _scores_are_highest_first(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.scores_are_highest_first(frame)

    @rule("the six probabilities and none_probability add up to 1 within 1e-9")
    @classmethod
    def _probabilities_add_up(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.probabilities_add_up(frame)

    @rule("each score has a listed band and direction, reasons, and an interval that holds its probability")
    @classmethod
    def _score_fields_hold(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.score_fields_hold(frame)

    @rule("a published profile is the first of its scores")
    @classmethod
    def _published_is_first(cls, frame: pd.DataFrame) -> pd.Series:
        return rules.published_is_first(frame)


class ProfileScores(_ScoreRules):
    """One row per parent event: six calibrated scores with their intervals, `none`, the decision and its reasons."""

    event_id: Text = _published("event_id", unique=True)
    profile_scores: Any = _nested("profile_scores", rules.SCORES, "list<ProfileScore>")
    none_probability: Price = _published("none_probability", ge=0, le=1)
    primary_profile_id: Text = _published("primary_profile_id", isin=values(ProfileId), nullable=True)
    primary_direction: Text = _published("primary_direction", isin=values(Direction))
    abstained: bool = _published("abstained")
    suppressed_reasons: Any = _texts("suppressed_reasons")
    abstention_reasons: Any = _texts("abstention_reasons", values(AbstentionReason))
    ruleset_version: Text = _published("ruleset_version")
    calibration_version: Text = _published("calibration_version")


class SmartMoneyEvents(_ParentRules, _ScoreRules):
    """One row per parent event, abstained ones too: features, six calibrated scores, the decision and its reasons."""

    event_id: Text = _published("event_id", unique=True)
    packet_ids: Any = _texts("packet_ids")
    member_print_ids: Any = _texts("member_print_ids")
    underlying_id: Text = _published("underlying_id")
    event_kind: Text = _published("event_kind", isin=values(EventKind))
    start_ts: Timestamp = _published("start_ts")
    end_ts: Timestamp = _published("end_ts")
    event_window_ms: Whole = _published("event_window_ms", ge=0)
    features: Any = _nested("features", struct_type(EventFeatures), "struct<EventFeatures>")
    profile_scores: Any = _nested("profile_scores", rules.SCORES, "list<ProfileScore>")
    primary_profile_id: Text = _published("primary_profile_id", isin=values(ProfileId), nullable=True)
    primary_direction: Text = _published("primary_direction", isin=values(Direction))
    abstained: bool = _published("abstained")
    suppressed_reasons: Any = _texts("suppressed_reasons")
    abstention_reasons: Any = _texts("abstention_reasons", values(AbstentionReason))
    closed_at: Timestamp = _published("closed_at")
    revision: Whole = _published("revision", ge=0)
    none_probability: Price = _published("none_probability", ge=0, le=1)
    structure: Text = _published("structure", isin=values(Structure), nullable=True)
    assembly: Text = _published("assembly", isin=values(Assembly))
    provisional: bool = _published("provisional")
    reconstruction_confidence: Price = _published("reconstruction_confidence", ge=0, le=1, nullable=True)
    quality_flags: Any = _texts("quality_flags", values(QualityFlag))
    ruleset_version: Text = _published("ruleset_version")
    calibration_version: Text = _published("calibration_version")
