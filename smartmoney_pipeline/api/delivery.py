"""Sends a stream to one client: as server-sent events or over a WebSocket, with a limit on how long it may keep the server waiting."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

LOG = logging.getLogger(__name__)
GOING_AWAY, TRY_AGAIN = 1001, 1013
CLOSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One message to a client: its kind, the cursor behind it if it moves the client on, and JSON."""

    kind: str
    data: bytes
    cursor: str | None = None

    @classmethod
    def heartbeat(cls, wall_ms: int, cursor: str) -> Frame:
        """Return the frame that says that nothing was told for a while; `wall_ms` is the clock of the server."""
        return cls("heartbeat", json.dumps({"ts": wall_ms}).encode(), cursor)

    def sse(self) -> bytes:
        """Return the frame as a server-sent event. JSON holds no line breaks."""
        mark = f"id: {self.cursor}\n".encode() if self.cursor else b""
        return mark + b"event: " + self.kind.encode() + b"\ndata: " + self.data + b"\n\n"

    def text(self) -> str:
        """Return the frame as one JSON object."""
        mark = f',"cursor":"{self.cursor}"' if self.cursor else ""
        return f'{{"type":"{self.kind}"{mark},"data":{self.data.decode()}}}'


class EventStream(Response):
    """Server-sent events; ends when the source does, the client goes, or it takes nothing for too long."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[list[Frame]], seconds: float, held: contextlib.ExitStack) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._frames, self._seconds, self._held = frames, seconds, held
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        with self._held:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            sending = asyncio.create_task(self._send(send))
            leaving = asyncio.create_task(_until_gone(receive))
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            await ended(sending, leaving)

    async def _send(self, send: Send) -> None:
        async for frames in self._frames:
            async with asyncio.timeout(self._seconds):
                await send({"type": "http.response.body", "body": b"".join(frame.sse() for frame in frames), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def feed_socket(socket: WebSocket, frames: AsyncIterator[list[Frame]], listening: asyncio.Task[None], seconds: float) -> None:
    """Send frames until the source ends, the client goes (`listening` ends), or it takes nothing for too long."""
    sending = asyncio.create_task(_send_frames(socket, frames, seconds))
    await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
    slow = sending.done() and not sending.cancelled() and isinstance(sending.exception(), TimeoutError)
    await ended(sending, listening)
    with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(CLOSE_SECONDS):
            await socket.close(TRY_AGAIN if slow else 1000)


async def _send_frames(socket: WebSocket, frames: AsyncIterator[list[Frame]], seconds: float) -> None:
    async for group in frames:
        for frame in group:
            async with asyncio.timeout(seconds):
                await socket.send_text(frame.text())


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def ended(*tasks: asyncio.Task[None]) -> None:
    """Stop what still runs, and let the reasons be: a client that left or was too slow is no fault of the server."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for task in tasks:
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not isinstance(fault, TimeoutError | WebSocketDisconnect | OSError | RuntimeError):
            LOG.error("a stream ended", exc_info=fault)
