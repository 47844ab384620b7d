"""Puts the server together: context, routes, errors, door."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from smartmoney_pipeline import __version__
from smartmoney_pipeline.api import (
    alert_routes,
    datasets,
    details,
    events,
    exports,
    legacy,
    legacy_query,
    legacy_ws,
    live_events,
    reference,
    replay_desk,
    replaying,
    runs,
    sessions,
    streams,
    terminal_files,
)
from smartmoney_pipeline.api.alert_runner import AlertRunner
from smartmoney_pipeline.api.catalog import Catalog
from smartmoney_pipeline.api.context import Context
from smartmoney_pipeline.api.cursors import Cursors
from smartmoney_pipeline.api.description import describe
from smartmoney_pipeline.api.faults import in_words
from smartmoney_pipeline.api.guard import Guard
from smartmoney_pipeline.api.head import methods_at
from smartmoney_pipeline.api.keys import KeyRing
from smartmoney_pipeline.api.legacy_channels import LegacyChannels
from smartmoney_pipeline.api.legacy_prints import LegacyPrints
from smartmoney_pipeline.api.legacy_store import LegacyStore
from smartmoney_pipeline.api.limits import Held, RateLimiter
from smartmoney_pipeline.api.live_feed import LiveFeed
from smartmoney_pipeline.api.problems import ProblemError, problem
from smartmoney_pipeline.api.settings import Settings
from smartmoney_pipeline.api.warming import warm

LOG = logging.getLogger(__name__)
SECRET_BYTES = 32
LOGGED_CHARS = 200


def create_app(settings: Settings, live: LiveFeed | None = None, alerts: AlertRunner | None = None) -> FastAPI:
    """Return the server over a lake; `live` begins to play when the server starts, and `alerts` read what it says."""
    if not settings.secret:
        settings = replace(settings, secret=secrets.token_bytes(SECRET_BYTES))
    app = FastAPI(docs_url=None, redoc_url=None, lifespan=_lifespan, title="smartmoney_pipeline", version=__version__)
    catalog = Catalog(settings.lake)
    app.state.context = Context(settings, catalog, Cursors(settings.secret), Held())
    app.state.live = live
    app.state.alerts = alerts
    app.state.channels = LegacyChannels() if live is None else live.channels
    app.state.legacy = LegacyStore(catalog, settings.source)
    app.state.legacy_prints = LegacyPrints(app.state.legacy)
    app.state.runs = runs.RunDesk(settings.lake)
    app.state.replays = replay_desk.ReplayDesk()
    for part in (
        sessions,
        datasets,
        streams,
        replaying,
        replay_desk,
        events,
        details,
        live_events,
        exports,
        reference,
        runs,
        alert_routes,
        legacy,
        legacy_ws,
        terminal_files,
    ):
        app.include_router(part.router)
    _handle_errors(app)
    app.openapi = lambda: describe(app, __version__)  # type: ignore[method-assign]
    app.add_middleware(Guard, settings=settings, keys=KeyRing(settings.lake), rates=RateLimiter(settings.clock.seconds))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    live: LiveFeed | None = app.state.live
    alerts: AlertRunner | None = app.state.alerts
    if live is not None and alerts is not None:
        alerts.start(live.hub)
    if live is not None:
        live.start(asyncio.get_running_loop())
    context: Context = app.state.context
    warming = asyncio.create_task(asyncio.to_thread(warm, context.catalog)) if context.settings.warm else None
    yield
    if warming is not None:
        await warming
    if live is not None:
        await live.close()
    if live is not None and alerts is not None:
        await alerts.close()
    await app.state.runs.close()


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(ProblemError)
    async def known(_request: Request, error: ProblemError) -> Response:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = in_words(error.errors())
        if legacy_query.is_legacy(request.url.path):
            return legacy_query.error_answer(request.url.path, faults)
        if any(one["type"] == "json_invalid" for one in error.errors()):
            return problem(400, "the body is not JSON", faults)
        return problem(400, "parameters are wrong", faults)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if legacy_query.is_legacy(request.url.path) and error.status_code in {404, 405}:
            return legacy_query.not_found_answer()
        headers = {"Allow": ", ".join(methods_at(app, request))} if error.status_code == 405 else error.headers
        return problem(error.status_code, str(error.detail), headers=headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        LOG.error("%s %r failed", request.method, request.url.path[:LOGGED_CHARS], exc_info=error)
        return problem(500, "something went wrong; the log of the server says what")
