"""Bodies of the new routes as pydantic models: what OpenAPI says of them, and how the small ones are written."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from smartmoney_pipeline.schemas.contracts import UtcTimestamp


class Body(BaseModel):
    """Base: nothing beside what is described."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class EventRow(BaseModel):
    """An event, or those of its fields that were asked for; see SmartMoneyEvent."""

    model_config = ConfigDict(extra="allow")


class OfSession(Body):
    """Which publication an answer was made from."""

    session: date = Field(description="exchange date")
    source: str = Field(description="source of the tape")
    snapshot: str = Field(description="changes with every publication of the session")


class EventPage(OfSession):
    """One page of events."""

    matched: int = Field(description="events that pass the filters, over all pages")
    next_cursor: str | None = Field(description="null on the last page")
    next_url: str | None = Field(description="address of the next page, null on the last")
    data: list[EventRow]


class MemberPrint(Body):
    """One print of an event against the market strictly before it."""

    print_id: str
    leg: int
    ts: UtcTimestamp
    option_symbol: str
    price_usd: float
    size: int
    exchange: str
    condition: str
    bid: float | None
    ask: float | None
    quote_age_ms: float | None
    spread_position: float | None
    is_locked: bool
    is_crossed: bool
    is_one_sided: bool
    is_stale: bool | None
    underlying_bid: float | None
    underlying_ask: float | None
    p_buy: float | None
    sign_layer: str
    sign_stability: float | None


class LegOut(Body):
    """One contract of an event. `sign` is +1 bought, -1 sold, 0 not said."""

    leg: int
    option_symbol: str
    sign: int
    ratio: int
    contracts: int
    premium_usd: float


class LinkOut(Body):
    """Another event of the same campaign; a link never merges them."""

    event_id: str
    kind: str
    gap_ms: int


class CorrectionOut(Body):
    """A withdrawal that concerns the event: of itself, or of one that it replaced."""

    event_id: str
    retracted_at: UtcTimestamp
    reason: str
    replaced_by: list[str]


class Evidence(OfSession):
    """What an event rests on."""

    event_id: str
    nbbo_basis: Literal["strictly_before_print"] = "strictly_before_print"
    quality_flags: list[str]
    prints: list[MemberPrint]
    legs: list[LegOut]
    links: list[LinkOut]
    corrections: list[CorrectionOut]
    truncated: int = Field(description="prints beyond those shown; the export of parent_event_members has all")


class Contribution(Body):
    """One line of the arithmetic; nats."""

    profile: str
    code: str
    observed: bool
    value: float | None
    contribution: float
    because: str


class Explained(OfSession):
    """Why an event was scored as it was. For each class the prior and its contributions add up to its log-odds."""

    event_id: str
    likeliest: str
    runner_up: str
    published: str | None
    direction: str
    margin: float = Field(description="probability of the likeliest less that of the runner-up")
    abstention_reasons: list[str]
    abstention_sentences: list[str] = Field(description="the same in words")
    guards: list[str]
    guard_sentences: dict[str, str]
    probability: dict[str, float]
    log_prior: dict[str, float]
    log_odds: dict[str, float]
    contributions: list[Contribution] = Field(description="what was observed, strongest first within a class")
    counter_evidence: list[Contribution] = Field(description="what speaks against the likeliest, strongest first")
    not_observed: list[Contribution]
    would_change: list[str]
    ruleset_version: str
    calibration_version: str
    warning: str | None = Field(description="said where the event was scored under other rules than those that explain it")


class SessionOut(OfSession):
    """One published session."""

    run_hash: str | None
    condition: Literal["available", "damaged"]
    rows: dict[str, int]
    versions: dict[str, str]


class Sessions(Body):
    """Published sessions, newest first."""

    data: list[SessionOut]
    next_cursor: str | None


class Quality(OfSession):
    """The data quality of a session in counts. Null shares mean that there is nothing to count."""

    prints: int
    quote_missing: int
    quote_stale: int
    quote_locked: int
    quote_crossed: int
    quote_one_sided: int
    unsigned: int
    underlying_missing: int
    events: int
    abstained: int
    by_flag: dict[str, int]
    by_assembly: dict[str, int]
    by_kind: dict[str, int]
    published: dict[str, int]
    abstention_reasons: dict[str, int]
    median_quote_age_ms: float | None
    tables: dict[str, int]


class Status(Body):
    """What the server shows."""

    version: str
    ruleset_version: str
    calibration_version: str
    sessions: int
    newest: OfSession | None
    live: dict[str, Any] | None = Field(description="the live feed, null where none was started")
    missing: str | None = Field(description="what the lake lacks and the command that makes it, null where a session is published")


class Healthy(Body):
    """The server runs."""

    status: Literal["ok"]


class Ready(Body):
    """The server can answer: the lake can be listed, the newest session opens, the live feed has not failed."""

    status: Literal["ready", "empty"] = Field(description="empty: it answers, but neither a session nor a live feed is there to be shown")
    missing: str | None = Field(description="what the lake lacks and the command that makes it, null where a session is published")
