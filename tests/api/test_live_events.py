"""`/v1/live/events/{id}`: an event that the feed says, one that is published, both, or neither. Events are those of tiny_lake."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from smartmoney_pipeline.api.hub import Hub, Message


@pytest.fixture
def fed(client):
    """A server whose feed says what the test lets it say."""
    hub = Hub("feed-1")
    state = {"source": "live", "state": "playing", "session": "2025-01-17"}
    client.app.state.live = SimpleNamespace(hub=hub, state=lambda: state)
    return client, hub, state


def say(client, hub, name: str, **changes) -> dict:
    event = client.get("/v1/events/a-e1").json() | {"event_id": name} | changes
    hub.publish([Message("event", json.dumps(event).encode(), name, event["underlying_id"])])
    return event


def test_an_event_that_is_only_said_is_explained_and_not_published(fed):
    client, hub, _ = fed
    say(client, hub, "n1", underlying_id="MSFT")
    found = client.get("/v1/live/events/n1").json()
    assert (found["event"]["event_id"], found["event"]["underlying_id"], found["published"]) == ("n1", "MSFT", None)
    why, published = found["explain"], client.get("/v1/events/a-e1/explain").json()
    assert (why["session"], why["source"], why["snapshot"]) == ("2025-01-17", "live", "feed-1")
    # The same features under the same rules add up to the same, whoever says them.
    assert why["log_odds"] == published["log_odds"]
    assert why["contributions"] == published["contributions"]


def test_an_event_that_is_published_too_says_where(fed):
    client, hub, _ = fed
    say(client, hub, "a-e1")
    found = client.get("/v1/live/events/a-e1").json()
    assert found["explain"] is not None
    assert (found["published"]["session"], found["published"]["source"]) == ("2025-01-17", "tape")


def test_what_was_withdrawn_or_never_said_is_no_fault(fed):
    client, hub, state = fed
    say(client, hub, "n1")
    hub.publish([Message("retraction", b'{"event_id":"n1"}', "n1")])
    for name in ("n1", "never"):
        answer = client.get(f"/v1/live/events/{name}")
        assert (answer.status_code, answer.json()) == (200, {"event_id": name, "event": None, "explain": None, "published": None})
    # Of a feed whose session is known, another session is not looked through.
    assert client.get("/v1/live/events/b-e1").json()["published"] is None
    state["session"] = None
    assert client.get("/v1/live/events/b-e1").json()["published"]["session"] == "2025-01-20"


def test_without_a_feed_there_is_nothing_live(client):
    assert client.get("/v1/live/events/a-e1").status_code == 404
    assert client.get("/v1/live/events/no%20name").status_code == 400
