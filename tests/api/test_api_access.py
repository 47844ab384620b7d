"""Who may ask what: keys, scopes, hosts, origins, limits, and what never leaves the server."""

from __future__ import annotations

import re

import pytest
from api_helpers import BASE, bearer
from starlette.testclient import TestClient, WebSocketDenialResponse

from smartmoney_pipeline.api.keys import KeyRing, Scope
from smartmoney_pipeline.api.limits import Held, RateLimiter
from smartmoney_pipeline.api.settings import Limits

RUN = {"pack": "demo", "seed": 7, "session": "2026-03-18"}
CHANGING = [
    ("post", "/v1/runs"),
    ("delete", "/v1/runs/0123456789abcdef"),
    ("post", "/v1/replays"),
    ("patch", "/v1/replays/0123456789abcdef"),
    ("delete", "/v1/replays/0123456789abcdef"),
    ("put", "/v1/events"),
    ("patch", "/flow/alerts"),
    ("post", "/nothing"),
]
WS = "ws://127.0.0.1:8000"
SOCKETS = ["/ws/alerts", "/ws/live", "/v1/ws", "/v1/replay"]


def ask(client, method, path, headers=None):
    return client.request(method, path, headers=headers, json=RUN if method != "delete" else None)


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_nothing_changes_without_a_key_that_may(keyed, hand, method, path):
    client, texts, ring = keyed
    expired, _ = ring.create("old", Scope.ADMIN, hand.ms - 1)
    assert ask(client, method, path).status_code == 401
    assert ask(client, method, path, bearer("smk_wrong")).status_code == 401
    assert ask(client, method, path, {"authorization": "Basic " + texts[Scope.ADMIN]}).status_code == 401
    assert ask(client, method, path, bearer(expired)).status_code == 401
    assert ask(client, method, path, bearer(texts[Scope.READ])).status_code == 403
    assert ask(client, method, path, bearer(texts[Scope.RUN])).status_code not in {401, 403}


def test_a_key_ends_with_its_time_and_when_it_is_revoked(keyed, hand):
    client, texts, ring = keyed
    text, key = ring.create("short", Scope.RUN, hand.ms + 1_000)
    assert client.get("/v1/status", headers=bearer(text)).status_code == 200
    hand.ms += 1_000
    assert client.get("/v1/status", headers=bearer(text)).status_code == 401
    other = KeyRing(ring.path.parents[1])
    assert other.revoke(key.key_id)
    assert not other.revoke(key.key_id)
    assert client.get("/v1/status", headers=bearer(texts[Scope.READ])).status_code == 200
    other.revoke(next(one.key_id for one in other.stored() if one.scope is Scope.READ))
    assert client.get("/v1/status", headers=bearer(texts[Scope.READ])).status_code == 401


def test_keys_are_stored_as_hashes_that_only_the_owner_reads(keyed):
    _, texts, ring = keyed
    content = ring.path.read_text()
    assert not any(text in content for text in texts.values())
    assert ring.path.stat().st_mode & 0o077 == 0
    assert len(set(texts.values())) == len(Scope)
    assert all(len(text) > 40 for text in texts.values())


def test_no_key_is_in_a_log(keyed, caplog):
    client, texts, _ = keyed
    caplog.set_level("DEBUG")
    for text in (*texts.values(), "smk_wrong-but-secret"):
        client.get("/v1/status", headers=bearer(text))
        client.post("/v1/runs", json={}, headers=bearer(text))
    assert caplog.records
    assert not [text for text in (*texts.values(), "smk_wrong-but-secret") if text in caplog.text]


def test_damaged_keys_let_nobody_in(keyed):
    client, texts, ring = keyed
    ring.path.write_text("[{]")
    answer = client.get("/v1/status", headers=bearer(texts[Scope.ADMIN]))
    assert answer.status_code == 503
    assert str(ring.path) not in answer.text


