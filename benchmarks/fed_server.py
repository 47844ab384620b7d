"""A server that says synthetic copies of published events at a steady rate, for load runs."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn

from smartmoney_pipeline.api.app import create_app
from smartmoney_pipeline.api.connections import WatchedConnection
from smartmoney_pipeline.api.hub import RING_BYTES, Hub, Message
from smartmoney_pipeline.api.legacy_channels import LegacyChannels
from smartmoney_pipeline.api.settings import Limits, Settings

TICK_SECONDS = 0.02


@dataclass(frozen=True)
class Load:
    """What is asked of the server. `send_seconds`: a client that takes nothing for so long is cut off."""

    lake: Path
    seconds: float = 600.0
    rate: int = 500
    clients: int = 20
    mute: int = 2
    ring_bytes: int = RING_BYTES
    send_seconds: float = Limits().send_seconds


class Fed:
    """Stands where the live feed does: says copies of events at a rate from a time of the monotonic clock on."""

    def __init__(self, bodies: list[dict[str, Any]], load: Load, begin: float) -> None:
        self.hub, self.channels = Hub("load", load.ring_bytes), LegacyChannels()
        self._bodies, self._load, self._begin = bodies, load, begin

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to speak."""
        threading.Thread(target=self._speak, args=(loop,), daemon=True).start()

    async def close(self) -> None:
        """Nothing is to be done: the process ends."""

    def state(self) -> dict[str, object]:
        """Say that it is none."""
        return {"state": "load"}

    def _speak(self, loop: asyncio.AbstractEventLoop) -> None:
        parts = [(json.dumps(body | {"event_id": ""}).encode(), body["underlying_id"], body["primary_profile_id"], body["abstained"])
                 for body in self._bodies]  # fmt: skip
        endless, number, whole = cycle(parts), 0, int(self._load.rate * self._load.seconds)
        time.sleep(max(0.0, self._begin - time.monotonic()))
        while number < whole:
            due = min(int((time.monotonic() - self._begin) * self._load.rate), whole) - number
            made = []
            for body, *seen in islice(endless, max(due, 0)):
                name = f"{number:032x}"
                text = b'{"n":%d,"at":%f,' % (number, time.monotonic()) + body[1:].replace(
                    b'"event_id": ""', b'"event_id": "%s"' % name.encode()
                )
                made.append(Message("event", text, name, *seen))
                number += 1
            loop.call_soon_threadsafe(self.hub.publish, made)
            time.sleep(TICK_SECONDS)


def serve(load: Load, port: int, begin: float) -> None:
    """Run the server; a process of its own."""
    limits = replace(Limits(), open_reads_a_minute=10_000_000, sockets=1_000, send_seconds=load.send_seconds)
    first = create_app(Settings(load.lake, limits=limits))
    view = first.state.context.catalog.chosen(None, None)
    bodies = [json.loads(text) for text in view.events_json(np.arange(min(1_000, len(view.index)))).to_pylist()]
    app = create_app(Settings(load.lake, limits=limits), Fed(bodies, load, begin))  # type: ignore[arg-type]
    watched = type("Watched", (WatchedConnection,), {"seconds": load.send_seconds})
    uvicorn.run(app, port=port, http=watched, log_level="critical", access_log=False, ws_per_message_deflate=False)
