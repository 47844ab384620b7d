"""`/v1/sessions`, `/v1/quality`, `/v1/status`, `/health` and `/ready`: what is published and how good its data is."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Query, Request, Response

from smartmoney_pipeline import __version__
from smartmoney_pipeline.api.catalog import Catalog
from smartmoney_pipeline.api.context import context_of, session_headers
from smartmoney_pipeline.api.lacking import missing
from smartmoney_pipeline.api.live_feed import FAILED
from smartmoney_pipeline.api.models import Healthy, OfSession, Quality, Ready, SessionOut, Sessions, Status
from smartmoney_pipeline.api.parameters import SessionQuery, SessionsQuery
from smartmoney_pipeline.api.problems import ProblemError, responses
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.engine.data_quality import EventCounts
from smartmoney_pipeline.engine.score_day import versions
from smartmoney_pipeline.store.manifest import EVENTS_TABLE

router = APIRouter(tags=["sessions"])
CURSOR = "sessions"
QUALITY_EVENTS = ("member_print_ids", "abstained", "event_kind", "assembly", "quality_flags", "primary_profile_id", "abstention_reasons")
QUALITY_PRINTS = (
    "bid",
    "ask",
    "quote_age_ms",
    "is_locked",
    "is_crossed",
    "is_one_sided",
    "is_stale",
    "p_buy",
    "underlying_bid",
    "underlying_ask",
)


@router.get("/health", responses=responses())
async def health() -> Healthy:
    """Say that the server runs."""
    return Healthy(status="ok")


@router.get("/ready", responses=responses(503))
async def ready(request: Request) -> Ready:
    """Say whether the server can answer: 503 where the lake cannot be read, its newest session is damaged, or the live feed failed.

    One without anything to show says so, and how that is made.
    """
    context = context_of(request)
    keys = await context.timed(context.catalog.keys)
    if keys:
        await context.timed(context.catalog.view, keys[-1])
    live = request.app.state.live
    if live is not None and live.state()["state"] == FAILED:
        raise ProblemError(503, "the live feed failed; the log of the server says why")
    lacks = await context.timed(missing, context.catalog.lake)
    return Ready(status="empty" if lacks is not None and live is None else "ready", missing=lacks)


@router.get("/v1/status", responses=responses())
async def status(request: Request) -> Status:
    """Return what is shown: versions, how many sessions, the newest, the live feed."""
    context = context_of(request)
    keys = await context.timed(context.catalog.keys)
    newest = await context.timed(context.catalog.view, keys[-1]) if keys else None
    live = getattr(request.app.state, "live", None)
    made_with = versions()
    return Status(
        version=__version__,
        ruleset_version=made_with["ruleset"],
        calibration_version=made_with["calibration"],
        sessions=len(keys),
        newest=None if newest is None else OfSession(session=newest.session, source=newest.source, snapshot=newest.snapshot),
        live=None if live is None else live.state(),
        missing=await context.timed(missing, context.catalog.lake),
    )


@router.get("/v1/sessions", responses=responses())
async def sessions(request: Request, query: Annotated[SessionsQuery, Query()]) -> Sessions:
    """Return the published sessions, newest first."""
    context = context_of(request)

    def answer() -> Sessions:
        keys = [key for key in reversed(context.catalog.keys()) if query.source in {None, key.source}]
        if query.cursor is not None:
            last = tuple(context.cursors.read(CURSOR, query.cursor))
            places = [place for place, key in enumerate(keys) if (key.session.isoformat(), key.source) == last]
            keys = keys[places[0] + 1 :] if places else []
        shown = keys[: query.limit]
        more = len(keys) > len(shown)
        following = context.cursors.make(CURSOR, shown[-1].session.isoformat(), shown[-1].source) if more else None
        return Sessions(data=[_session(context.catalog, key) for key in shown], next_cursor=following)

    return await context.timed(answer)


@router.get("/v1/quality", response_model=Quality, responses=responses(404))
async def quality(request: Request, query: Annotated[SessionQuery, Query()]) -> Response:
    """Return counts over the prints, quotes and events of one session."""
    context = context_of(request)
    view = await context.timed(context.catalog.chosen, query.session, query.source)
    found = await context.timed(quality_of, view)
    return Response(found.model_dump_json(), headers=session_headers(view), media_type="application/json")


def quality_of(view: SessionView) -> Quality:
    """Return the counts of a session, worked out once for each publication."""
    kept: dict[str, Any] = view.__dict__.setdefault("_quality", {})
    if "counts" not in kept:
        kept["counts"] = _counted(view)
    found: Quality = kept["counts"]
    return found


def _session(catalog: Catalog, key: Any) -> SessionOut:
    try:
        view = catalog.view(key)
    except ProblemError:
        return SessionOut(session=key.session, source=key.source, snapshot="", run_hash=None, condition="damaged", rows={}, versions={})
    manifest = view.manifest
    return SessionOut(
        session=view.session,
        source=view.source,
        snapshot=view.snapshot,
        run_hash=manifest.run_hash,
        condition="available",
        rows={name: table.rows for name, table in sorted(manifest.tables.items())},
        versions=dict(manifest.versions),
    )


def _counted(view: SessionView) -> Quality:
    counts = EventCounts()
    counts.add(view.table(EVENTS_TABLE).columns(QUALITY_EVENTS))
    report = counts.report()
    prints = view.table("quoted_prints").columns(QUALITY_PRINTS)
    ages = prints["quote_age_ms"].drop_null().to_numpy()
    return Quality(
        session=view.session,
        source=view.source,
        snapshot=view.snapshot,
        prints=len(prints),
        quote_missing=_both_null(prints, "bid", "ask"),
        quote_stale=_true(prints["is_stale"]),
        quote_locked=_true(prints["is_locked"]),
        quote_crossed=_true(prints["is_crossed"]),
        quote_one_sided=_true(prints["is_one_sided"]),
        unsigned=prints["p_buy"].null_count,
        underlying_missing=_both_null(prints, "underlying_bid", "underlying_ask"),
        events=report["count"],
        abstained=report["abstained"],
        by_flag=report["by_flag"],
        by_assembly=report["by_assembly"],
        by_kind=report["by_kind"],
        published=report["published"],
        abstention_reasons=report["abstention_reasons"],
        median_quote_age_ms=float(np.median(ages)) if len(ages) else None,
        tables={name: table.rows for name, table in sorted(view.manifest.tables.items())},
    )


def _true(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column).as_py() or 0)


def _both_null(table: pa.Table, one: str, other: str) -> int:
    return _true(pc.and_(table[one].is_null(), table[other].is_null()))