def test_a_server_for_others_asks_for_a_key_to_read(lake, make_app):
    with TestClient(make_app(open_reading=False), base_url=BASE) as client:
        assert client.get("/health").json() == {"status": "ok"}
        for path in ("/v1/events", "/flow/alerts", "/openapi.json", "/v1/rules", "/"):
            assert client.get(path).status_code == 401
        with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(WS + "/ws/alerts"):
            pass
        assert refused.value.status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::2]:8000"]
)
def test_foreign_host_names_are_refused(client, host):
    assert client.get("/v1/events", headers={"host": host}).status_code == 403
    for path in SOCKETS:
        with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(WS + path, headers={"host": host}):
            pass
        assert refused.value.status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_own_host_names_are_answered(client, host):
    assert client.get("/v1/events", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8000", "file://", "http://["]
)
def test_pages_of_other_origins_open_no_socket_and_change_nothing(keyed, origin):
    client, texts, _ = keyed
    for path in SOCKETS:
        with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(WS + path, headers={"origin": origin}):
            pass
        assert refused.value.status_code == 403
    headers = bearer(texts[Scope.ADMIN]) | {"origin": origin}
    assert client.post("/v1/runs", json=RUN, headers=headers).status_code == 403
    # Reading is safe: without a CORS header a foreign page sees nothing of the answer.
    answer = client.get("/v1/events", headers={"origin": origin})
    assert "access-control-allow-origin" not in answer.headers


def test_the_own_page_may_open_sockets(client):
    with client.websocket_connect(WS + "/ws/live", headers={"origin": BASE}) as socket:
        assert socket.receive_text() == '{"op":"ready"}'


@pytest.mark.parametrize(
    "path",
    ["/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/exports/..%2f..%2f_access%2fkeys.json", "/v1/exports/_access",
     "/v1/events/..%2f..%2fx",
     "/v1/models/..%2fidentity-1", "/v1/models/%00", "/etc/passwd", "/v1/exports/file:%2f%2f%2fetc%2fpasswd", "/v1/exports/labels",
     "/v1/exports/scenario_labels", "/flow/packets/..%2f..%2fetc%2fpasswd", "/v1/exports/*", "/v1/events?source=..%2f..", "/labels",
     "/v1/labels", "/v1/exports/evaluation_metrics", "/v1/exports/smart_money_events?source=%5c%5chost%5cshare", "//etc/passwd"],
)  # fmt: skip
def test_no_address_leads_to_a_file(client, path):
    answer = client.get(path)
    assert answer.status_code in {200, 400, 404}
    assert "root:" not in answer.text
    if answer.status_code == 200:
        assert answer.json() == {"data": None}


def test_no_route_has_a_parameter_for_a_path_or_a_label(client):
    said = client.get("/openapi.json").json()
    names = {one["name"].lower() for path in said["paths"].values() for op in path.values() for one in op.get("parameters", [])}
    assert not [name for name in names if re.search(r"path|file(?!_)|folder|^dir$|url|label", name.replace("profile", ""))]
    assert not [path for path in said["paths"] if "label" in path]
    tables = said["paths"]["/v1/exports/{table}"]["get"]["parameters"][0]["schema"]["enum"]
    assert not [name for name in tables if "label" in name or "scenario" in name]


