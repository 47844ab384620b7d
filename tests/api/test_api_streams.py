"""The log of the live feed and the streams over it: nothing lost, nothing twice, slow clients cut off, gaps said."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tracemalloc

import pytest
from api_helpers import BASE
from starlette.testclient import TestClient, WebSocketDenialResponse

from smartmoney_pipeline.api.clock import Clock
from smartmoney_pipeline.api.context import Context
from smartmoney_pipeline.api.cursors import Cursors
from smartmoney_pipeline.api.delivery import EventStream, Frame
from smartmoney_pipeline.api.hub import Hub, Message, StreamFilter
from smartmoney_pipeline.api.limits import Held
from smartmoney_pipeline.api.live_feed import messages_of
from smartmoney_pipeline.api.problems import ProblemError
from smartmoney_pipeline.api.replay_clock import Command, ReplayClock
from smartmoney_pipeline.api.settings import Limits, Settings
from smartmoney_pipeline.api.streams import LiveQuery, live_frames
from smartmoney_pipeline.engine.live.update import Update

WS = "ws://127.0.0.1:8000"


def event(name: str, size: int = 10, **about) -> Message:
    return Message("event", json.dumps({"event_id": name, "pad": "x" * size}).encode(), name, **about)


def gone(name: str) -> Message:
    return Message("retraction", json.dumps({"event_id": name}).encode(), name)


def context(**limits) -> Context:
    settings = Settings(None, clock=Clock(lambda: 1, lambda: 0.0), limits=Limits(**limits), secret=b"s")
    return Context(settings, None, Cursors(b"s"), Held())


async def take(frames, count: int) -> list[Frame]:
    found: list[Frame] = []
    while len(found) < count:
        found += await asyncio.wait_for(anext(frames), 5)
    return found


def names(frames: list[Frame]) -> list[str]:
    return [item["data"]["event_id"] for frame in frames if frame.kind == "events" for item in json.loads(frame.data)]


def test_messages_are_numbered_and_read_from_any_place():
    hub = Hub("e")
    hub.publish([event(f"e{n}") for n in range(5)])
    assert (hub.first, hub.last) == (1, 5)
    assert [one.number for one in hub.after(2, 2)] == [3, 4]
    assert hub.after(5, 9) == []


def test_the_ring_forgets_the_oldest():
    hub = Hub("e", ring_bytes=1_000)
    hub.publish([event(f"e{n}", 300) for n in range(10)])
    assert hub.last == 10
    assert hub.first > 6
    assert [one.number for one in hub.after(0, 100)] == list(range(hub.first, 11))


def test_events_that_abstain_do_not_push_out_those_that_do_not():
    hub = Hub("e")
    hub.publish([event("said", abstained=False), *(event(f"e{n}", abstained=True) for n in range(1_500))])
    assert [message.key for message in hub.standing(StreamFilter(abstained=False), 10)] == ["said"]
    everything = [message.key for message in hub.standing(StreamFilter(), 2_000)]
    assert everything == ["said", *(f"e{n}" for n in range(500, 1_500))]
    assert hub.event("said").key == "said"
    hub.publish([event("said", abstained=True)])
    assert hub.standing(StreamFilter(abstained=False), 10) == []


def test_an_event_beyond_the_ring_costs_little_more_than_its_place():
    """What filters saw of it stays; its id of 36 letters, 85 bytes with Python's head, does not (137 bytes an event with it)."""
    hub = Hub("e", ring_bytes=1_000)
    said = lambda first, end: (event(f"e{n:035d}") for n in range(first, end))  # noqa: E731
    hub.publish(said(0, 100_000))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        hub.publish(said(100_000, 400_000))
        grown = (tracemalloc.get_traced_memory()[0] - before) / 300_000
    finally:
        tracemalloc.stop()
    assert grown < 120


def test_a_withdrawn_event_stands_no_more():
    hub = Hub("e")
    hub.publish([event("a", abstained=True), event("b", abstained=False), gone("a")])
    assert [message.key for message in hub.standing(StreamFilter(), 10)] == ["b"]
    hub.publish([event("c", abstained=True), event("b", 20, abstained=False)])
    assert [message.key for message in hub.standing(StreamFilter(), 10)] == ["c", "b"]
    assert [message.key for message in hub.standing(StreamFilter(), 1)] == ["b"]
    assert [message.key for message in hub.standing(StreamFilter(abstained=False), 10)] == ["b"]


def test_filters_look_at_events_and_let_withdrawals_through():
    wanted = StreamFilter(frozenset({"AAPL"}), "vol_seller", False)
    assert wanted.wants(event("a", underlying="AAPL", profile="vol_seller", abstained=False))
    assert not wanted.wants(event("a", underlying="SPY", profile="vol_seller", abstained=False))
    assert not wanted.wants(event("a", underlying="AAPL", profile="arbitrage", abstained=False))
    assert wanted.wants(gone("a"))


