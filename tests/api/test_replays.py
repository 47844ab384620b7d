"""`/v1/replays`: replays that are kept, watched by several clients, moved by those with a key. A session of tiny_lake has three events."""

from __future__ import annotations

import asyncio
import json

import pytest
from api_helpers import bearer

from smartmoney_pipeline.api.keys import Scope
from smartmoney_pipeline.api.replay_clock import Command
from smartmoney_pipeline.api.replay_frames import frames_of

DAY = {"session": "2025-01-17", "source": "tape"}


@pytest.fixture
def desk(keyed):
    client, texts, _ = keyed
    return client, bearer(texts[Scope.RUN])


def closing_times(client) -> list[str]:
    found = client.get("/v1/events", params=DAY | {"fields": "closed_at"}).json()["data"]
    return [one["closed_at"] for one in found]


class Watch:
    """A client of a replay, and what it has seen since it was asked last."""

    def __init__(self, frames) -> None:
        self.seen: list = []
        self._task = asyncio.ensure_future(self._read(frames))

    async def _read(self, frames) -> None:
        async for group in frames:
            self.seen += group

    async def until(self, *kinds: str) -> list[str]:
        """Wait until frames of these kinds came, each; the ids of the events seen."""
        async with asyncio.timeout(10):
            while not set(kinds) <= {frame.kind for frame in self.seen}:
                await asyncio.sleep(0.01)
        found, self.seen = self.seen, []
        return [item["data"]["event_id"] for frame in found if frame.kind == "events" for item in json.loads(frame.data)]

    def stop(self) -> None:
        self._task.cancel()


def test_a_replay_is_kept_shown_and_dropped(desk):
    client, headers = desk
    answer = client.post("/v1/replays", json=DAY | {"speed": 30, "playing": False}, headers=headers)
    assert answer.status_code == 201
    said = answer.json()
    assert answer.headers["location"] == f"/v1/replays/{said['replay_id']}"
    assert (said["session"], said["source"], said["speed"], said["playing"]) == ("2025-01-17", "tape", 30, False)
    assert (said["row"], said["rows"], said["time"]) == (0, 3, said["first"])
    assert client.get(f"/v1/replays/{said['replay_id']}").json() == said
    assert client.delete(f"/v1/replays/{said['replay_id']}", headers=headers).status_code == 204
    assert client.get(f"/v1/replays/{said['replay_id']}").status_code == 404


def test_all_who_watch_follow_one_clock(desk, hand):
    """Two watch: both get the first event, nothing while paused, and after a seek back the same once more."""
    client, headers = desk
    times = closing_times(client)
    said = client.post("/v1/replays", json=DAY | {"speed": 1}, headers=headers).json()
    replay = client.app.state.replays.get(said["replay_id"])
    context = client.app.state.context

    async def scenario():
        watched = [Watch(frames_of(context, replay.part, replay.clock, replay.first)) for _ in range(2)]
        for one in watched:
            assert await one.until("state", "events") == ["a-e1"]
        replay.clock.obey(Command(op="pause"))
        hand.span += 100.0
        for one in watched:
            assert await one.until("state", "heartbeat") == []
        replay.clock.obey(Command(op="seek", time=times[0]))
        replay.clock.obey(Command(op="play"))
        for one in watched:
            assert await one.until("state", "events") == ["a-e1"]
        hand.span += 100.0
        for one in watched:
            assert await one.until("events", "end") == ["a-e2", "a-e3"]
        watched.append(Watch(frames_of(context, replay.part, replay.clock, replay.first)))
        assert await watched[-1].until("state", "end") == ["a-e1", "a-e2", "a-e3"]
        for one in watched:
            one.stop()

    asyncio.run(scenario())


