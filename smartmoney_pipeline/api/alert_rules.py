"""Alert rules as saved filters, and the channels that they go to: one YAML file, without secrets in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, model_validator

from smartmoney_pipeline.schemas.codes import Direction, ProfileId

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


def _quoted(value: Any) -> Any:
    """YAML reads 20:00 without quotes as the number 1200."""
    if isinstance(value, int | float):
        raise ValueError("a time of day stands in quotes")
    return value


def _without_zone(value: time) -> time:
    """Hours are those of the exchange."""
    if value.tzinfo is not None:
        raise ValueError("a time of day is that of the exchange and has no zone")
    return value


TimeOfDay = Annotated[time, BeforeValidator(_quoted), AfterValidator(_without_zone)]


class AlertFileError(ValueError):
    """The file of alert rules is missing or wrong; the message names the field and holds no value."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Members = TypeVar("Members", bound=str)
Listed = Annotated[frozenset[Members], PlainSerializer(sorted, return_type=list[Members])]
"""A set that is always written in the same order."""


class QuietHours(_Strict):
    """Hours of the exchange in which nothing is sent; they may pass midnight. What comes in them is sent in one digest at their end."""

    start: TimeOfDay
    end: TimeOfDay

    def holds(self, at: time) -> bool:
        """Whether a time of day lies within: from the start up to, not including, the end."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


class AlertRule(_Strict):
    """Which events are told, how often, and where. Empty lists hold back nothing."""

    name: Name
    channels: tuple[Name, ...] = Field(min_length=1)
    underlyings: Listed[str] = frozenset()
    profiles: Listed[ProfileId] = frozenset()
    directions: Listed[Direction] = frozenset()
    min_probability: float = Field(0.65, ge=0, le=1, description="least probability of the likeliest profile")
    min_premium_usd: float = Field(0.0, ge=0)
    include_abstained: bool = False
    cooldown_seconds: float = Field(300.0, ge=0, description="rest after an alert on the same underlying and profile")
    max_per_minute: int = Field(10, ge=1, le=1_000)
    quiet: QuietHours | None = None
    digest_seconds: float = Field(0.0, ge=0, description="collect alerts for so long and send them as one; 0 sends each at once")

    def wants(self, event: Mapping[str, Any]) -> bool:
        """Whether the filter lets a SmartMoneyEvent through. An abstained event passes only where the rule asks for such."""
        likeliest = event["profile_scores"][0]
        premium = event["features"]["premium_usd"]
        return (
            (self.include_abstained or not event["abstained"])
            and (not self.underlyings or event["underlying_id"] in self.underlyings)
            and (not self.profiles or likeliest["profile_id"] in self.profiles)
            and (not self.directions or event["primary_direction"] in self.directions)
            and likeliest["probability"] >= self.min_probability
            and (self.min_premium_usd == 0 or (premium is not None and premium >= self.min_premium_usd))
        )


class Channel(_Strict):
    """Where alerts go. `secret_env` names the environment variable that holds the webhook's signing secret, or apprise's address."""

    name: Name
    kind: Literal["webhook", "apprise"]
    url: str | None = Field(None, max_length=2_000)
    secret_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")
    allow_hosts: Listed[str] = Field(frozenset(), description="host names that may lead to private addresses")

    @model_validator(mode="after")
    def _webhook_has_address(self) -> Self:
        if (self.kind == "webhook") != (self.url is not None):
            raise ValueError("a webhook has a url; the address of apprise is a secret and stands in the environment")
        return self


class AlertBook(_Strict):
    """Rules and channels."""

    rules: tuple[AlertRule, ...]
    channels: tuple[Channel, ...]

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        known = [channel.name for channel in self.channels]
        rules = [rule.name for rule in self.rules]
        if len(set(known)) != len(known) or len(set(rules)) != len(rules):
            raise ValueError("names of rules and of channels must differ")
        if {name for rule in self.rules for name in rule.channels} - set(known):
            raise ValueError("a rule names a channel that is not described")
        return self


def read_alert_book(path: Path) -> AlertBook:
    """Read a file of rules. Raises `AlertFileError` that names what is wrong."""
    try:
        return AlertBook.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise AlertFileError(f"{path.name}: cannot be read") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors()[:5])
        raise AlertFileError(f"{path.name}: {faults}") from error
