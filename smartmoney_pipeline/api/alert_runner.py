"""Reads the log of the live feed for the alert rules, beside the clients of the stream.

Rules go by the time of the feed: the same tape is told the same at any speed. Delivery goes by the clock of the server.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

from smartmoney_pipeline.api.alert_delivery import FILE, FOLDER, Courier, sender
from smartmoney_pipeline.api.alert_desk import Notice, RuleDesk, trial_notice
from smartmoney_pipeline.api.alert_put import PutRules
from smartmoney_pipeline.api.alert_rules import AlertBook, AlertRule
from smartmoney_pipeline.api.clock import Clock
from smartmoney_pipeline.api.hub import Hub, Message
from smartmoney_pipeline.schemas.units import NS_PER_MS

BATCH = 256
TICK_SECONDS = 1.0
QUEUE = 1_000
"""Notices that wait for one channel; with more, new ones go to the dead letters at once."""


class AlertRunner:
    """Runs the rules over a live feed from its start on."""

    def __init__(self, book: AlertBook, lake: Path, clock: Clock, environment: Mapping[str, str] | None = None) -> None:
        """Raises `AlertFileError` where a channel cannot be used."""
        known = os.environ if environment is None else environment
        dead = lake / FOLDER / FILE
        self._put = PutRules(lake, book)
        self.book = self._put.book()
        self._clock = clock
        self._desks = [RuleDesk(rule) for rule in self.book.rules]
        self._couriers = {one.name: Courier(one.name, sender(one, clock, known), dead, clock) for one in book.channels}
        self._queues: dict[str, asyncio.Queue[Notice]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._ended_ms: int | None = None

    def start(self, hub: Hub) -> None:
        """Begin to read; needs a running event loop."""
        self._queues = {name: asyncio.Queue(QUEUE) for name in self._couriers}
        self._tasks = [asyncio.create_task(self._deliver(name)) for name in self._couriers]
        self._tasks.append(asyncio.create_task(self._read(hub)))

    def replace(self, rules: tuple[AlertRule, ...]) -> None:
        """Put other rules in the place of those that run, now and after a restart, for as long as the file of rules is as it is.

        A rule that stays as it was goes on where it stands. What waits under one that goes is not sent.
        Raises `AlertFileError` where a rule names an unknown channel, `OSError` where the lake cannot be written to; then nothing changes.
        """
        book = self._put.keep(rules)
        running = {desk.rule: desk for desk in self._desks}
        self._desks = [running.get(rule) or RuleDesk(rule) for rule in book.rules]
        self.book = book

    async def trial(self, channel: str) -> str | None:
        """Send one message that says it is a trial to a channel, once; None where it went, else why not. Raises `KeyError`."""
        return await self._couriers[channel].attempt(trial_notice(self._clock.wall_ms()))

    async def close(self) -> None:
        """Stop; what waits is not sent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self, hub: Hub) -> None:
        number = 0
        while True:
            await hub.wait(number, TICK_SECONDS)
            for one in hub.after(number, BATCH):
                number = one.number
                self._consider(one.message)
            if number == hub.last:
                self._pass_time(self._now(hub))

    def _now(self, hub: Hub) -> int:
        """The time of the feed, ms; from its end on it runs by the server's clock, so that what waits for an hour is sent."""
        if hub.time_ns is None:
            return self._clock.wall_ms()
        if hub.ended and self._ended_ms is None:
            self._ended_ms = self._clock.wall_ms()
        return hub.time_ns // NS_PER_MS + (0 if self._ended_ms is None else self._clock.wall_ms() - self._ended_ms)

    def _pass_time(self, now_ms: int) -> None:
        for desk in self._desks:
            self._queue(desk, desk.due(now_ms))

    def _consider(self, message: Message) -> None:
        """Tell the rules of a message, once what was due before it is sent."""
        said, now = json.loads(message.body), self._clock.wall_ms() if message.said_ns is None else message.said_ns // NS_PER_MS
        self._pass_time(now)
        for desk in self._desks:
            self._queue(desk, desk.event(said, now) if message.kind == "event" else desk.retraction(said, now))

    def _queue(self, desk: RuleDesk, notices: list[Notice]) -> None:
        for notice in notices:
            for channel in desk.rule.channels:
                if self._queues[channel].full():
                    self._couriers[channel].bury(notice, "too many notices wait for this channel")
                else:
                    self._queues[channel].put_nowait(notice)

    async def _deliver(self, channel: str) -> None:
        while True:
            await self._couriers[channel].deliver(await self._queues[channel].get())
