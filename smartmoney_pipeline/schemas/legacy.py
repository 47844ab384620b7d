"""Frozen legacy objects as they stand on the wire: names, types and order of fields. A field that may be absent is left out where null.

Times are whole milliseconds since 1970 UTC, prices US dollars per share. Where the values come from: `bridge`.
"""

from typing import Annotated, Literal

from pydantic import Field

from smartmoney_pipeline.schemas.codes import ConfidenceBand, Direction, EventKind, ProfileId
from smartmoney_pipeline.schemas.contracts import Contract, Probability

NBBO_SIDES = ("AA", "A", "MID", "B", "BB", "MISSING", "STALE")
"""Place of a print in the quote: above the ask, at the ask, between, at the bid, below the bid, without a quote, on an old one."""

STRUCTURE_TYPES = ("straddle", "strangle", "vertical", "ladder", "roll", "multi_leg")
SEVERITIES = ("low", "medium", "high")

WholeMs = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]
Number = float
Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
NbboSide = Literal["AA", "A", "MID", "B", "BB", "MISSING", "STALE"]


class EventMeta(Contract):
    """What every stored record begins with."""

    source_ts: WholeMs = Field(description="time at the source")
    ingest_ts: WholeMs = Field(description="time of the last row that went into it")
    seq: Count = Field(description="place of its first print in the tape; (source_ts, seq) is the order of pages")
    trace_id: Text = Field(description="id of the record")


class ClassifierHit(Contract):
    """One profile that an event is consistent with."""

    classifier_id: Text = Field(description="smart_money_ and the profile")
    confidence: Probability = Field(description="calibrated probability of the profile")
    direction: Direction = Field(description="sign of the exposure, read through the profile")
    explanations: tuple[str, ...] = Field(description="the probability in words, reason codes, guards that fired")


class ClassifierHitEvent(EventMeta, ClassifierHit):
    """A hit as a record of its own."""


class LegacyProfileScore(Contract):
    """Score of one profile; the band has the legacy thresholds, 0.52 and 0.72."""

    profile_id: ProfileId
    probability: Probability
    confidence_band: ConfidenceBand
    direction: Direction
    reasons: tuple[str, ...]


class AlertEvent(EventMeta):
    """One alert an event with hits."""

    score: Annotated[float, Field(ge=0, le=100)] = Field(description="0 to 100, from premium, confidence and hits")
    severity: Literal["low", "medium", "high"] = Field(description="high from 80, medium from 45")
    hits: tuple[ClassifierHit, ...] = Field(description="the hits of the event, likeliest first")
    evidence_refs: tuple[str, ...] = Field(description="event id, packet ids, print ids")
    primary_profile_id: ProfileId | None = Field(default=None, description="the published profile")
    profile_scores: tuple[LegacyProfileScore, ...] = Field(default=(), description="all six, highest first")


class FlowPacketFeatures(Contract):
    """Features of one packet. Null ones are absent on the wire."""

    option_contract_id: Text
    underlying_id: Text
    option_type: Literal["call", "put"]
    is_etf: bool
    count: Count
    total_size: Count
    total_premium: Number = Field(description="sum of price x size, without multiplier")
    total_notional: Number = Field(description="the same x 100")
    first_price: Number
    last_price: Number
    start_ts: WholeMs
    end_ts: WholeMs
    window_ms: Count
    nbbo_aa_count: Count
    nbbo_a_count: Count
    nbbo_b_count: Count
    nbbo_bb_count: Count
    nbbo_mid_count: Count
    nbbo_missing_count: Count
    nbbo_stale_count: Count
    nbbo_coverage_ratio: Share
    nbbo_aggressive_buy_ratio: Share
    nbbo_aggressive_sell_ratio: Share
    nbbo_inside_ratio: Share
    nbbo_aggressive_ratio: Share
    nbbo_bid: Number | None = None
    nbbo_ask: Number | None = None
    nbbo_mid: Number | None = None
    nbbo_spread: Number | None = None
    nbbo_bid_size: int | None = None
    nbbo_ask_size: int | None = None
    underlying_quote_ts: int | None = None
    underlying_bid: Number | None = None
    underlying_ask: Number | None = None
    underlying_mid: Number | None = None
    underlying_spread: Number | None = None
    total_premium_mean: Number | None = None
    total_premium_std: Number | None = None
    total_premium_z: Number | None = None
    total_premium_baseline_n: Count
    total_size_mean: Number | None = None
    total_size_std: Number | None = None
    total_size_z: Number | None = None
    total_size_baseline_n: Count
    nbbo_spread_mean: Number | None = None
    nbbo_spread_std: Number | None = None
    nbbo_spread_z: Number | None = None
    nbbo_spread_baseline_n: Count
    structure_type: str | None = None
    structure_legs: int | None = None
    structure_strikes: int | None = None
    structure_strike_span: Number | None = None
    structure_rights: str | None = None


class JoinQuality(Contract):
    """How well the quotes of a packet joined. Null ones are absent on the wire."""

    nbbo_coverage_ratio: Share
    nbbo_missing: int | None = None
    nbbo_age_ms: Number | None = None
    nbbo_stale: int | None = None
    underlying_quote_missing: int | None = None
    underlying_quote_age_ms: Number | None = None


class FlowPacket(EventMeta):
    """Prints of one contract that belong together."""

    id: Text = Field(description="the packet")
    members: tuple[str, ...] = Field(description="trace ids of its prints, in tape order")
    features: FlowPacketFeatures
    join_quality: JoinQuality


class LegacyEventFeatures(Contract):
    """The 35 features of an event, in the order of the wire. Three may be absent, eleven may be null."""

    contract_count: Count
    print_count: Count
    total_size: NotNegative
    total_premium: NotNegative
    total_notional: NotNegative
    start_ts: WholeMs
    end_ts: WholeMs
    window_ms: Count
    option_contract_id: str | None = None
    option_type: Literal["C", "P"] | None = None
    dte_days: NotNegative | None
    moneyness: Number | None
    atm_proximity: Number | None
    aggressor_buy_ratio: Share
    aggressor_sell_ratio: Share
    aggressor_ratio: Share
    nbbo_coverage_ratio: Share
    nbbo_inside_ratio: Share
    nbbo_stale_ratio: Share
    quote_age_ms: NotNegative | None
    venue_count: Count
    inter_fill_ms_mean: NotNegative | None
    strike_count: Count
    strike_concentration: Share
    structure_type: str | None = None
    structure_legs: Count
    same_size_leg_symmetry: Share
    net_directional_bias: Annotated[float, Field(ge=-1, le=1)]
    synthetic_iv_shock: Number | None
    spread_widening: Number | None
    underlying_move_bps: Number | None
    days_to_event: Number | None
    expiry_after_event: bool | None
    pre_event_concentration: Share | None
    special_print_ratio: Share


class LegacySmartMoneyEvent(EventMeta):
    """An event as the earlier surface showed it."""

    event_id: Text
    packet_ids: tuple[str, ...]
    member_print_ids: tuple[str, ...]
    underlying_id: Text
    event_kind: EventKind
    event_window_ms: Count
    features: LegacyEventFeatures
    profile_scores: tuple[LegacyProfileScore, ...]
    primary_profile_id: ProfileId | None
    primary_direction: Direction
    abstained: bool
    suppressed_reasons: tuple[str, ...]


ABSENT_WHERE_NULL = frozenset({"option_contract_id", "option_type", "structure_type"})
"""Features of an event that are left out where null; every other null is written."""
