"""`/v1/events/{id}/evidence` and `/explain`: what an event rests on, and how its scores add up."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Path, Query, Request, Response

from smartmoney_pipeline.api.context import context_of, session_headers
from smartmoney_pipeline.api.models import Contribution, Evidence, Explained, OfSession
from smartmoney_pipeline.api.parameters import EVENT_FIELDS, EventId, SessionQuery
from smartmoney_pipeline.api.problems import responses
from smartmoney_pipeline.api.session_view import SessionView
from smartmoney_pipeline.engine.explained import differs, explanation_of
from smartmoney_pipeline.profiles.explain import Explanation
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.schemas.sentences import ABSTENTION

router = APIRouter(prefix="/v1", tags=["events"])
MAX_PRINTS = 2_000
"""Prints of one event in one answer; a herd may hold more."""


@router.get("/events/{event_id}/evidence", response_model=Evidence, responses=responses(404))
async def evidence(request: Request, event_id: Annotated[EventId, Path()], query: Annotated[SessionQuery, Query()]) -> Response:
    """Return the member prints against the market before each, the legs, the links and the corrections of one event."""
    context = context_of(request)

    def answer() -> tuple[str, SessionView]:
        view, row = context.catalog.having(event_id, query.session, query.source)
        return evidence_of(view, row).model_dump_json(), view

    content, view = await context.timed(answer)
    return Response(content, headers=session_headers(view), media_type="application/json")


@router.get("/events/{event_id}/explain", response_model=Explained, responses=responses(404))
async def explain(request: Request, event_id: Annotated[EventId, Path()], query: Annotated[SessionQuery, Query()]) -> Response:
    """Return the contributions of one event, the runner-up, what speaks against, and what would change the answer."""
    context = context_of(request)

    def answer() -> tuple[str, SessionView]:
        view, row = context.catalog.having(event_id, query.session, query.source)
        return explained(view, event_at(view, row)).model_dump_json(), view

    content, view = await context.timed(answer)
    return Response(content, headers=session_headers(view), media_type="application/json")


def event_at(view: SessionView, row: int) -> SmartMoneyEvent:
    """Return the event at a row."""
    return SmartMoneyEvent.from_row(view.events(np.array([row]), EVENT_FIELDS).to_pylist()[0])


def evidence_of(view: SessionView, row: int) -> Evidence:
    """Return what the event at a row rests on, from the published tables."""
    event = view.events(np.array([row]), ["event_id", "quality_flags"]).to_pylist()[0]
    name = event["event_id"]
    members = view.of_event("parent_event_members", name)
    prints = _prints(view, members)
    return Evidence(
        session=view.session,
        source=view.source,
        snapshot=view.snapshot,
        event_id=name,
        quality_flags=event["quality_flags"],
        prints=prints[:MAX_PRINTS],
        legs=_legs(view, name),
        links=_links(view, name),
        corrections=_corrections(view, name),
        truncated=max(0, len(prints) - MAX_PRINTS),
    )


def _prints(view: SessionView, members: pa.Table) -> list[Any]:
    """Member prints in tape order, with their leg."""
    place = pc.index_in(members["print_id"].combine_chunks(), value_set=view.column("quoted_prints", "print_id").combine_chunks())
    order = np.argsort(place.to_numpy(zero_copy_only=False), kind="stable")
    rows = view.table("quoted_prints").take(place.to_numpy(zero_copy_only=False)[order].astype(np.int64))
    legs = members["leg"].take(pa.array(order)).to_pylist()
    shown = rows.drop_columns(["packet_number"]).to_pylist()
    return [row | {"leg": leg} for row, leg in zip(shown, legs, strict=True)]


def _legs(view: SessionView, name: str) -> list[Any]:
    rows = view.of_event("event_legs", name).to_pylist()
    kept = ("leg", "option_symbol", "contracts", "premium_usd")
    return [{key: row[key] for key in kept} | {"sign": row["leg_sign"], "ratio": row["leg_ratio"]} for row in rows]


def _links(view: SessionView, name: str) -> list[Any]:
    """Events linked to this one, whichever came first."""
    if not view.has("event_links"):
        return []
    links = view.table("event_links").columns(["event_id", "linked_event_id", "kind", "gap_ms"])
    mine = links.filter(pc.or_(pc.equal(links["event_id"], name), pc.equal(links["linked_event_id"], name)))
    other = {"event_id", "linked_event_id"}
    return [
        {"event_id": next((row[key] for key in sorted(other) if row[key] != name), name), "kind": row["kind"], "gap_ms": row["gap_ms"]}
        for row in mine.to_pylist()
    ]


def _corrections(view: SessionView, name: str) -> list[Any]:
    """Withdrawals of this event and of those that it replaced; a session without corrections publishes none."""
    if not view.has("retractions"):
        return []
    rows = view.table("retractions").columns(["event_id", "retracted_at", "reason", "replaced_by"]).to_pylist()
    return [row for row in rows if row["event_id"] == name or name in row["replaced_by"]]


def explained(of: SessionView | OfSession, event: SmartMoneyEvent) -> Explained:
    """Return the explanation of an event as it is answered; `of` is the publication, or what else holds the event."""
    why = explanation_of(event)
    lines = [Contribution.model_validate(line, from_attributes=True) for line in why.lines]
    seen = [line for line in lines if line.observed]
    against = sorted((line for line in seen if line.profile == why.likeliest and line.contribution < 0), key=lambda line: line.contribution)
    for_rival = [line for line in seen if line.profile == why.runner_up and line.contribution > 0]
    return Explained(
        session=of.session,
        source=of.source,
        snapshot=of.snapshot,
        event_id=event.event_id,
        margin=why.probability[why.likeliest] - why.probability[why.runner_up],
        abstention_sentences=[ABSTENTION[reason] for reason in event.abstention_reasons],
        guard_sentences=_guard_sentences(why),
        contributions=seen,
        counter_evidence=against + sorted(for_rival, key=lambda line: -line.contribution),
        not_observed=[line for line in lines if not line.observed],
        warning=differs(event, why),
        **_plain(why),
    )


def _guard_sentences(why: Explanation) -> dict[str, str]:
    because = {guard.code: guard.because for guard in ruleset().guards}
    return {code: because[code] for code in why.guards}


def _plain(why: Explanation) -> dict[str, Any]:
    """What is answered as it stands."""
    same = (
        "likeliest",
        "runner_up",
        "published",
        "direction",
        "probability",
        "log_prior",
        "log_odds",
        "ruleset_version",
        "calibration_version",
    )
    lists = ("abstention_reasons", "guards", "would_change")
    return {name: getattr(why, name) for name in same} | {name: list(getattr(why, name)) for name in lists}
