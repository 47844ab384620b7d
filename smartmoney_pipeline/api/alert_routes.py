"""`/v1/alert-routes`: the alert rules of a server, read and put, and its channels, tried; no address and no secret passes here."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import Field

from smartmoney_pipeline.api.alert_rules import AlertBook, AlertFileError, AlertRule, Channel, Name
from smartmoney_pipeline.api.alert_runner import AlertRunner
from smartmoney_pipeline.api.models import Body
from smartmoney_pipeline.api.problems import ProblemError, not_found, responses

router = APIRouter(prefix="/v1", tags=["alerts"])
MOST_RULES = 100


class ChannelOut(Body):
    """One channel. Addresses hold secrets in their paths, so only the host is said."""

    name: str
    kind: Literal["webhook", "apprise"]
    host: str | None = Field(description="null for apprise, whose whole address is a secret")


class AlertRoutes(Body):
    """Rules and channels; both empty where the server was started without any."""

    rules: list[AlertRule]
    channels: list[ChannelOut]


class RulesIn(Body):
    """Rules that stand for all that run; each names channels that the server was started with."""

    rules: list[AlertRule] = Field(max_length=MOST_RULES)


class TrialIn(Body):
    """The channel to be tried."""

    channel: Name


class TrialOut(Body):
    """Whether the message went."""

    channel: str
    delivered: bool
    why: str | None = Field(description="why it did not go, without the address; null where it went")


@router.get("/alert-routes", responses=responses(), openapi_extra={"security": [{"key": []}]})
async def alert_routes(request: Request) -> AlertRoutes:
    """Return the alert rules of this server. Needs a key with the scope `admin`."""
    runner: AlertRunner | None = request.app.state.alerts
    return _said(AlertBook(rules=(), channels=()) if runner is None else runner.book)


@router.put("/alert-routes", responses=responses(409, 413, 415))
async def put_alert_routes(request: Request, asked: RulesIn) -> AlertRoutes:
    """Put these rules in the place of all that run. Needs a key with the scope `admin`.

    They outlive the server, until the file of rules is changed. Channels, their addresses and secrets come from that file alone.
    """
    runner = _running(request)
    try:
        runner.replace(tuple(asked.rules))
    except AlertFileError as error:
        raise ProblemError(400, "the rules are wrong", [str(error)]) from error
    except OSError as error:
        raise ProblemError(503, "the rules cannot be kept") from error
    return _said(runner.book)


@router.post("/alert-routes/test", responses=responses(404, 409, 413, 415))
async def try_alert_route(request: Request, asked: TrialIn) -> TrialOut:
    """Send one message that says it is a trial to a channel, without trying again. Needs a key with the scope `admin`."""
    runner = _running(request)
    if asked.channel not in {channel.name for channel in runner.book.channels}:
        raise not_found("there is no such channel")
    why = await runner.trial(asked.channel)
    return TrialOut(channel=asked.channel, delivered=why is None, why=why)


def _running(request: Request) -> AlertRunner:
    runner: AlertRunner | None = request.app.state.alerts
    if runner is None:
        raise ProblemError(409, "this server was started without a file of alerts")
    return runner


def _said(book: AlertBook) -> AlertRoutes:
    return AlertRoutes(rules=list(book.rules), channels=[_channel(channel) for channel in book.channels])


def _channel(channel: Channel) -> ChannelOut:
    host = None if channel.url is None else urlsplit(channel.url).hostname
    return ChannelOut(name=channel.name, kind=channel.kind, host=host)
