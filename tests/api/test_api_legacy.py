"""The frozen surface: answers equal to the golden ones byte for byte, and a client that knows the description alone."""

from __future__ import annotations

import json

import pytest
from api_helpers import BASE
from legacy_client import SHAPES, LegacyClient, check
from legacy_transcripts import GOLDEN, REQUESTS, transcript
from starlette.testclient import TestClient


def test_answers_are_those_that_were_frozen(client):
    found = transcript(client)
    frozen = {path.name: path.read_bytes() for path in GOLDEN.iterdir()}
    assert sorted(found) == sorted(frozen)
    assert {name for name in found if found[name] != frozen[name]} == set()


def test_every_route_of_the_description_is_in_the_transcript(client):
    said = client.get("/openapi.json").json()["paths"]
    legacy = {path for path, ops in said.items() if "legacy" in ops.get("get", {"tags": []})["tags"]}
    asked = {path.partition("?")[0] for path in REQUESTS.values()} | {"/flow/packets/{packet_id}"}
    assert legacy <= asked


@pytest.fixture
def old_client(client) -> LegacyClient:
    def get(path: str) -> tuple[int, str]:
        answer = client.get(path)
        return answer.status_code, answer.text

    return LegacyClient(get)


def test_the_client_reads_the_newest_of_each_kind(old_client):
    for path, channel in (
        ("/prints/options?view=raw", "options"),
        ("/flow/packets", "flow"),
        ("/flow/smart-money", "smart-money"),
        ("/flow/classifier-hits", "classifier-hits"),
        ("/flow/alerts", "alerts"),
    ):
        assert len(old_client.newest(path, channel)) >= 2, path


@pytest.mark.parametrize("limit", [1, 2, 1_000])
@pytest.mark.parametrize("channel", SHAPES)
def test_the_client_walks_both_ways_through_the_same_records(old_client, channel, limit):
    query = "&view=raw" if channel == "options" else ""
    back = [record["trace_id"] for record in old_client.history(channel, limit, query)]
    forth = [record["trace_id"] for record in old_client.replay(channel, limit, query)]
    counts = {"options": 10, "flow": 8, "smart-money": 6, "classifier-hits": 2, "alerts": 2}
    assert back == forth[::-1]
    assert len(set(forth)) == len(forth) == counts[channel]


def test_the_client_sees_what_is_wrong():
    good = {"source_ts": 1_737_124_200_000, "ingest_ts": 1_737_124_200_000, "seq": 0, "trace_id": "t"} | {
        "classifier_id": "c", "confidence": 0.5, "direction": "bullish", "explanations": []}  # fmt: skip
    check(good, SHAPES["classifier-hits"])
    for change in ({"confidence": 1.5}, {"direction": "up"}, {"seq": 1.0}, {"extra": 1}):
        with pytest.raises(AssertionError):
            check(good | change, SHAPES["classifier-hits"])
    with pytest.raises(AssertionError):
        check(dict(reversed(good.items())), SHAPES["classifier-hits"])


def test_records_of_one_place_are_never_parted(tmp_path, make_app):
    """Two hits of one event share their place, and a page that ended between them would lose one."""
    import pyarrow as pa
    from tiny_lake import SECOND, SOURCE, VERSIONS, build_lake

    from smartmoney_pipeline.store.lake import Lake
    from smartmoney_pipeline.store.manifest import publish, read_manifest

    root = build_lake(tmp_path / "lake")
    lake = Lake(root)
    hits = lake.read("classifier_hits", SECOND, SOURCE)
    row = hits.to_pylist()[0]
    twins = [row | {"trace_id": f"t{n}", "seq": seq} for n, seq in enumerate([0, 0, 1, 1, 1, 2])]
    lake.write("classifier_hits", SECOND, SOURCE, pa.Table.from_pylist(twins, schema=hits.schema))
    publish(lake, SECOND, SOURCE, read_manifest(lake, SECOND, SOURCE).tables, VERSIONS)
    with TestClient(make_app(lake=root), base_url=BASE) as client:
        old = LegacyClient(lambda path: ((answer := client.get(path)).status_code, answer.text))
        for limit in (1, 2, 3, 4, 5):
            forth = [hit["trace_id"] for hit in old.replay("classifier-hits", limit)]
            back = [hit["trace_id"] for hit in old.history("classifier-hits", limit)]
            assert back == forth[::-1]
            assert len(forth) == len(set(forth)) == 7


def test_a_source_that_is_not_published_has_empty_pages(make_app):
    with TestClient(make_app(source="other"), base_url=BASE) as client:
        assert client.get("/flow/alerts").json() == {"data": []}


def test_other_methods_are_not_found_once_they_may(keyed):
    from api_helpers import bearer

    from smartmoney_pipeline.api.keys import Scope

    client, texts, _ = keyed
    answer = client.post("/flow/alerts", headers=bearer(texts[Scope.RUN]))
    assert (answer.status_code, answer.json()) == (404, {"error": "not found"})


def test_what_is_out_of_scope_says_so(client):
    for path in ("/candles/equities", "/replay/equity-candles", "/dark/inferred", "/history/inferred-dark", "/replay/inferred-dark"):
        assert client.get(path).status_code == 501


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '{"op":"nope"}', '{"op":"subscribe"}', '{"op":"subscribe","subscriptions":[1]}',
     '{"op":"unsubscribe","subscriptions":"x"}',
     '{"op":"subscribe","subscriptions":[{"channel":"nothing"}]}', '{"op":"subscribe","subscriptions":[{"channel":["x"]}]}',
     '{"op":"subscribe","subscriptions":[{"channel":"options","filters":[]}]}', "[" * 100_000],
)  # fmt: skip
def test_a_message_that_cannot_be_is_answered_and_the_socket_stays(client, text):
    with client.websocket_connect("ws://127.0.0.1:8000/ws/live") as socket:
        assert json.loads(socket.receive_text()) == {"op": "ready"}
        socket.send_text(text)
        socket.send_text('{"op":"ping"}')
        said = [json.loads(socket.receive_text())["op"] for _ in range(1 if text.endswith("[]}]}") else 2)]
        assert said[-1] in {"heartbeat", "snapshot"}
        assert "error" in said or "filters" in text


def test_a_subscription_to_prints_obeys_its_filters(client):
    with client.websocket_connect("ws://127.0.0.1:8000/ws/live") as socket:
        socket.receive_text()
        wanted = {"channel": "options", "filters": {"view": "raw", "securityTypes": ["etf"]}}
        socket.send_text(json.dumps({"op": "subscribe", "subscriptions": [wanted]}))
        snapshot = json.loads(socket.receive_text())["snapshot"]
        assert [item["trace_id"] for item in snapshot["items"]] == ["b-p5", "a-p5"]
        assert snapshot["subscription"] == wanted
        assert snapshot["watermark"] == {"ts": snapshot["items"][0]["ts"], "seq": 4}
