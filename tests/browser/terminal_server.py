"""A server in this process for tests of the terminal, with a live feed that tests speak through; no test is here."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from smartmoney_pipeline.api.app import create_app
from smartmoney_pipeline.api.hub import Hub, Message
from smartmoney_pipeline.api.legacy_channels import LegacyChannels
from smartmoney_pipeline.api.settings import Limits, Settings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
WIDE = Limits(open_reads_a_minute=1_000_000, sockets=1_000)


class Spoken:
    """A live feed that says what it is told to."""

    def __init__(self) -> None:
        self.hub, self.channels = Hub("browser"), LegacyChannels()
        self._loop: Any = None

    def state(self) -> dict[str, Any]:
        return {"source": "spoken", "state": "playing"}

    def start(self, loop: Any) -> None:
        self._loop = loop

    async def close(self) -> None:
        self._loop = None

    def say(self, *messages: Message) -> None:
        """Publish; while no server runs the messages only go into the log."""
        if self._loop is None:
            self.hub.publish(list(messages))
        else:
            self._loop.call_soon_threadsafe(self.hub.publish, list(messages))


class Served:
    """A server on a port of its own that can be stopped and started again on the same port."""

    def __init__(self, lake: Path, live: Spoken | None = None) -> None:
        self._lake, self._live = lake, live
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def start(self) -> Served:
        app = create_app(Settings(self._lake, limits=WIDE, secret=b"browser"), self._live)  # type: ignore[arg-type]
        config = uvicorn.Config(app, port=self.port, log_level="error", ws_per_message_deflate=False, timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        end = time.monotonic() + 60
        while not self._server.started:
            assert time.monotonic() < end and self._thread.is_alive()
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()


def spoken_event(sample: dict[str, Any], name: str, **changes: Any) -> Message:
    """A message about an event like the sample."""
    event = sample | {"event_id": name} | changes
    return Message("event", json.dumps(event).encode(), name, event["underlying_id"], event["primary_profile_id"], event["abstained"])


def withdrawal(name: str, reason: str = "print_cancelled") -> Message:
    said = {"event_id": name, "retracted_at": "2025-01-17T20:00:00.000000000Z", "reason": reason, "replaced_by": []}
    return Message("retraction", json.dumps(said).encode(), name)