def test_an_event_that_leaves_a_filter_is_withdrawn_for_that_client_alone():
    """`a` is named, then abstains, then is withdrawn for all; `b` never passed the filter, and `c` passes on as it changes otherwise."""

    async def scenario():
        at, hub = context(), Hub("e", ring_bytes=1_000)
        start = at.cursors.make("live", "e", 0)
        seller = {"underlying": "AAPL", "profile": "vol_seller", "abstained": False}
        nobody = {"underlying": "AAPL", "profile": None, "abstained": True}
        sellers, everyone = (live_frames(at, hub, LiveQuery(**query), start) for query in ({"profile": "vol_seller"}, {}))
        hub.publish([event("a", **seller), event("b", **nobody), event("c", **seller)])
        first, whole = (await take(sellers, 1))[0], (await take(everyone, 1))[0]
        assert (names([first]), names([whole])) == (["a", "c"], ["a", "b", "c"])
        hub.publish([event("a", **nobody), event("b", **nobody), event("c", 20, **seller), event("a", 5, **nobody)])
        (second,) = await take(sellers, 1)
        said = json.loads(second.data)
        assert [(item["type"], item["data"]["event_id"]) for item in said] == [("retraction", "a"), ("event", "c")]
        assert said[0]["data"]["reason"] == "left_filter"
        (second,) = await take(everyone, 1)
        assert {item["type"] for item in json.loads(second.data)} == {"event"}
        # The ring holds about two events, and what filters saw is known all the same.
        hub.publish([event(f"d{n}", 400, **nobody) for n in range(5)])
        hub.publish([event("c", **nobody)])
        told = [item for frame in await take(sellers, 2) if frame.kind == "events" for item in json.loads(frame.data)]
        assert [(item["type"], item["data"]["event_id"]) for item in told] == [("retraction", "c")]

    asyncio.run(scenario())


def test_a_snapshot_comes_first_and_then_what_is_new():
    async def scenario():
        hub = Hub("e")
        hub.publish([event("a"), event("b"), gone("a")])
        frames = live_frames(context(), hub, LiveQuery(), None)
        (first,) = await take(frames, 1)
        assert (first.kind, [one["event_id"] for one in json.loads(first.data)]) == ("snapshot", ["b"])
        hub.publish([event("c"), gone("b")])
        found = await take(frames, 1)
        assert [(item["type"], item["data"]["event_id"]) for item in json.loads(found[0].data)] == [("event", "c"), ("retraction", "b")]

    asyncio.run(scenario())


@pytest.mark.parametrize("breaks", [(1, 2, 3), (10, 50, 90), tuple(range(5, 100, 7))])
def test_a_client_that_comes_back_with_its_cursor_loses_and_repeats_nothing(breaks):
    async def scenario():
        hub, seen, cursor = Hub("e"), [], None
        at = context()
        for n in range(100):
            hub.publish([event(f"e{n}")])
            if n in breaks or n == 99:
                query = LiveQuery(cursor=cursor) if cursor else LiveQuery(snapshot=1_000)
                frames = live_frames(at, hub, query, cursor)
                while True:
                    (frame,) = await take(frames, 1)
                    seen += [one["event_id"] for one in json.loads(frame.data)] if frame.kind == "snapshot" else names([frame])
                    cursor = frame.cursor
                    if at.cursors.read("live", cursor)[1] == hub.last:
                        break
        assert seen == [f"e{n}" for n in range(100)]

    asyncio.run(scenario())


def test_a_restarted_feed_goes_on_where_the_client_stands():
    """The same tape says the same messages again; a client with a cursor waits for those that it has not seen."""

    async def scenario():
        at, first = context(), Hub("tape")
        first.publish([event(f"e{n}") for n in range(60)])
        found = await take(live_frames(at, first, LiveQuery(), at.cursors.make("live", "tape", 0)), 1)
        cursor, seen = found[-1].cursor, names(found)
        again = Hub("tape")
        frames = live_frames(at, again, LiveQuery(), cursor)
        waiting = asyncio.ensure_future(take(frames, 1))
        again.publish([event(f"e{n}") for n in range(len(seen))])
        await asyncio.sleep(0.01)
        assert not waiting.done()
        again.publish([event(f"e{n}") for n in range(len(seen), 60)])
        assert seen + names(await waiting) == [f"e{n}" for n in range(60)]

    asyncio.run(scenario())