def test_a_replay_has_a_beginning_and_an_end(desk, hand):
    client, headers = desk
    times = closing_times(client)
    said = client.post("/v1/replays", json=DAY | {"from": times[1], "to": times[2]}, headers=headers).json()
    replay = client.app.state.replays.get(said["replay_id"])
    assert (said["row"], replay.part.stop) == (1, 2)

    async def scenario():
        hand.span += 100.0
        watch = Watch(frames_of(client.app.state.context, replay.part, replay.clock, replay.first))
        assert await watch.until("end") == ["a-e2"]
        watch.stop()

    asyncio.run(scenario())
    assert client.post("/v1/replays", json=DAY | {"from": times[2], "to": times[2]}, headers=headers).status_code == 400


def test_commands_move_the_clock_for_those_with_a_key(desk):
    client, headers = desk
    times = closing_times(client)
    at = f"/v1/replays/{client.post('/v1/replays', json=DAY, headers=headers).json()['replay_id']}"
    assert client.patch(at, json={"op": "pause"}).status_code == 401
    assert client.patch(at, json={"op": "pause"}, headers=headers).json()["playing"] is False
    assert client.patch(at, json={"op": "seek", "time": times[1]}, headers=headers).json()["row"] == 1
    assert client.patch(at, json={"op": "speed", "speed": 600}, headers=headers).json()["speed"] == 600
    for wrong in ({"op": "seek"}, {"op": "speed"}, {"op": "stop"}, {"op": "speed", "speed": 0}, {}):
        assert client.patch(at, json=wrong, headers=headers).status_code == 400
    assert client.patch("/v1/replays/00000000000000ff", json={"op": "pause"}, headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [({"session": "2024-01-02"}, 404), ({"source": "../x"}, 400), ({"speed": 0}, 400), ({"path": "x"}, 400), ({"from": "x"}, 400)],
)
def test_a_replay_that_cannot_be_kept_is_refused(desk, change, status):
    client, headers = desk
    assert client.post("/v1/replays", json=DAY | change, headers=headers).status_code == status


def test_the_oldest_that_nobody_watches_is_forgotten(desk):
    client, headers = desk
    made = [client.post("/v1/replays", json=DAY, headers=headers).json()["replay_id"] for _ in range(16)]
    desk_of = client.app.state.replays
    desk_of.get(made[0]).watched = 1
    newest = client.post("/v1/replays", json=DAY, headers=headers).json()["replay_id"]
    assert [client.get(f"/v1/replays/{name}").status_code for name in (made[0], made[1], newest)] == [200, 404, 200]
    for name in (*made[2:], newest):
        desk_of.get(name).watched = 1
    refused = client.post("/v1/replays", json=DAY, headers=headers)
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)


def test_a_cursor_of_another_publication_is_refused(desk):
    client, headers = desk
    name = client.post("/v1/replays", json=DAY, headers=headers).json()["replay_id"]
    cursors = client.app.state.context.cursors
    for cursor, status in ((cursors.make("replay", "another", 1), 409), ("x", 400)):
        assert client.get(f"/v1/replays/{name}/stream", params={"cursor": cursor}).status_code == status
    assert client.get("/v1/replays/00000000000000ff/stream").status_code == 404


def test_watching_is_counted_until_the_client_goes(desk):
    """The stream is one of the client's sockets, and a replay that is watched is not forgotten."""
    client, headers = desk
    name = client.post("/v1/replays", json=DAY, headers=headers).json()["replay_id"]
    replay, held = client.app.state.replays.get(name), client.app.state.context.held
    seen = []

    async def scenario():
        scope = {"type": "http", "method": "GET", "path": f"/v1/replays/{name}/stream", "query_string": b"", "http_version": "1.1",
                 "headers": [(b"host", b"127.0.0.1:8000")], "client": ("127.0.0.1", 1), "scheme": "http", "root_path": "",
                 "server": ("127.0.0.1", 8000)}  # fmt: skip
        gone = asyncio.Event()

        async def receive():
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message.get("body"):
                seen.append((replay.watched, held.count("127.0.0.1", "socket"), message["body"][:12]))
                gone.set()

        await asyncio.wait_for(client.app(scope, receive, send), 20)

    asyncio.run(scenario())
    assert seen[0] == (1, 1, b"event: state")
    assert (replay.watched, held.count("127.0.0.1", "socket")) == (0, 0)
