"""The top events of a session: chosen, as JSON, as a table and as cards."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from smartmoney_pipeline.console.event_card import Card
from smartmoney_pipeline.console.event_table import EventTable
from smartmoney_pipeline.console.ranking import Chosen, Wanted, choose
from smartmoney_pipeline.console.results import Leg, Results, open_results
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent


@dataclass(frozen=True, slots=True)
class TopEvents:
    """Events to show with their contracts, and what was chosen from."""

    results: Results
    wanted: Wanted
    chosen: Chosen
    events: list[SmartMoneyEvent]
    legs: dict[str, list[Leg]]


def top_events(results: Results, wanted: Wanted) -> TopEvents:
    """Return the events that are wanted."""
    chosen = choose(results, wanted)
    return TopEvents(results, wanted, chosen, results.events(chosen.event_ids), results.legs(chosen.event_ids))


def events_json(found: TopEvents) -> dict[str, Any]:
    """Return the events in the form of `--json`."""
    rows = [
        {**event.model_dump(mode="json"), "legs": [asdict(leg) for leg in found.legs.get(event.event_id, [])]} for event in found.events
    ]
    of = found.results
    return {"session": of.session, "source": of.source, "run_hash": of.run_hash, "fitting": found.chosen.fitting, "events": rows}


def events_view(found: TopEvents, cards: bool) -> list[RenderableType]:
    """Return a head line, the table, and a card for each event if asked for."""
    head = Text(f"{found.results.session}  source {found.results.source}", "bold")
    if not found.events:
        return [head, Text(_why_empty(found))]
    parts: list[RenderableType] = [head, EventTable(found.events, found.legs), Text(_rest(found), "dim")]
    if cards:
        parts += [Card(event, found.legs.get(event.event_id, [])) for event in found.events]
    return parts


def top_table(folder: Path, top: int = 5) -> RenderableType:
    """Return the table of the largest published events of a folder."""
    found = top_events(open_results(folder), Wanted(top))
    return EventTable(found.events, found.legs) if found.events else Text(_why_empty(found))


def _why_empty(found: TopEvents) -> str:
    what = "published with a profile"
    if (profile := found.wanted.profile) is not None:
        what = f"consistent with {profile}, published or not" if found.wanted.abstained else f"published as consistent with {profile}"
    abstained = found.chosen.abstained
    hint = f"; {count(abstained)} abstained, --all shows them" if abstained and not found.wanted.abstained else ""
    return f"no event is {what}{hint}"


def _rest(found: TopEvents) -> str:
    what = "events" if found.wanted.abstained else "published events"
    shown = f"{len(found.events)} of {count(found.chosen.fitting)} {what}, the largest of each profile in turn"
    return shown if found.wanted.abstained else f"{shown}; {count(found.chosen.abstained)} more abstained, --all shows them"
