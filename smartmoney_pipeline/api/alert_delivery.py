"""Brings notices to their channels: webhook or apprise, tried again after 1, 5 and 30 seconds, then kept as a dead letter."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from smartmoney_pipeline.api.alert_desk import Notice
from smartmoney_pipeline.api.alert_rules import AlertFileError, Channel
from smartmoney_pipeline.api.alert_webhook import TargetError, checked_target, post, signature
from smartmoney_pipeline.api.clock import Clock

LOG = logging.getLogger(__name__)
RETRY_SECONDS = (1.0, 5.0, 30.0)
FOLDER, FILE = "_alerts", "dead_letters.jsonl"
DONE, GONE = 200, 300
Send = Callable[[Notice], str | None]
"""Sends once; None where it went well, else why not, without the address or the secret."""
Sleep = Callable[[float], Awaitable[None]]


class Courier:
    """Delivers to one channel."""

    def __init__(self, channel: str, send: Send, dead: Path, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._channel, self._send, self._dead, self._clock, self._sleep = channel, send, dead, clock, sleep

    async def deliver(self, notice: Notice) -> bool:
        """Send a notice, at most four times; whether it went. One that never went is written to the dead letters."""
        why: str | None = None
        for wait in (0.0, *RETRY_SECONDS):
            if wait:
                await self._sleep(wait)
            why = await self.attempt(notice)
            if why is None:
                return True
        LOG.error("channel %s: %s", self._channel, why)
        await asyncio.to_thread(self.bury, notice, why or "")
        return False

    async def attempt(self, notice: Notice) -> str | None:
        """Send a notice once; None where it went, else why not."""
        return await asyncio.to_thread(self._send, notice)

    def bury(self, notice: Notice, why: str) -> None:
        """Write a notice to the dead letters."""
        self._dead.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = {"at_ms": self._clock.wall_ms(), "channel": self._channel, "why": why, **asdict(notice)}
        with open(os.open(self._dead, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:  # noqa: PTH123  the mode at birth
            file.write(json.dumps(line).encode() + b"\n")


def sender(channel: Channel, clock: Clock, environment: Mapping[str, str]) -> Send:
    """Return what sends to a channel. Raises `AlertFileError` where its secret is not in the environment, or apprise is missing."""
    secret = environment.get(channel.secret_env, "")
    if not secret:
        raise AlertFileError(f"channel {channel.name}: the environment has no {channel.secret_env}")
    return _webhook(channel, secret.encode(), clock) if channel.kind == "webhook" else _apprise(channel, secret)


def _webhook(channel: Channel, secret: bytes, clock: Clock) -> Send:
    def send(notice: Notice) -> str | None:
        body = json.dumps(asdict(notice)).encode()
        stamp = str(clock.wall_ms() // 1_000)
        headers = {
            "idempotency-key": notice.key,
            "x-smartmoney-timestamp": stamp,
            "x-smartmoney-signature": f"sha256={signature(secret, stamp, body)}",
        }
        try:
            # Looked up anew for each try, and sent to the very address that was checked.
            status = post(checked_target(channel.url or "", channel.allow_hosts), body, headers)
        except TargetError as error:
            return str(error)
        except OSError:
            return "nobody answers there"
        return None if DONE <= status < GONE else f"the answer was {status}"

    return send


def _apprise(channel: Channel, address: str) -> Send:
    try:
        apprise: Any = importlib.import_module("apprise")
    except ImportError as error:
        raise AlertFileError(f"channel {channel.name}: apprise is not installed; install the extra alerts") from error
    route = apprise.Apprise()
    if not route.add(address):
        raise AlertFileError(f"channel {channel.name}: apprise cannot read the address in {channel.secret_env}")

    def send(notice: Notice) -> str | None:
        text = "\n".join(item["statement"] for item in notice.items)
        return None if route.notify(title=f"smartmoney {notice.rule}: {notice.kind}", body=text) else "apprise could not deliver"

    return send
