"""Connections that are ended once their client stalls: a request that is never whole, an answer or a stream that is never read.

The server of `uvicorn` waits for both without end. An answer that nobody reads would stay in memory for as long as its client likes.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_BYTES = 128 * 1024
"""A request whose head is longer ends its connection; the guard refuses shorter ones with words."""

_AT_ONCE = struct.pack("ii", 1, 0)


class WatchedConnection(AutoHTTPProtocol):  # type: ignore[valid-type, misc]
    """One connection, looked at every `seconds`: it ends where nothing was read of what waits, or a request stayed half sent.

    A WebSocket takes the connection over, and is looked at like any answer.
    """

    seconds = 10.0

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to look."""
        super().connection_made(transport)
        self._head_bytes, self._waiting_bytes, self._was_half = 0, 0, False
        self.loop.call_later(self.seconds, self._look)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, up to the longest head."""
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._awaits_head() else 0
        if self._head_bytes > HEAD_BYTES:
            end(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget requests that were sent ahead: nobody is there for their answers."""
        getattr(self, "pipeline", []).clear()
        super().connection_lost(exc)

    def _awaits_head(self) -> bool:
        """Whether no request is being answered and none has come whole."""
        mine = self.transport.get_protocol() is self and not self.transport.is_closing()
        return mine and (self.cycle is None or self.cycle.response_complete)

    def _look(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        if self.transport.is_closing() and not waiting:
            return
        unread = waiting > 0 and waiting == self._waiting_bytes
        half = self._awaits_head() and (self.cycle is None or self._head_bytes > 0)
        if unread or (half and self._was_half):
            end(self.transport)
            return
        self._waiting_bytes, self._was_half = waiting, half
        self.loop.call_later(self.seconds, self._look)


def end(transport: asyncio.Transport) -> None:
    """End a connection at once; what waits in it is dropped, in the kernel too."""
    found: Any = transport.get_extra_info("socket")
    if found is not None and found.fileno() >= 0:
        with socket.socket(fileno=os.dup(found.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()
