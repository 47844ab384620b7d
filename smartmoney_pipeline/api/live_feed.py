"""A tape played into the live engine, and what the engine says put on the log: the live source of a server.

The engine works in a thread of its own. It is fed a step of time at once and waits for the log after each, so nothing piles up.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smartmoney_pipeline.api.catalog import TAPE
from smartmoney_pipeline.api.hub import Hub, Message
from smartmoney_pipeline.api.legacy_channels import LegacyChannels
from smartmoney_pipeline.api.wire import json_rows
from smartmoney_pipeline.engine.known_symbols import reference_of
from smartmoney_pipeline.engine.live.engine import LiveEngine
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.replay import Feed, Step, read_feed
from smartmoney_pipeline.engine.live.update import Update
from smartmoney_pipeline.engine.score_day import versions
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND

LOG = logging.getLogger(__name__)
STEP_MS = 250
JOIN_SECONDS = 10.0
FAILED = "failed"
"""State of a feed whose engine or tape broke off."""


@dataclass(frozen=True, slots=True)
class LiveTape:
    """What is played: a canonical tape, how fast (None: as fast as it goes), and its source.

    The source is part of the ids of events: they are those of the session that is published under it.
    """

    path: Path
    speed: float | None = 60.0
    session: date | None = None
    source: str = TAPE
    step_ms: int = STEP_MS


class LiveFeed:
    """Plays one tape once."""

    def __init__(self, tape: LiveTape) -> None:
        self._tape = tape
        self._feed: Feed | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.hub = Hub(_epoch(tape))
        self.channels = LegacyChannels()
        self._until = 0
        self._events = 0
        self._ended = "not begun"

    def state(self) -> dict[str, Any]:
        """Return how far the feed is."""
        return {
            "session": None if self._feed is None else self._feed.session.isoformat(),
            "source": self._tape.source,
            "speed": self._tape.speed,
            "until": None if not self._until else pd.Timestamp(self._until, unit="ns", tz="UTC").isoformat(),
            "messages": self.hub.last,
            "state": self._ended,
        }

    def read(self) -> None:
        """Read the tape, before the server begins. Raises `TapeError` that names what is wrong with it."""
        self._feed = read_feed(self._tape.path, "canonical", self._tape.session)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to play."""
        self._thread = threading.Thread(target=self._run, args=(loop,), name="live-feed", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Stop playing and wait for the thread."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(None, thread.join, JOIN_SECONDS)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._ended = "playing"
            self._play(loop)
            self._ended = "stopped" if self._stop.is_set() else "finished"
        except Exception:
            self._ended = FAILED
            LOG.exception("the live feed failed")
        finally:
            self.hub.ended = True

    def _play(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._feed is None:
            self.read()
        feed = self._feed
        if feed is None:
            return
        engine = LiveEngine(feed.session, self._tape.source, reference_of(feed), feed.streams, LiveParams(), feed.nature)
        before = None
        for step in feed.steps(self._tape.step_ms * NS_PER_MS):
            if self._paced(before, step):
                return
            before = step.end
            self._say(loop, engine.push(step.tables), step)
        self._say(loop, engine.finish(), None)

    def _paced(self, before: int | None, step: Step) -> bool:
        """Wait until the step is due; whether the feed is to stop."""
        speed = self._tape.speed
        wait = 0.0 if before is None or speed is None else (step.end - before) / NS_PER_SECOND / speed
        return self._stop.wait(wait)

    def _say(self, loop: asyncio.AbstractEventLoop, update: Update, step: Step | None) -> None:
        if step is not None:
            self._until = self.hub.time_ns = step.end
        messages = messages_of(update, self._until)
        legacy = self.channels.encode(update, {} if step is None else step.tables)
        if not messages and not legacy:
            return
        self._events += len(update.events)

        async def publish() -> None:
            self.hub.publish(messages)
            self.channels.publish(legacy)

        said = asyncio.run_coroutine_threadsafe(publish(), loop)
        while not self._stop.is_set():
            try:
                said.result(timeout=0.5)
                return
            except TimeoutError:
                continue


def messages_of(update: Update, said_ns: int | None = None) -> list[Message]:
    """Return an update as messages said at a time of the feed, ns UTC: withdrawals first, for what is new may replace them."""
    gone = json_rows(update.retractions).to_pylist()
    ids = update.retractions["event_id"].to_pylist()
    found = [Message("retraction", text.encode(), key, said_ns=said_ns) for text, key in zip(gone, ids, strict=True)]
    events = update.events
    if not len(events):
        return found
    names = ("event_id", "underlying_id", "primary_profile_id", "abstained")
    columns = (events[name].to_pylist() for name in names)
    texts = json_rows(events).to_pylist()
    said = zip(texts, *columns, strict=True)
    return found + [
        Message("event", text.encode(), key, ticker, profile, abstained, said_ns=said_ns) for text, key, ticker, profile, abstained in said
    ]


def _epoch(tape: LiveTape) -> str:
    """Names the log: the same tape in the same steps under the same rules says the same, so that cursors outlive a restart."""
    files = sorted((path.name, path.stat().st_size) for path in tape.path.glob("*")) if tape.path.is_dir() else [tape.path.name]
    said = repr((files, tape.session, tape.source, tape.step_ms, sorted(versions().items())))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