INJECTIONS = [
    "' OR '1'='1",
    "1; DROP TABLE events--",
    '" UNION SELECT 1,2--',
    "1) OR SLEEP(5)#",
    "%27%20OR%201=1",
    "${jndi:x}",
    "{{7*7}}",
    "\x00",
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("name", ["underlying", "profile", "sort", "fields", "source", "cursor", "reason", "session", "time.gte"])
def test_text_in_a_filter_is_never_run(client, name, text):
    assert client.get("/v1/events", params={name: text}).status_code == 400


def test_the_server_builds_no_statements():
    """The server reads files with Arrow: there is no SQL in it that input could reach."""
    from pathlib import Path

    from smartmoney_pipeline import api

    for path in Path(api.__file__).parent.glob("*.py"):
        assert not re.search(r"import duckdb|\.execute\(|\bsql\b", path.read_text(), re.IGNORECASE), path.name


def test_too_much_is_refused(client):
    assert client.get("/v1/events?cursor=" + "a" * 60_000).status_code == 414
    assert client.get("/option-prints/by-trace?" + "&".join(f"trace_id={i}" for i in range(4_000))).status_code == 414
    assert client.post("/v1/runs", content=b"x" * 100, headers={"content-length": "100000000"}).status_code == 413
    assert client.get("/v1/events?limit=1000000000").status_code == 400


def test_a_body_without_a_length_is_counted(keyed):
    client, texts, _ = keyed
    parts = (b"x" * 10_000 for _ in range(100))
    headers = bearer(texts[Scope.RUN]) | {"content-type": "application/json"}
    assert client.post("/v1/runs", content=parts, headers=headers).status_code == 413


def test_too_many_requests_are_told_when_to_come_back(lake, make_app, hand):
    limits = Limits(open_reads_a_minute=3)
    with TestClient(make_app(limits=limits), base_url=BASE) as client:
        assert [client.get("/v1/rules").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = client.get("/v1/rules")
        assert (refused.headers["retry-after"], refused.headers["ratelimit-remaining"]) == ("20", "0")
        assert client.get("/health").status_code == 200
        hand.span += 20.0
        assert client.get("/v1/rules").status_code == 200


def test_runs_have_a_limit_of_their_own(lake, tmp_path, make_app):
    ring = KeyRing(tmp_path)
    text, _ = ring.create("runs", Scope.RUN)
    with TestClient(make_app(lake=tmp_path, limits=Limits(runs_a_minute=2)), base_url=BASE) as client:
        codes = [client.delete("/v1/runs/0123456789abcdef", headers=bearer(text)).status_code for _ in range(3)]
        assert codes == [404, 404, 429]
        assert client.get("/v1/runs", headers=bearer(text)).status_code == 200


def test_a_bar_may_be_dragged_while_runs_keep_their_limit(lake, tmp_path, make_app, hand):
    """A hundred moves of a replay within one instant go through and use up no run; theirs end too, and say when to come back."""
    text, _ = KeyRing(tmp_path).create("moves", Scope.RUN)
    at, move = "/v1/replays/0123456789abcdef", {"op": "seek", "time": "2025-01-17T15:00:00Z"}
    with TestClient(make_app(lake=tmp_path, limits=Limits()), base_url=BASE) as client:
        assert {client.patch(at, json=move, headers=bearer(text)).status_code for _ in range(100)} == {404}
        codes = [client.delete("/v1/runs/0123456789abcdef", headers=bearer(text)).status_code for _ in range(11)]
        assert codes == [404] * 10 + [429]
        codes = [client.patch(at, json=move, headers=bearer(text)).status_code for _ in range(501)]
        assert codes == [404] * 500 + [429]
        refused = client.patch(at, json=move, headers=bearer(text))
        assert (refused.headers["ratelimit-limit"], refused.headers["retry-after"]) == ("600", "1")
        hand.span += 1.0
        assert client.patch(at, json=move, headers=bearer(text)).status_code == 404


def test_buckets_refill_and_clients_do_not_share_them():
    at = [0.0]
    rates = RateLimiter(lambda: at[0])
    assert [rates.take("a", "read", 2).allowed for _ in range(3)] == [True, True, False]
    assert rates.take("b", "read", 2).allowed
    assert rates.take("a", "run", 2).allowed
    at[0] = 30.0
    assert rates.take("a", "read", 2).allowed
    assert not rates.take("a", "read", 2).allowed


def test_what_is_held_is_given_back():
    held = Held()
    with held.hold("a", "socket", 1) as one, held.hold("a", "socket", 1) as two, held.hold("b", "socket", 1) as three:
        assert (one, two, three) == (True, False, True)
    assert held.count("a", "socket") == 0


def test_streams_have_a_limit(lake, make_app):
    with TestClient(make_app(limits=Limits(sockets=1)), base_url=BASE) as client, client.websocket_connect(WS + "/ws/live"):
        with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(WS + "/ws/alerts"):
            pass
        assert refused.value.status_code == 429


@pytest.mark.parametrize("path", ["/health", "/", "/v1/events", "/v1/nothing", "/flow/alerts", "/v1/events?limit=0"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_an_error_inside_is_not_shown(lake, make_app, monkeypatch):
    from smartmoney_pipeline.api import reference

    def broken():
        raise RuntimeError("secret at /srv/lake")

    monkeypatch.setattr(reference, "ruleset", broken)
    with TestClient(make_app(), base_url=BASE, raise_server_exceptions=False) as client:
        answer = client.get("/v1/rules")
        assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
        assert "secret" not in answer.text


def test_a_slow_answer_ends_in_time(lake, make_app, monkeypatch):
    import time

    from smartmoney_pipeline.api import sessions

    monkeypatch.setattr(sessions, "quality_of", lambda view: time.sleep(0.5))
    with TestClient(make_app(limits=Limits(query_seconds=0.1)), base_url=BASE) as client:
        assert client.get("/v1/quality").status_code == 503
