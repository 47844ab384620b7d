"""The door of the server, before every route and every WebSocket: host, origin, key, scope, rate, size. Adds the security headers."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smartmoney_pipeline.api import problems
from smartmoney_pipeline.api.head import answer_head
from smartmoney_pipeline.api.keys import KeyRing, StoredKey
from smartmoney_pipeline.api.keys import Scope as KeyScope
from smartmoney_pipeline.api.limits import RateLimiter
from smartmoney_pipeline.api.problems import ProblemError
from smartmoney_pipeline.api.settings import Limits, Settings
from smartmoney_pipeline.store.errors import StoreError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = frozenset({"/health", "/ready"})
"""Answers that say nothing but that the server runs and can answer: no key is needed."""

UNCOUNTED_PATHS = frozenset({"/health"})
"""Answers that read nothing, and so are under no limit."""

ADMIN_PATHS = frozenset({"/v1/alert-routes", "/v1/alert-routes/test"})
"""What an administrator's key alone may see and change, on this machine too."""

REPLAYS = "/v1/replays/"
"""Who moves a replay that is there asks often, as a bar is dragged, and costs little."""

BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
JSON = "application/json"

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
POLICY_VIOLATION = 1008


class Guard:
    """Lets a request through or answers with a problem. What it found out stands in the scope: `client` and `key`."""

    def __init__(self, app: ASGIApp, settings: Settings, keys: KeyRing, rates: RateLimiter) -> None:
        self._app, self._settings, self._keys, self._rates = app, settings, keys, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        extra: dict[str, str] = {}
        try:
            self._admit(scope, extra)
        except ProblemError as refused:
            await _refuse(scope, receive, send, refused)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        limited = _Limited(receive, _with_headers(send, extra), self._settings.limits.body_bytes)
        if scope["method"] == "HEAD":
            await answer_head(self._app, scope, limited.receive, limited.send)
            return
        await self._app(scope, limited.receive, limited.send)

    def _admit(self, scope: Scope, extra: dict[str, str]) -> None:
        """Raise `ProblemError` unless the request may go on."""
        headers, limits = _headers(scope), self._settings.limits
        _check_host(headers, self._settings.hosts)
        _check_origin(headers, scope, self._settings.hosts)
        if len(scope.get("query_string", b"")) > limits.query_bytes:
            raise ProblemError(414, f"a query of more than {limits.query_bytes} bytes is not read")
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > limits.body_bytes:
            raise ProblemError(413, f"a body of more than {limits.body_bytes} bytes is not read")
        changes = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        key = self._key(headers)
        self._authorise(scope, key, changes)
        if changes:
            _check_body_kind(scope, headers)
        client = key.key_id if key else _address(scope)
        if scope["path"] not in UNCOUNTED_PATHS:
            taken = self._rates.take(client, *_limit(limits, scope, key is not None, changes))
            extra |= {"ratelimit-limit": str(taken.limit), "ratelimit-remaining": str(taken.left)}
            if not taken.allowed:
                raise ProblemError(429, "too many requests", headers={**extra, "retry-after": str(taken.retry_seconds)})
        scope["client_name"], scope["key"] = client, key

    def _key(self, headers: MutableMapping[str, str]) -> StoredKey | None:
        given = headers.get("authorization")
        if given is None:
            return None
        kind, _, text = given.partition(" ")
        try:
            found = self._keys.check(text.strip(), self._settings.clock.wall_ms()) if kind.lower() == "bearer" else None
        except StoreError as error:
            raise ProblemError(503, "the keys cannot be read") from error
        if found is None:
            raise ProblemError(401, "the key is unknown or has expired", headers={"www-authenticate": "Bearer"})
        return found

    def _authorise(self, scope: Scope, key: StoredKey | None, changes: bool) -> None:
        if scope["path"] in OPEN_PATHS and not changes:
            return
        guarded = scope["path"] in ADMIN_PATHS
        wanted = KeyScope.ADMIN if guarded else KeyScope.RUN if changes else KeyScope.READ
        if key is None and (changes or guarded or not self._settings.open_reading):
            raise ProblemError(401, "a key is needed: Authorization: Bearer KEY", headers={"www-authenticate": "Bearer"})
        if key is not None and not key.scope.allows(wanted):
            raise ProblemError(403, f"the key has the scope {key.scope}, {wanted} is needed")


class _Limited:
    """Counts the bytes of a body that comes without a length; once it is too large the rest is not read, and the answer says so."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self._most, self._seen = receive, send, most, 0
        self._told = False

    async def receive(self) -> Message:
        """Hand on the next message; a body that is too large ends where it is."""
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        return {"type": "http.request", "body": b"", "more_body": False} if self._seen > self._most else message

    async def send(self, message: Message) -> None:
        """Send an answer, whatever the route says of half a body."""
        if self._seen <= self._most:
            await self._send(message)
        elif not self._told:
            self._told = True
            content = problems.body(413, f"a body of more than {self._most} bytes is not read")
            await self._send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", problems.MEDIA_TYPE.encode())]})
            await self._send({"type": "http.response.body", "body": content})


def _limit(limits: Limits, scope: Scope, keyed: bool, changes: bool) -> tuple[str, int]:
    """What a request is counted as, and how many of those a client has a minute."""
    if scope.get("method") == "PATCH" and scope["path"].startswith(REPLAYS):
        return "replay", limits.replay_moves_a_minute
    if changes:
        return "run", limits.runs_a_minute
    return "read", limits.reads_a_minute if keyed else limits.open_reads_a_minute


def _check_body_kind(scope: Scope, headers: MutableMapping[str, str]) -> None:
    """A body that does not say that it is JSON is not read, though it may be; the refusal names the header that is missing."""
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if scope["method"] in BODY_METHODS and kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise ProblemError(415, f"send the body as JSON, with the header Content-Type: {JSON}", ["Content-Type"])


def _check_host(headers: MutableMapping[str, str], hosts: Iterable[str]) -> None:
    """A foreign name in the Host header is a page that had its own name point here."""
    if host_name(headers.get("host", "")) not in set(hosts):
        raise ProblemError(403, "this server does not answer to that host name")


def _check_origin(headers: MutableMapping[str, str], scope: Scope, hosts: Iterable[str]) -> None:
    """A browser names the page that asks; only pages of this server may open sockets or change anything."""
    origin = headers.get("origin")
    careful = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
    if origin is None or not careful:
        return
    try:
        page = urlsplit(origin)
        same = page.scheme in {"http", "https"} and page.netloc.lower() == headers["host"].lower() and page.hostname in set(hosts)
    except ValueError:
        same = False
    if not same:
        raise ProblemError(403, "pages of other origins may not do this")


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def _with_headers(send: Send, extra: dict[str, str]) -> Send:
    added = [(name.encode(), value.encode()) for name, value in (HEADERS | extra).items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, refused: ProblemError) -> None:
    """Answer with the problem; a WebSocket is not opened."""
    if scope["type"] == "http":
        await refused.response()(scope, receive, _with_headers(send, {}))
        return
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        answer: dict[str, Any] = {"type": "websocket.http.response.start", "status": refused.status, "headers": [
            (b"content-type", problems.MEDIA_TYPE.encode())]}  # fmt: skip
        await send(answer)
        await send({"type": "websocket.http.response.body", "body": problems.body(refused.status, refused.detail)})
        return
    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