def test_a_client_that_fell_behind_the_ring_is_told_of_the_gap():
    async def scenario():
        at, hub = context(), Hub("e", ring_bytes=2_000)
        frames = live_frames(at, hub, LiveQuery(), at.cursors.make("live", "e", 0))
        hub.publish([event(f"e{n}", 300) for n in range(20)])
        gap, rest = await take(frames, 2)
        missed = json.loads(gap.data)["missed"]
        assert (gap.kind, missed) == ("gap", hub.first - 1)
        assert names([rest]) == [f"e{n}" for n in range(missed, 20)]
        assert at.cursors.read("live", gap.cursor) == ["e", missed]

    asyncio.run(scenario())


def test_a_quiet_stream_beats():
    async def scenario():
        frames = live_frames(context(heartbeat_seconds=0.01), Hub("e"), LiveQuery(snapshot=0), None)
        assert [frame.kind for frame in await take(frames, 3)] == ["snapshot", "heartbeat", "heartbeat"]

    asyncio.run(scenario())


def test_a_filtered_stream_beats_while_others_are_told():
    """Messages that the filter leaves out once put the heartbeat off for as long as they came."""

    async def scenario():
        hub = Hub("e")
        frames = live_frames(context(heartbeat_seconds=0.05), hub, LiveQuery(snapshot=0, underlying="SPX"), None)
        assert [frame.kind for frame in await take(frames, 1)] == ["snapshot"]

        async def others():
            for n in range(40):
                hub.publish([event(f"e{n}", underlying="AAPL")])
                await asyncio.sleep(0.01)

        feed = asyncio.create_task(others())
        beat = await take(frames, 1)
        assert (beat[0].kind, feed.done()) == ("heartbeat", False)
        await feed

    asyncio.run(scenario())


def test_a_cursor_of_another_feed_is_refused():
    at = context()
    with pytest.raises(ProblemError, match="another live feed"):
        live_frames(at, Hub("new"), LiveQuery(), at.cursors.make("live", "old", 3))


def test_a_client_that_reads_nothing_is_cut_off_and_others_are_not():
    async def scenario():
        hub, at = Hub("e"), context()
        got: dict[str, int] = {"fast": 0, "slow": 0}
        forever = asyncio.Event()

        async def client(name: str) -> None:
            async def send(message):
                if message["type"] == "http.response.body":
                    got[name] += 1
                    if name == "slow" and got[name] > 1:
                        await forever.wait()

            async def receive():
                await forever.wait()

            await EventStream(live_frames(at, hub, LiveQuery(), None), 0.05, contextlib.ExitStack())({"type": "http"}, receive, send)

        slow, fast = asyncio.create_task(client("slow")), asyncio.create_task(client("fast"))
        for n in range(50):
            hub.publish([event(f"e{n}")])
            await asyncio.sleep(0.005)
        await asyncio.wait_for(slow, 1)
        assert not fast.done()
        assert got["fast"] > 30
        assert got["slow"] == 2
        fast.cancel()

    asyncio.run(scenario())


def test_frames_have_both_forms():
    frame = Frame("events", b"[1]", "abc")
    assert frame.sse() == b"id: abc\nevent: events\ndata: [1]\n\n"
    assert json.loads(frame.text()) == {"type": "events", "cursor": "abc", "data": [1]}
    assert json.loads(Frame("state", b"{}").text()) == {"type": "state", "data": {}}


def test_an_update_says_withdrawals_first():
    import pandas as pd
    from tiny_lake import session_tables

    tables = session_tables("a", pd.Timedelta(0))
    update = Update.of_tables(events=tables["smart_money_events"], retractions=tables["retractions"])
    said = messages_of(update)
    assert [(one.kind, one.key) for one in said] == [("retraction", "a-e0"), ("event", "a-e1"), ("event", "a-e2"), ("event", "a-e3")]
    assert (said[1].underlying, said[1].profile, said[1].abstained) == ("AAPL", "event_driven", False)
    assert json.loads(said[2].body)["structure"] == "strangle"


def test_a_server_without_a_live_feed_says_so(client):
    assert client.get("/v1/events/stream").status_code == 404
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(WS + "/v1/ws"):
        pass
    assert refused.value.status_code == 404


# Replay


def messages(socket, count: int) -> list[dict]:
    """The next messages but heartbeats, which come as the clock of the test jumps."""
    found: list[dict] = []
    while len(found) < count:
        said = json.loads(socket.receive_text())
        found += [said] if said["type"] != "heartbeat" else []
    return found


