"""Clients of the stream for load runs: over WebSocket and as server-sent events, and some that never read."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Queue
from typing import Any

from fed_server import Load
from websockets.asyncio.client import connect

END_SECONDS = 5.0
SAID = re.compile(rb'"n":(\d+),"at":([\d.]+),')
TAIL_BYTES = 64
"""Of what was read so much is kept, for a number may be cut in two; it is shorter than that."""

UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


@dataclass
class Reader:
    """What one client has read: the number that comes next, and deliveries in ms."""

    late: array[float]
    expected: int = 0
    lost: int = 0
    repeated: int = 0

    def take(self, text: bytes) -> int:
        """Read what came; the place after the last number in it."""
        now, end = time.monotonic(), 0
        for found in SAID.finditer(text):
            number, end = int(found[1]), found.end()
            self.lost += max(0, number - self.expected)
            self.repeated += number < self.expected
            self.expected = max(self.expected, number + 1)
            self.late.append((now - float(found[2])) * 1e3)
        return end


async def over_websocket(reader: Reader, port: int, whole: int) -> None:
    """Read frames until the last number."""
    async with connect(f"ws://127.0.0.1:{port}/v1/ws?snapshot=0", max_size=None, compression=None) as stream:
        while reader.expected < whole:
            reader.take(await stream.recv(decode=False))


async def over_http(reader: Reader, port: int, whole: int) -> None:
    """Read server-sent events as raw bytes until the last number."""
    source, sink = await asyncio.open_connection("127.0.0.1", port)
    sink.write(_asked(port, "/v1/events/stream"))
    held = b""
    while reader.expected < whole and (part := await source.read(1 << 18)):
        held += part
        held = held[max(reader.take(held), len(held) - TAIL_BYTES) :]
    sink.close()


def read(load: Load, port: int, begin: float, answers: Queue[tuple[bytes, int, int]]) -> None:
    """Run the readers, every other one over HTTP; a process of its own. Answers deliveries, losses and repetitions over all of them."""
    late: array[float] = array("f")
    readers = [Reader(late) for _ in range(load.clients - load.mute)]
    whole = int(load.rate * load.seconds)
    ways: tuple[Callable[..., Any], ...] = (over_websocket, over_http)

    async def all_of_them() -> None:
        async with asyncio.timeout(begin + load.seconds + END_SECONDS - time.monotonic()):
            await asyncio.gather(*(ways[place % 2](reader, port, whole) for place, reader in enumerate(readers)), return_exceptions=True)

    with contextlib.suppress(TimeoutError):
        asyncio.run(all_of_them())
    lost = sum(reader.lost + whole - reader.expected for reader in readers)
    answers.put((late.tobytes(), lost, sum(reader.repeated for reader in readers)))


def silent(port: int, place: int) -> socket.socket:
    """A client that asks for the stream, every other one over a WebSocket, and never reads."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.connect(("127.0.0.1", port))
    one.sendall(_asked(port, "/v1/ws", UPGRADE) if place % 2 else _asked(port, "/v1/events/stream"))
    return one


def _asked(port: int, path: str, more: str = "") -> bytes:
    return f"GET {path}?snapshot=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n".encode()
