"""`/v1/replays`: replays that are kept, watched by several clients, moved by those with a key. A session of tiny_lake has three events."""

from __future__ import annotations

import asyncio
import json
from datetime import date

import pandas as pd
import pytest
from api_helpers import bearer

from smartmoney_pipeline.api.keys import Scope
from smartmoney_pipeline.api.replay_clock import Command
from smartmoney_pipeline.api.replay_frames import frames_of
from smartmoney_pipeline.api.replaying import ReplayQuery, begin

DAY = {"session": "2025-01-17", "source": "tape"}


@pytest.fixture
def desk(keyed):
    client, texts, _ = keyed
    return client, bearer(texts[Scope.RUN])


def closing_times(client) -> list[str]:
    found = client.get("/v1/events", params=DAY | {"fields": "closed_at"}).json()["data"]
    return [one["closed_at"] for one in found]


def nanoseconds(time: str) -> str:
    """A closing time as a replay says it."""
    return str(pd.Timestamp(time).value)


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
    assert (said["row"], said["rows"]) == (0, 1)

    async def scenario():
        hand.span += 100.0
        watch = Watch(frames_of(client.app.state.context, replay.part, replay.clock, replay.first))
        assert await watch.until("end") == ["a-e2"]
        watch.stop()

    asyncio.run(scenario())
    assert client.post("/v1/replays", json=DAY | {"from": times[2], "to": times[2]}, headers=headers).status_code == 400


def test_what_is_said_of_a_part_is_of_that_part(desk, hand):
    """The second of three events alone: it is the first and the last, and once it came the clock stands there."""
    client, headers = desk
    times = closing_times(client)
    made = client.post("/v1/replays", json=DAY | {"from": times[1], "to": times[2], "speed": 1}, headers=headers)
    at, closed = made.headers["location"], nanoseconds(times[1])
    assert {made.json()[name] for name in ("time", "first", "last")} == {closed}
    hand.span += 100.0
    said = client.get(at).json()
    assert (said["playing"], said["time"], said["row"], said["rows"]) == (False, closed, 1, 1)


@pytest.mark.parametrize("outside", [0, 2])
def test_no_seek_leaves_a_part(desk, hand, outside):
    """The end of the part is the second event, its beginning a tenth of a second before that."""
    client, headers = desk
    times = closing_times(client)
    begin = int(nanoseconds(times[1])) - 100_000_000
    at = client.post("/v1/replays", json=DAY | {"from": str(begin), "to": times[2]}, headers=headers).headers["location"]
    said = client.patch(at, json={"op": "seek", "time": times[outside]}, headers=headers).json()
    assert said["time"] == (str(begin), None, nanoseconds(times[1]))[outside]
    assert (said["playing"], said["row"]) == (outside == 0, (0, None, 1)[outside])


def test_who_plays_at_the_end_plays_from_the_beginning(desk, hand):
    client, headers = desk
    times = closing_times(client)
    at = client.post("/v1/replays", json=DAY | {"to": times[2], "speed": 1}, headers=headers).headers["location"]
    hand.span += 100.0
    assert client.get(at).json()["playing"] is False
    said = client.patch(at, json={"op": "play"}, headers=headers).json()
    assert (said["playing"], said["time"], said["row"]) == (True, nanoseconds(times[0]), 0)


def test_a_part_without_events_is_over_at_once(desk):
    client, headers = desk
    said = client.post("/v1/replays", json=DAY | {"from": "2025-01-17T23:00:00Z"}, headers=headers).json()
    assert (said["playing"], said["first"], said["last"], said["row"], said["rows"]) == (False, None, None, 0, 0)


def test_watchers_are_told_that_the_clock_stands_at_the_end(desk, hand):
    client, headers = desk
    name = client.post("/v1/replays", json=DAY | {"speed": 1}, headers=headers).json()["replay_id"]
    replay = client.app.state.replays.get(name)

    async def scenario():
        frames = frames_of(client.app.state.context, replay.part, replay.clock, replay.first)
        hand.span += 100.0
        seen = []
        while not seen or seen[-1].kind != "end":
            seen += await anext(frames)
        last = json.loads(seen[-1].data)
        assert (last["playing"], last["row"], last["rows"]) == (False, 3, 3)

    asyncio.run(scenario())


def test_a_client_that_comes_back_goes_on_where_it_was_in_a_part(desk, hand):
    """It waits no second time for what closed before its cursor; a cursor from outside the part stands at its edge."""
    client, _ = desk
    times, context = closing_times(client), client.app.state.context
    view = context.catalog.chosen(date(2025, 1, 17), "tape")

    async def begun(row: int) -> list[str]:
        cursor = context.cursors.make("replay", view.snapshot, row)
        query = ReplayQuery.model_validate(DAY | {"from": times[0], "to": times[2], "speed": 1, "cursor": cursor})
        watch = Watch((await begin(context, query))[0])
        found = await watch.until("events" if row < 2 else "end")
        watch.stop()
        return found

    assert asyncio.run(begun(1)) == ["a-e2"]
    assert asyncio.run(begun(3)) == []


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
