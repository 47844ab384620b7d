"""`/v1/datasets`: sessions and sources that the lake knows, published or not, and in which condition the data of each is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from smartmoney_pipeline.api.catalog import TAPE, Catalog, SessionKey, imported
from smartmoney_pipeline.api.context import context_of
from smartmoney_pipeline.api.models import Body, Quality
from smartmoney_pipeline.api.parameters import DATASET_FORM, SessionsQuery
from smartmoney_pipeline.api.problems import ProblemError, not_found, responses
from smartmoney_pipeline.api.sessions import quality_of
from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.sessions import is_session, sessions_between
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.manifest import published_sessions

router = APIRouter(prefix="/v1", tags=["datasets"])
CURSOR = "datasets"

Fault = Literal["damaged", "no_prints", "quotes_missing", "quotes_stale", "quotes_crossed", "underlying_missing"]
MOST: dict[Fault, float] = {"quotes_missing": 0.05, "quotes_stale": 0.20, "quotes_crossed": 0.01, "underlying_missing": 0.05}
"""Shares of prints above which a session is degraded (SEED: judgement; no source sets such limits)."""

DatasetId = Annotated[str, Path(pattern=DATASET_FORM, description="session and source, as X-Dataset-Id has them: 2026-03-18|demo-7")]


class DatasetOut(Body):
    """One session and source. `pending`: its tape is in the lake or its run under way; `missing`: it lies between sessions that are not."""

    dataset_id: str
    session: date
    source: str
    state: Literal["published", "pending", "missing"]


class Datasets(Body):
    """What the lake knows, newest first."""

    data: list[DatasetOut]
    next_cursor: str | None


class Condition(Body):
    """In which condition the data of a session is."""

    dataset_id: str
    session: date
    source: str
    condition: Literal["available", "degraded", "pending", "missing"]
    faults: list[Fault] = Field(description="why it is degraded")
    shares: dict[str, float] = Field(description="shares of prints by fault; empty where nothing is published")
    limits: dict[str, float] = Field(description="shares above which a session is degraded")


@router.get("/datasets", responses=responses())
async def datasets(request: Request, query: Annotated[SessionsQuery, Query()]) -> Datasets:
    """Return sessions and sources that are published, wait to be, or are missing between others of the real tape; newest first."""
    context, running = context_of(request), request.app.state.runs.waiting()

    def answer() -> Datasets:
        known = known_datasets(context.catalog, running)
        keys = [key for key in sorted(known, reverse=True) if query.source in {None, key.source}]
        if query.cursor is not None:
            last = tuple(context.cursors.read(CURSOR, query.cursor))
            keys = [key for key in keys if (key.session.isoformat(), key.source) < last]
        shown = keys[: query.limit]
        more = len(keys) > len(shown)
        following = context.cursors.make(CURSOR, shown[-1].session.isoformat(), shown[-1].source) if more else None
        return Datasets(data=[_said(key, known[key]) for key in shown], next_cursor=following)

    return await context.timed(answer)


@router.get("/datasets/{dataset_id}/condition", responses=responses(404))
async def condition(request: Request, dataset_id: DatasetId) -> Condition:
    """Return the condition of one session and source, with the shares that it was judged by. A day without a session is no dataset."""
    context, key, running = context_of(request), key_of(dataset_id), request.app.state.runs.waiting()
    return await context.timed(condition_of, context.catalog, key, running)


def key_of(dataset_id: str) -> SessionKey:
    """Return the session and source of a dataset id. Raises `ProblemError` 404 for a day on which the exchange is closed."""
    text, _, source = dataset_id.partition("|")
    try:
        session = date.fromisoformat(text)
        if is_session(session):
            return SessionKey(session, source)
    except (ValueError, CalendarError):
        pass
    raise not_found("that day is no exchange session")


def known_datasets(catalog: Catalog, running: set[SessionKey]) -> dict[SessionKey, Any]:
    """Return the state of each dataset."""
    published = {SessionKey(session, source) for session, source in published_sessions(catalog.lake)}
    pending = (imported(catalog.lake) | running) - published
    real = sorted(key.session for key in published | pending if key.source == TAPE)
    between = {SessionKey(day, TAPE) for day in sessions_between(real[0], real[-1])} if real else set()
    states = dict.fromkeys(between, "missing") | dict.fromkeys(pending, "pending")
    return states | dict.fromkeys(published, "published")


def condition_of(catalog: Catalog, key: SessionKey, running: set[SessionKey]) -> Condition:
    """Return the condition of a dataset."""
    said = {"dataset_id": key.dataset_id, "session": key.session, "source": key.source, "limits": MOST}
    if key not in set(catalog.keys()):
        waits = key in running or key in imported(catalog.lake)
        return Condition(**said, condition="pending" if waits else "missing", faults=[], shares={})
    try:
        found = quality_of(catalog.view(key))
    except (ProblemError, StoreError):
        return Condition(**said, condition="degraded", faults=["damaged"], shares={})
    shares = shares_of(found)
    faults = [name for name, most in MOST.items() if shares.get(name, 0.0) > most] if shares else ["no_prints"]
    return Condition(**said, condition="degraded" if faults else "available", faults=faults, shares=shares)


def shares_of(found: Quality) -> dict[str, float]:
    """Return the share of prints that each fault may have, nothing for a session without prints."""
    counts: dict[Fault, int] = {
        "quotes_missing": found.quote_missing,
        "quotes_stale": found.quote_stale,
        "quotes_crossed": found.quote_crossed,
        "underlying_missing": found.underlying_missing,
    }
    return {name: count / found.prints for name, count in counts.items()} if found.prints else {}


def _said(key: SessionKey, state: Any) -> DatasetOut:
    return DatasetOut(dataset_id=key.dataset_id, session=key.session, source=key.source, state=state)
