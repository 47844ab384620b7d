"""Query parameters of the new routes, and what they allow. Unknown parameters are refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from smartmoney_pipeline.schemas.codes import AbstentionReason, Assembly, Direction, EventKind, ProfileId, QualityFlag, Structure
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent

MAX_LIMIT = 1_000
MAX_LISTED = 50
EVENT_FIELDS = tuple(SmartMoneyEvent.model_fields)
FIRST_NS, LAST_NS = 0, 4_102_444_800_000_000_000
"""1970 and 2100: what lies outside is no time of a tape."""

_SECONDS_BELOW, _MS_BELOW = 10**11, 10**14
_SOURCE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
SOURCE_FORM = rf"^{_SOURCE}$"
DATASET_FORM = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\|{_SOURCE}$"
HEX_FORM = r"^[0-9a-f]{16}$"
PACK_FORM = r"^[a-z][a-z0-9_]{0,31}$"
EVENT_FORM = r"^[A-Za-z0-9:_.-]{1,128}$"


def parse_time(value: Any) -> int:
    """Return a time in ns UTC, from ISO 8601 with a zone, or from seconds, milliseconds or nanoseconds since 1970."""
    text = str(value).strip()
    if text.isascii() and text.isdigit() and len(text) <= 19:
        number = int(text)
        scaled = number * (1_000_000_000 if number < _SECONDS_BELOW else 1_000_000 if number < _MS_BELOW else 1)
        return _in_range(scaled)
    if len(text) > 40 or not text[:4].isdigit():
        raise ValueError("a time is ISO 8601 with a zone, or a number since 1970 in seconds, ms or ns")
    try:
        stamp = pd.Timestamp(text)
    except (ValueError, OverflowError) as error:
        raise ValueError("a time is ISO 8601 with a zone, or a number since 1970 in seconds, ms or ns") from error
    if stamp is pd.NaT or stamp.tzinfo is None:
        raise ValueError("a time needs its zone, such as Z")
    return _in_range(stamp.as_unit("ns").value)


def _in_range(nanoseconds: int) -> int:
    if not FIRST_NS <= nanoseconds <= LAST_NS:
        raise ValueError("the time lies outside 1970 to 2100")
    return nanoseconds


def _listed(allowed: tuple[str, ...] | None, form: str = "") -> Any:
    def check(text: str) -> str:
        parts = text.split(",")
        if len(parts) > MAX_LISTED:
            raise ValueError(f"more than {MAX_LISTED} values")
        unknown = [part for part in parts if allowed is not None and part not in allowed]
        if unknown or not all(parts):
            raise ValueError(f"known are {', '.join(allowed or ())}")
        return text

    return AfterValidator(check)


Instant = Annotated[
    int,
    BeforeValidator(parse_time),
    Field(json_schema_extra={"type": "string", "examples": ["2026-03-18T14:30:00Z"]}),
]
SourceName = Annotated[str, Field(pattern=SOURCE_FORM, description="source of the session, such as tape or demo-7")]
Tickers = Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9.]{1,12}(,[A-Za-z0-9.]{1,12}){0,49}$")]
EventId = Annotated[str, Field(pattern=EVENT_FORM, description="an event id")]
Form = Literal["json", "ndjson", "csv", "arrow", "parquet"]


class Query(BaseModel):
    """Base: a parameter that is not listed is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SessionQuery(Query):
    """Which published session; the newest where nothing is said."""

    session: date | None = Field(None, description="exchange date, YYYY-MM-DD")
    source: SourceName | None = None


class SessionsQuery(Query):
    """Which sessions."""

    source: SourceName | None = None
    limit: int = Field(100, ge=1, le=1_000)
    cursor: str | None = Field(None, max_length=512)


class EventQuery(SessionQuery):
    """Which events, in which order and form. Times are half-open: from `gte` up to, not including, `lt`."""

    run_id: str | None = Field(None, pattern=HEX_FORM, description="the session that a run of this server published")
    underlying: Tickers | None = Field(None, description="tickers, joined by commas")
    profile: ProfileId | None = Field(None, description="published profile")
    likeliest: Literal["institutional_directional", "retail_whale", "event_driven", "vol_seller", "arbitrage", "hedge_reactive"] | None = (
        Field(None, description="profile of the highest score, published or not")
    )
    p_gte: float | None = Field(None, alias="p.gte", ge=0, le=1, allow_inf_nan=False, description="least probability of the highest score")
    direction: Direction | None = Field(None, description="direction of the published event")
    abstained: bool | None = Field(None, description="whether nothing was published")
    suppressed: bool | None = Field(None, description="whether a guard fired")
    reason: AbstentionReason | None = Field(None, description="why nothing was published")
    flag: QualityFlag | None = Field(None, description="quality flag")
    kind: EventKind | None = None
    assembly: Assembly | None = None
    structure: Structure | None = None
    premium_gte: float | None = Field(None, alias="premium.gte", ge=0, le=1e15, allow_inf_nan=False, description="least premium, USD")
    dte_lt: int | None = Field(None, alias="dte.lt", ge=0, le=100_000, description="calendar days to expiry, below this")
    time_gte: Instant | None = Field(None, alias="time.gte", description="closed at or after this")
    time_lt: Instant | None = Field(None, alias="time.lt", description="closed before this")
    sort: Literal["closed_at", "-closed_at", "-premium_usd", "-probability"] = Field("closed_at", description="- for the highest first")
    fields: Annotated[str, Field(max_length=1_000), _listed(EVENT_FIELDS)] | None = Field(
        None, description="fields of the event, joined by commas; all where nothing is said"
    )
    limit: int = Field(200, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=512, description="from next_cursor of the page before")
    format: Form | None = Field(None, description="instead of the Accept header")
