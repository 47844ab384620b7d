"""Errors as problem documents (RFC 9457). A message never holds a path, a key or a trace of the program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class ProblemDetail(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(default="about:blank", description="kind of problem")
    title: str = Field(description="the status in words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what is wrong with this request")
    errors: list[str] = Field(default_factory=list, description="the parameters at fault")


class ProblemError(Exception):
    """Ends a request with a problem document."""

    def __init__(self, status: int, detail: str, errors: list[str] | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors or [], dict(headers or {})

    def response(self) -> Response:
        """Return the answer."""
        return problem(self.status, self.detail, self.errors, self.headers)


def body(status: int, detail: str, errors: list[str] | None = None) -> bytes:
    """Return the document itself."""
    said = ProblemDetail(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or [])
    return json.dumps(said.model_dump()).encode()


def problem(status: int, detail: str, errors: list[str] | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as an answer."""
    return Response(body(status, detail, errors), status, headers, MEDIA_TYPE)


def not_found(what: str) -> ProblemError:
    """Return a problem for something that is not there."""
    return ProblemError(404, what)


_SCHEMA = {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}
_WORDS = {
    400: "a parameter is wrong",
    401: "a key is needed, or the one given is unknown or expired",
    403: "the key lacks the scope, or the page or host is not allowed",
    404: "there is no such thing",
    406: "none of the accepted forms is offered",
    409: "it does not fit what the server holds: a cursor or key of something else, or nothing to change",
    413: "the body is too large",
    414: "the query is too long",
    415: "the body does not say that it is JSON: Content-Type: application/json",
    429: "too many requests; Retry-After says when to come back",
    503: "the answer took too long, or the published files are being replaced",
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how these problems look, for the description of a route; those that every route can give are added."""
    always = (400, 401, 403, 414, 429, 503)
    return {code: {"description": _WORDS[code], "content": {MEDIA_TYPE: _SCHEMA}} for code in sorted({*statuses, *always})}