def test_the_clock_of_a_replay_plays_pauses_and_moves():
    at = [0.0]
    clock = ReplayClock(lambda: at[0], speed=10.0, time_ns=1_000)
    at[0] = 2.0
    assert clock.read() == 1_000 + 20_000_000_000
    clock.obey(Command(op="pause"))
    at[0] = 9.0
    assert clock.read() == 20_000_001_000
    clock.obey(Command(op="speed", speed=1.0))
    clock.obey(Command(op="play"))
    at[0] = 10.0
    assert clock.read() == 21_000_001_000
    clock.obey(Command(op="seek", time="1970-01-01T00:00:05Z"))
    assert (clock.read(), clock.seeks, clock.origin_ns) == (5_000_000_000, 1, 5_000_000_000)
    with pytest.raises(ValueError, match="seek"):
        clock.obey(Command(op="seek"))


def run_to(hand, seconds: float) -> None:
    hand.span += seconds


def test_a_command_that_is_no_text_is_answered_like_any_other_that_cannot_be_read(client):
    with client.websocket_connect(WS + "/v1/replay?session=2025-01-17&speed=1") as socket:
        assert messages(socket, 1)[0]["type"] == "state"
        socket.send_bytes(b"\x00\x01")
        said = messages(socket, 2)
        assert "error" in [one["type"] for one in said]


def test_a_replay_gives_every_event_in_order_and_ends(client, hand):
    with client.websocket_connect(WS + "/v1/replay?session=2025-01-17&speed=1") as socket:
        (state,) = messages(socket, 1)
        assert (state["type"], state["data"]["rows"], state["data"]["playing"]) == ("state", 3, True)
        (first,) = messages(socket, 1)
        assert [item["data"]["event_id"] for item in first["data"]] == ["a-e1"]
        run_to(hand, 100.0)
        rest, end = messages(socket, 2)
        assert [item["data"]["event_id"] for item in rest["data"]] == ["a-e2", "a-e3"]
        assert end["type"] == "end"


def test_a_paused_replay_waits_and_a_sought_one_goes_there(client, hand):
    with client.websocket_connect(WS + "/v1/replay?session=2025-01-17&speed=1&from=2025-01-17T14:30:00Z") as socket:
        messages(socket, 1)
        socket.send_text('{"op":"pause"}')
        assert messages(socket, 1)[0]["data"]["playing"] is False
        run_to(hand, 100.0)
        socket.send_text('{"op":"seek","time":"2025-01-17T14:30:01Z"}')
        (state,) = messages(socket, 1)
        assert (state["data"]["row"], state["data"]["time"]) == (2, "1737124201000000000")
        socket.send_text('{"op":"play","speed":10}')
        assert messages(socket, 1)[0]["data"]["speed"] == 10
        run_to(hand, 1.0)
        assert [item["data"]["event_id"] for item in messages(socket, 1)[0]["data"]] == ["a-e3"]
        socket.send_text('{"op":"stop"}')
        assert {one["type"] for one in messages(socket, 2)} == {"end", "error"}


def test_a_replay_goes_on_from_its_cursor(client, hand):
    url = WS + "/v1/replay?session=2025-01-17&speed=1"
    with client.websocket_connect(url) as socket:
        cursor = messages(socket, 2)[1]["cursor"]
    with client.websocket_connect(f"{url}&cursor={cursor}") as socket:
        messages(socket, 1)
        run_to(hand, 100.0)
        found = [item["data"]["event_id"] for item in messages(socket, 1)[0]["data"]]
        found += [item["data"]["event_id"] for item in messages(socket, 1)[0]["data"]] if len(found) < 2 else []
        assert found == ["a-e2", "a-e3"]


@pytest.mark.parametrize("query", ["speed=0", "speed=1e9", "speed=nan", "session=2024-01-01", "cursor=x", "from=x", "file=x"])
def test_a_replay_that_cannot_be_is_refused(client, query):
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(f"{WS}/v1/replay?{query}"):
        pass
    assert refused.value.status_code in {400, 404}
    assert client.get(f"/v1/replay/stream?{query}").status_code in {400, 404}


def test_a_replay_of_an_empty_session_ends_at_once(tmp_path, make_app):
    from tiny_lake import SECOND, SOURCE, VERSIONS, build_lake

    from smartmoney_pipeline.store.lake import Lake
    from smartmoney_pipeline.store.manifest import publish, read_manifest

    root = build_lake(tmp_path / "lake")
    lake = Lake(root)
    events = lake.read("smart_money_events", SECOND, SOURCE)
    lake.write("smart_money_events", SECOND, SOURCE, events.slice(0, 0))
    publish(lake, SECOND, SOURCE, read_manifest(lake, SECOND, SOURCE).tables, VERSIONS)
    with TestClient(make_app(lake=root), base_url=BASE) as client:
        assert client.get("/v1/events").json()["data"] == []
        with client.websocket_connect(WS + "/v1/replay") as socket:
            assert [one["type"] for one in messages(socket, 2)] == ["state", "end"]
