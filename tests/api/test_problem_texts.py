"""What refusals say: bounded, without what was sent, whole entries, and what was expected. HEAD, and methods that are not served."""

from __future__ import annotations

import pytest
from api_helpers import bearer

from smartmoney_pipeline.api.faults import in_words, shortened
from smartmoney_pipeline.api.keys import Scope
from smartmoney_pipeline.api.parameters import EVENT_FIELDS

RUN = b'{"pack": "demo", "seed": 7, "session": "2026-03-18"}'
SECRET = "who-sent-this-"


@pytest.mark.parametrize(
    "query",
    [
        f"profile={SECRET * 200}",
        f"cursor={SECRET * 200}",
        f"fields={SECRET}",
        f"{SECRET * 200}=1",
        f"%00{SECRET}%0a=1",
        "limit=" + "9" * 5_000,
    ],
)
def test_a_refusal_repeats_no_value_and_stays_short(client, query):
    answer = client.get(f"/v1/events?{query}")
    assert answer.status_code == 400
    said = answer.json()
    assert SECRET not in answer.text
    assert said["detail"]
    assert len(answer.content) < 1_000


def test_a_refusal_repeats_no_path(client):
    for path in (f"/v1/events/{SECRET}!", f"/v1/{SECRET}", f"/v1/models/{SECRET * 20}"):
        assert SECRET not in client.get(path).text


def test_an_unknown_parameter_is_named_where_it_looks_like_a_name(client):
    assert client.get("/v1/events?limt=3").json()["errors"] == ["limt: Extra inputs are not permitted"]


def test_a_list_of_what_is_known_is_cut_after_a_whole_entry(client):
    (said,) = client.get("/v1/events?fields=x").json()["errors"]
    shown, _, more = said.removesuffix(" more").partition(" and ")
    names = shown.partition("known are ")[2].split(", ")
    assert names == list(EVENT_FIELDS)[: len(names)]
    assert len(names) + int(more) == len(EVENT_FIELDS)


def test_faults_beyond_ten_are_counted(client):
    said = client.get("/v1/events?" + "&".join(f"x{number}=1" for number in range(14))).json()["errors"]
    assert (len(said), said[-1]) == (11, "and 4 more")


@pytest.mark.parametrize(
    ("text", "ends"),
    [("a, b", "a, b"), ("word " * 100, "word ..."), ("Input should be " + " or ".join(["'x'"] * 100), "'x' and 59 more")],
)
def test_long_texts_end_whole(text, ends):
    """The third holds 299 characters up to its 41st entry: 16 of the beginning, 3 of each entry and 4 between each two."""
    assert shortened(text).endswith(ends)
    assert len(shortened(text)) < 320


def test_a_fault_of_the_whole_body_is_of_the_body():
    assert in_words([{"loc": ("body",), "msg": "Field required"}]) == ["body: Field required"]


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "/v1/runs"), ("post", "/v1/replays"), ("patch", "/v1/replays/0123456789abcdef"), ("put", "/v1/alert-routes")],
)
def test_a_body_that_is_not_said_to_be_json_is_refused_by_name(keyed, method, path, kind):
    client, texts, _ = keyed
    headers = bearer(texts[Scope.ADMIN]) | ({"content-type": kind} if kind else {})
    answer = client.request(method, path, content=RUN, headers=headers)
    assert (answer.status_code, answer.json()["errors"]) == (415, ["Content-Type"])
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.desk+json"])
def test_a_body_that_is_said_to_be_json_is_read(keyed, kind):
    client, texts, _ = keyed
    headers = bearer(texts[Scope.RUN]) | {"content-type": kind}
    assert client.post("/v1/replays", content=b'{"session": "2025-01-17"}', headers=headers).status_code == 201


def test_a_body_that_is_missing_is_said_to_be_missing(keyed):
    client, texts, _ = keyed
    answer = client.post("/v1/runs", headers=bearer(texts[Scope.RUN]))
    assert (answer.status_code, answer.json()["errors"]) == (400, ["body: Field required"])


@pytest.mark.parametrize(
    "path", ["/", "/health", "/v1/events?limit=2", "/v1/events?format=csv", "/v1/rules", "/flow/alerts", "/v1/events?limit=0", "/v1/no"]
)
def test_head_is_get_without_a_body(client, path):
    asked, got = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    others = [{name: text for name, text in one.headers.items() if name != "ratelimit-remaining"} for one in (asked, got)]
    assert others[0] == others[1]


@pytest.mark.parametrize(
    "path", ["/v1/replay/stream?session=2025-01-17&source=tape", "/v1/exports/alerts", "/v1/exports/events?format=arrow"]
)
def test_head_of_a_stream_ends(client, path):
    """And gives back what it held."""
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    held = client.app.state.context.held
    assert [held.count(name, kind) for name in ("testclient", "127.0.0.1") for kind in ("socket", "bulk")] == [0, 0, 0, 0]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/rules", "/"])
def test_options_is_not_served(client, path):
    answer = client.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("path", "methods"), [("/v1/runs", "GET, HEAD, POST"), ("/v1/runs/0123456789abcdef", "DELETE, GET, HEAD"), ("/v1/events", "GET, HEAD")]
)
def test_a_method_that_is_none_is_told_all_that_are(client, path, methods):
    answer = client.request("OPTIONS", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)
