"""`/v1/live/events/{id}`: what the live feed said last of an event and how its scores add up, and where it is published by now."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from smartmoney_pipeline.api.catalog import Catalog
from smartmoney_pipeline.api.context import context_of
from smartmoney_pipeline.api.details import explained
from smartmoney_pipeline.api.models import Body, Explained, OfSession
from smartmoney_pipeline.api.parameters import EventId
from smartmoney_pipeline.api.problems import ProblemError, responses
from smartmoney_pipeline.api.streams import hub_of
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent

router = APIRouter(prefix="/v1", tags=["streams"])
EXCHANGE = "America/New_York"


class LiveEvent(Body):
    """What is known of an event of the live feed; null for what is not, so that asking early is no fault."""

    event_id: str
    event: SmartMoneyEvent | None = Field(description="as it was said last; null where it was withdrawn or is none of the newest")
    explain: Explained | None = Field(description="how the scores of that add up; its snapshot is the name of the feed")
    published: OfSession | None = Field(description="the publication that holds the event; its evidence can be asked for there")


@router.get("/live/events/{event_id}", responses=responses(404))
async def live_event(request: Request, event_id: Annotated[EventId, Path()]) -> LiveEvent:
    """Return what the live feed said last of an event, its explanation, and where it is published; 404 where no feed runs."""
    context, hub = context_of(request), hub_of(request)
    feed = request.app.state.live.state()
    session = None if feed.get("session") is None else date.fromisoformat(feed["session"])
    message = hub.event(event_id)

    def answer() -> LiveEvent:
        published = published_of(context.catalog, event_id, session)
        if message is None:
            return LiveEvent(event_id=event_id, event=None, explain=None, published=published)
        event = SmartMoneyEvent.model_validate_json(message.body)
        of = OfSession(session=session or event.closed_at.tz_convert(EXCHANGE).date(), source=str(feed["source"]), snapshot=hub.epoch)
        return LiveEvent(event_id=event_id, event=event, explain=explained(of, event), published=published)

    return await context.timed(answer)


def published_of(catalog: Catalog, event_id: str, session: date | None) -> OfSession | None:
    """Return the newest publication of that session, or of any, that holds the event; None where none does."""
    try:
        view, _ = catalog.having(event_id, session, None)
    except ProblemError as fault:
        if fault.status == 404:
            return None
        raise
    return OfSession(session=view.session, source=view.source, snapshot=view.snapshot)
