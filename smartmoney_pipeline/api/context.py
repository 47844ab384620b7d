"""What every route works with, and how long it may take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from smartmoney_pipeline.api.catalog import Catalog, SessionKey
from smartmoney_pipeline.api.cursors import Cursors
from smartmoney_pipeline.api.limits import Held
from smartmoney_pipeline.api.problems import ProblemError
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.api.settings import Settings
from smartmoney_pipeline.store.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """The parts of one server."""

    settings: Settings
    catalog: Catalog
    cursors: Cursors
    held: Held

    async def timed(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a thread. Raises `ProblemError` 503 where it takes too long, or files are damaged or being replaced."""
        try:
            return await asyncio.wait_for(run_in_threadpool(work, *args, **kwargs), self.settings.limits.query_seconds)
        except TimeoutError as error:
            raise ProblemError(503, "the answer took too long; ask for less", headers={"retry-after": "5"}) from error
        except StoreError as error:
            raise ProblemError(503, "published files cannot be read now", headers={"retry-after": "5"}) from error


def context_of(connection: HTTPConnection) -> Context:
    """Return the context of the server that a request or WebSocket came to."""
    return cast(Context, connection.app.state.context)


def client_of(connection: HTTPConnection) -> str:
    """Return the name of the client that the guard found: a key or an address."""
    return str(connection.scope.get("client_name", "unknown"))


def session_headers(view: SessionView) -> dict[str, str]:
    """Return headers that say what an answer was made from."""
    versions = view.manifest.versions
    return {
        "etag": f'W/"{view.snapshot}"',
        "cache-control": "no-cache",
        "vary": "Accept",
        "x-dataset-id": SessionKey(view.session, view.source).dataset_id,
        "x-model-version": versions.get("calibration", "unknown"),
        "x-rule-version": versions.get("ruleset", "unknown"),
    }
