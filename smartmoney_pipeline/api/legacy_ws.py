"""The frozen WebSockets of the earlier surface: one a channel, and `/ws/live` with subscriptions."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from smartmoney_pipeline.api.context import Context, client_of, context_of
from smartmoney_pipeline.api.delivery import ended
from smartmoney_pipeline.api.hub import Hub, StreamFilter
from smartmoney_pipeline.api.legacy import NULLABLE_PRINT
from smartmoney_pipeline.api.legacy_channels import CHANNELS, LegacyChannels
from smartmoney_pipeline.api.legacy_prints import PrintFilter
from smartmoney_pipeline.api.legacy_store import ABSENT, EMPTY, MAX_PLACE, Place
from smartmoney_pipeline.api.legacy_subscriptions import own_place, page_texts, passes, place_text, print_filter
from smartmoney_pipeline.api.problems import ProblemError
from smartmoney_pipeline.api.streams import hold_socket, refuse_socket

router = APIRouter()
SOCKETS = {
    "options": ("options", "option-print"),
    "options-nbbo": ("nbbo", "option-nbbo"),
    "equities": ("equities", "equity-print"),
    "equity-quotes": ("equity-quotes", "equity-quote"),
    "equity-joins": ("equity-joins", "equity-join"),
    "flow": ("flow", "flow-packet"),
    "smart-money": ("smart-money", "smart-money"),
    "classifier-hits": ("classifier-hits", "classifier-hit"),
    "alerts": ("alerts", "alert"),
}
"""Path to its channel and the type of its messages."""

SNAPSHOT = 1_000
MAX_SUBSCRIPTIONS = 32
MAX_TEXT = 64 * 1024
BATCH = 256


@router.websocket("/ws/live")
async def live(websocket: WebSocket) -> None:
    """Subscribe to channels: a snapshot of each, then what is new."""
    context = context_of(websocket)
    try:
        held = hold_socket(context, client_of(websocket))
    except ProblemError as error:
        await refuse_socket(websocket, error)
        return
    with held:
        await websocket.accept()
        desk = _Desk(websocket, context)
        try:
            await desk.serve()
        finally:
            await desk.close()


@router.websocket("/ws/{path}")
async def channel_socket(websocket: WebSocket, path: str) -> None:
    """Push every new record of one channel."""
    context = context_of(websocket)
    try:
        if path not in SOCKETS:
            raise ProblemError(404, "there is no such channel")
        held = hold_socket(context, client_of(websocket))
    except ProblemError as error:
        await refuse_socket(websocket, error)
        return
    channel, kind = SOCKETS[path]
    with held, _channels(websocket).open(channel) as hub:
        await websocket.accept()
        listening = asyncio.create_task(_ignore(websocket))
        sending = asyncio.create_task(_push(websocket, context, hub, kind))
        await asyncio.wait({listening, sending}, return_when=asyncio.FIRST_COMPLETED)
        await ended(listening, sending)
        await _closed(websocket)


async def _push(websocket: WebSocket, context: Context, hub: Hub, kind: str) -> None:
    async for body in _bodies(hub):
        async with asyncio.timeout(context.settings.limits.send_seconds):
            await websocket.send_text(f'{{"type":"{kind}","payload":{body.decode()}}}')


async def _bodies(hub: Hub) -> AsyncIterator[bytes]:
    """Records said from now on; one that fell behind the ring ends, for this surface has no word for a gap."""
    number = hub.last
    while True:
        await hub.wait(number, 60.0)
        if number + 1 < hub.first:
            return
        for one in hub.after(number, BATCH):
            number = one.number
            if one.message.kind == "event":
                yield one.message.body


class _Desk:
    """One client of `/ws/live` and its subscriptions."""

    def __init__(self, websocket: WebSocket, context: Context) -> None:
        self._socket, self._context = websocket, context
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Answer the client until it goes."""
        beating = asyncio.create_task(self._beat())
        try:
            await self._send({"op": "ready"})
            while True:
                await self._obey(await self._socket.receive_text())
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            return
        finally:
            await ended(beating)

    async def close(self) -> None:
        """End every subscription."""
        await ended(*self._tasks.values())
        await _closed(self._socket)

    async def _obey(self, text: str) -> None:
        try:
            asked = json.loads(text[:MAX_TEXT])
            op = asked["op"]
            if op == "ping":
                await self._heartbeat()
                return
            subscriptions = asked["subscriptions"]
            if op not in {"subscribe", "unsubscribe"} or not isinstance(subscriptions, list) or not subscriptions:
                raise ValueError(op)
            for subscription in subscriptions[:MAX_SUBSCRIPTIONS]:
                await (self._subscribe(subscription) if op == "subscribe" else self._unsubscribe(subscription))
        except (ValueError, KeyError, TypeError, RecursionError):
            await self._send({"op": "error", "message": "invalid message"})

    async def _subscribe(self, subscription: Mapping[str, Any]) -> None:
        name, channel = json.dumps(subscription, sort_keys=True), subscription["channel"]
        if channel not in CHANNELS:
            await self._send({"op": "error", "message": "this channel is not offered"})
            return
        if name in self._tasks or len(self._tasks) >= MAX_SUBSCRIPTIONS:
            return
        wanted = print_filter(subscription)
        said = json.dumps(subscription, separators=(",", ":"))
        number = _channels(self._socket).hubs[channel].last
        items, watermark, following = await self._snapshot(channel, wanted)
        body = f'"subscription":{said},"items":[{",".join(items)}]'
        body += f',"watermark":{place_text(watermark)},"next_before":{place_text(following)}'
        await self._text(f'{{"op":"snapshot","snapshot":{{{body}}}}}')
        self._tasks[name] = asyncio.create_task(self._follow(channel, said, wanted, number))

    async def _unsubscribe(self, subscription: Mapping[str, Any]) -> None:
        task = self._tasks.pop(json.dumps(subscription, sort_keys=True), None)
        if task is not None:
            await ended(task)

    async def _snapshot(self, channel: str, wanted: PrintFilter) -> tuple[list[str], Place | None, Place | None]:
        """Newest records first: of the live feed where it has some, else of what is published."""
        standing = _channels(self._socket).hubs[channel].standing(StreamFilter(), SNAPSHOT)
        if standing and channel != "options":
            texts = [message.body.decode() for message in reversed(standing)]
            return texts, own_place(texts[0]), own_place(texts[-1])
        if channel in EMPTY:
            return [], None, None
        state, everything = self._socket.app.state, Place(MAX_PLACE, MAX_PLACE)
        if channel == "options":
            page = await self._context.timed(state.legacy_prints.before, wanted, everything, SNAPSHOT)
            return page_texts(page, NULLABLE_PRINT, "ts")
        return page_texts(await self._context.timed(state.legacy.before, channel, everything, SNAPSHOT), ABSENT[channel], "source_ts")

    async def _follow(self, channel: str, said: str, wanted: PrintFilter, number: int) -> None:
        with _channels(self._socket).open(channel) as hub:
            while True:
                await hub.wait(number, 60.0)
                for one in hub.after(number, BATCH):
                    number = one.number
                    text = one.message.body.decode()
                    if one.message.kind == "event" and (channel != "options" or passes(text, wanted)):
                        await self._text(f'{{"op":"event","subscription":{said},"item":{text},"watermark":{place_text(own_place(text))}}}')

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._context.settings.limits.heartbeat_seconds)
            await self._heartbeat()

    async def _heartbeat(self) -> None:
        await self._send({"op": "heartbeat", "ts": self._context.settings.clock.wall_ms()})

    async def _send(self, said: Mapping[str, Any]) -> None:
        await self._text(json.dumps(said, separators=(",", ":")))

    async def _text(self, text: str) -> None:
        async with self._sending, asyncio.timeout(self._context.settings.limits.send_seconds):
            await self._socket.send_text(text)


def _channels(websocket: WebSocket) -> LegacyChannels:
    channels: LegacyChannels = websocket.app.state.channels
    return channels


async def _ignore(websocket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await websocket.receive_text()


async def _closed(websocket: WebSocket) -> None:
    with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(1.0):
            await websocket.close()
