"""`/v1/alert-routes`: which alert rules a server runs and which channels they go to, without addresses and secrets."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import Field

from smartmoney_pipeline.api.alert_rules import AlertBook, AlertRule, Channel
from smartmoney_pipeline.api.models import Body
from smartmoney_pipeline.api.problems import responses

router = APIRouter(prefix="/v1", tags=["alerts"])


class HoursOut(Body):
    """Hours of the exchange in which nothing is sent."""

    start: str
    end: str


class RouteOut(Body):
    """One rule; empty lists hold back nothing."""

    name: str
    channels: list[str]
    underlyings: list[str]
    profiles: list[str]
    directions: list[str]
    min_probability: float
    min_premium_usd: float
    include_abstained: bool
    cooldown_seconds: float
    max_per_minute: int
    quiet: HoursOut | None
    digest_seconds: float


class ChannelOut(Body):
    """One channel. Addresses hold secrets in their paths, so only the host is said."""

    name: str
    kind: Literal["webhook", "apprise"]
    host: str | None = Field(description="null for apprise, whose whole address is a secret")


class AlertRoutes(Body):
    """Rules and channels; both empty where the server was started without any."""

    rules: list[RouteOut]
    channels: list[ChannelOut]


@router.get("/alert-routes", responses=responses(), openapi_extra={"security": [{"key": []}]})
async def alert_routes(request: Request) -> AlertRoutes:
    """Return the alert rules of this server. Needs a key with the scope `admin`."""
    runner = request.app.state.alerts
    book = AlertBook(rules=(), channels=()) if runner is None else runner.book
    return AlertRoutes(rules=[_rule(rule) for rule in book.rules], channels=[_channel(channel) for channel in book.channels])


def _rule(rule: AlertRule) -> RouteOut:
    said = rule.model_dump(mode="json")
    filters = {name: sorted(said[name]) for name in ("underlyings", "profiles", "directions")}
    return RouteOut(**(said | filters))


def _channel(channel: Channel) -> ChannelOut:
    host = None if channel.url is None else urlsplit(channel.url).hostname
    return ChannelOut(name=channel.name, kind=channel.kind, host=host)
