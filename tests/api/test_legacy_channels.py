"""What the live feed says on the earlier channels."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from tiny_lake import session_tables

from smartmoney_pipeline.api.legacy_channels import LegacyChannels
from smartmoney_pipeline.engine.live.update import Update


@pytest.fixture(scope="module")
def tables():
    return session_tables("a", pd.Timedelta(0))


@pytest.fixture
def update(tables) -> Update:
    return Update.of_tables(
        events=tables["smart_money_events"], legs=tables["event_legs"], packets=tables["packets"], prints=tables["quoted_prints"]
    )


def test_flow_that_nobody_listens_to_is_not_made(update):
    channels = LegacyChannels()
    del update.__dict__["packet_tables"]
    assert "flow" not in channels.encode(update, {})
    assert "packet_tables" not in vars(update)


def test_a_listener_gets_the_packets_of_the_stored_surface(update, client):
    """The server over the same tables answers with the same records; only the place in the tape is that of the feed."""
    channels = LegacyChannels()
    with channels.open("flow") as hub:
        channels.publish(channels.encode(update, {}))
        said = {one.message.key: json.loads(one.message.body) for one in hub.after(0, 100)}
    stored = {row["id"]: row for row in client.get("/flow/packets").json()["data"]}
    assert set(said) == {"a-k1", "a-k2", "a-k3", "a-k4"}
    for name, packet in said.items():
        assert packet | {"seq": 0} == stored[name] | {"seq": 0}
    assert [packet["seq"] for packet in said.values()] == [0, 1, 2, 3]


def test_a_withdrawn_event_leaves_the_snapshot_of_the_flow(update, tables):
    channels = LegacyChannels()
    gone = tables["retractions"].set_column(0, "event_id", [["a-e2"]])
    with channels.open("flow") as hub:
        channels.publish(channels.encode(update, {}))
        channels.publish(channels.encode(Update.of_tables(retractions=gone), {}))
        told = [(one.message.kind, one.message.key) for one in hub.after(4, 100)]
    assert told == [("withdrawn", "a-k2"), ("withdrawn", "a-k3")]
