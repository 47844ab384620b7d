"""HEAD on every route that answers GET: the same answer without its body, which ends where it begins."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


async def answer_head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a HEAD request by what the app says to GET. A stream is ended once its head is sent."""
    began = False

    async def sending(message: Message) -> None:
        nonlocal began
        if message["type"] == "http.response.start":
            began = True
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif message.get("more_body"):
            raise OSError("nobody reads the body of an answer to HEAD")

    try:
        await app({**scope, "method": "GET"}, receive, sending)
    except (ClientDisconnect, OSError):
        if not began:
            raise


def methods_at(app: FastAPI, request: Request) -> list[str]:
    """Return the methods that some route answers at the path of a request, HEAD where GET is one; the framework names one route alone."""
    asked = ({**request.scope, "method": method} for method in METHODS)
    found = {scope["method"] for scope in asked if any(route.matches(dict(scope))[0] == Match.FULL for route in app.routes)}
    return sorted(found | {"HEAD"} if "GET" in found else found)
