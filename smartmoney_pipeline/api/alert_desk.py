"""What one rule sends and when: each event once, cool-down, rate limit, quiet hours, digest, withdrawals. Times are given, never read."""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from smartmoney_pipeline.api.alert_rules import AlertRule

EXCHANGE = ZoneInfo("America/New_York")
REMEMBERED = 100_000
"""Events of a rule that are known to be told: an hour and a half of the most that a rule may send."""
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to the channels of a rule. `key` is the same whenever the same is sent again."""

    rule: str
    kind: str
    key: str
    items: tuple[dict[str, Any], ...]
    held_back: int = 0
    """Alerts that the rate limit kept from being sent since the last message."""


class RuleDesk:
    """The state of one rule. Events are those of the live feed, `now_ms` its time, so that the same feed is told the same."""

    def __init__(self, rule: AlertRule) -> None:
        self.rule = rule
        self._told: OrderedDict[str, bool] = OrderedDict()
        """Events that passed, and whether they were sent or wait to be; the rate limit holds others back."""
        self._rested: dict[tuple[str, str], int] = {}
        self._sent: deque[int] = deque()
        self._waiting: list[dict[str, Any]] = []
        self._since = 0
        self._held_back = 0

    def event(self, event: Mapping[str, Any], now_ms: int) -> list[Notice]:
        """Return what is to be sent at once because of an event."""
        name = event["event_id"]
        if name in self._told or not self.rule.wants(event) or self._resting(event, now_ms):
            return []
        item = _item(event)
        if self.rule.digest_seconds or self._quiet(now_ms):
            self._remember(name, True)
            self._wait(item, now_ms)
            return []
        sent = self._limited("event", (item,), now_ms)
        self._remember(name, bool(sent))
        return sent

    def retraction(self, said: Mapping[str, Any], now_ms: int) -> list[Notice]:
        """Return the withdrawal of an alert that was sent, whatever the rate limit; one that still waits is only dropped."""
        name = said["event_id"]
        if not self._told.pop(name, False):
            return []
        kept = [item for item in self._waiting if item["event_id"] != name]
        if len(kept) < len(self._waiting):
            self._waiting = kept
            return []
        item = {"event_id": name, "reason": said["reason"], "statement": "This event was withdrawn."}
        if self._quiet(now_ms):
            self._wait(item, now_ms)
            return []
        return [self._notice("withdrawal", (item,))]

    def due(self, now_ms: int) -> list[Notice]:
        """Return the digest whose time has come."""
        if not self._waiting or self._quiet(now_ms) or now_ms - self._since < self.rule.digest_seconds * 1_000:
            return []
        items, self._waiting = tuple(self._waiting), []
        return [self._notice("digest", items)]

    def _limited(self, kind: str, items: tuple[dict[str, Any], ...], now_ms: int) -> list[Notice]:
        while self._sent and now_ms - self._sent[0] >= MINUTE_MS:
            self._sent.popleft()
        if len(self._sent) >= self.rule.max_per_minute:
            self._held_back += 1
            return []
        self._sent.append(now_ms)
        return [self._notice(kind, items)]

    def _notice(self, kind: str, items: tuple[dict[str, Any], ...]) -> Notice:
        said = "|".join([self.rule.name, kind, *(item["event_id"] for item in items)])
        held, self._held_back = self._held_back, 0
        return Notice(self.rule.name, kind, hashlib.sha256(said.encode()).hexdigest()[:32], items, held)

    def _resting(self, event: Mapping[str, Any], now_ms: int) -> bool:
        """Whether an alert on the same underlying and profile was too short ago; where not, the rest begins anew."""
        pair = (event["underlying_id"], event["profile_scores"][0]["profile_id"])
        last = self._rested.get(pair)
        if last is not None and now_ms - last < self.rule.cooldown_seconds * 1_000:
            return True
        self._rested[pair] = now_ms
        return False

    def _quiet(self, now_ms: int) -> bool:
        return self.rule.quiet is not None and self.rule.quiet.holds(exchange_time(now_ms))

    def _wait(self, item: dict[str, Any], now_ms: int) -> None:
        self._since = self._since if self._waiting else now_ms
        self._waiting.append(item)

    def _remember(self, name: str, sent: bool) -> None:
        self._told[name] = sent
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)


def trial_notice(now_ms: int) -> Notice:
    """Return a message that tries a channel; its key is that of the time."""
    item = {"statement": "This is a trial of the channel; it stands for no event."}
    return Notice("trial", "trial", hashlib.sha256(f"trial|{now_ms}".encode()).hexdigest()[:32], (item,))


def exchange_time(now_ms: int) -> time:
    """Return the time of day at the exchange."""
    return datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone(EXCHANGE).time()


def _item(event: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of an event; enough to judge it, and its id for the rest."""
    likeliest = event["profile_scores"][0]
    share = f"{likeliest['probability']:.0%}"
    if event["abstained"]:
        statement = f"{event['underlying_id']}: the scorer abstains ({', '.join(event['abstention_reasons'])})"
    else:
        statement = (
            f"{event['underlying_id']}: consistent with {event['primary_profile_id']} at {share}, exposure {event['primary_direction']}"
        )
    kept = ("event_id", "underlying_id", "closed_at", "primary_profile_id", "primary_direction", "abstained", "abstention_reasons",
            "suppressed_reasons", "quality_flags", "ruleset_version", "calibration_version", "provisional")  # fmt: skip
    return {name: event[name] for name in kept} | {
        "statement": statement,
        "probability": likeliest["probability"],
        "premium_usd": event["features"]["premium_usd"],
    }
