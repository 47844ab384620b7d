"""Runs: asked for with a key, once for each Idempotency-Key, one at a time, in a process of their own."""

from __future__ import annotations

import sys
import time
from datetime import date

import pytest
from api_helpers import bearer

from smartmoney_pipeline.api.catalog import SessionKey
from smartmoney_pipeline.api.keys import Scope
from smartmoney_pipeline.api.run_models import PackOut
from smartmoney_pipeline.api.runs import Run, RunDesk, materialise

ASKED = {"pack": "demo", "seed": 7, "session": "2026-03-18"}


@pytest.fixture
def desk(keyed, monkeypatch):
    """A server whose runs are a child process that a test writes, and which knows one pack without asking the command line."""
    client, texts, _ = keyed
    words = {"code": "pass"}
    found = RunDesk(client.app.state.context.settings.lake, lambda asked: [sys.executable, "-c", words["code"]])
    found._packs = [PackOut(name="demo", mode="demo", description="a day", templates=[])]
    client.app.state.runs = found
    return client, bearer(texts[Scope.RUN]), words


def ended(client, run_id):
    for _ in range(200):
        run = client.get(f"/v1/runs/{run_id}").json()
        if run["state"] not in {"queued", "running"}:
            return run
        time.sleep(0.05)
    raise AssertionError(run)


def test_a_run_goes_through_and_is_listed(desk):
    client, headers, _ = desk
    answer = client.post("/v1/runs", json=ASKED, headers=headers)
    assert answer.status_code == 202
    run = answer.json()
    assert (run["source"], run["session"]) == ("demo-7", "2026-03-18")
    assert answer.headers["location"] == f"/v1/runs/{run['run_id']}"
    assert ended(client, run["run_id"])["state"] == "succeeded"
    assert [one["run_id"] for one in client.get("/v1/runs").json()["data"]] == [run["run_id"]]


def test_a_failed_run_says_its_last_words_without_paths(desk):
    client, headers, words = desk
    words["code"] = "import sys; sys.exit('cannot read /srv/lake/tape: no such file')"
    run = ended(client, client.post("/v1/runs", json=ASKED, headers=headers).json()["run_id"])
    assert (run["state"], run["message"]) == ("failed", "cannot read <path>: no such file")


def test_the_same_key_asks_once_and_another_body_is_a_conflict(desk):
    client, headers, _ = desk
    once = headers | {"idempotency-key": "a-1"}
    first = client.post("/v1/runs", json=ASKED, headers=once).json()["run_id"]
    assert client.post("/v1/runs", json=ASKED, headers=once).json()["run_id"] == first
    assert client.post("/v1/runs", json=ASKED | {"seed": 8}, headers=once).status_code == 409
    assert client.post("/v1/runs", json=ASKED, headers=headers).json()["run_id"] != first


def test_runs_work_one_at_a_time_and_can_be_cancelled(desk):
    client, headers, words = desk
    words["code"] = "import time; time.sleep(60)"
    first, second = (client.post("/v1/runs", json=ASKED | {"seed": seed}, headers=headers).json()["run_id"] for seed in (1, 2))
    for _ in range(100):
        if client.get(f"/v1/runs/{first}").json()["state"] == "running":
            break
        time.sleep(0.05)
    assert client.get(f"/v1/runs/{second}").json()["state"] == "queued"
    assert client.delete(f"/v1/runs/{second}", headers=headers).json()["state"] == "cancelled"
    assert client.delete(f"/v1/runs/{first}", headers=headers).json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "status"),
    [({"pack": "nothing"}, 404), ({"pack": "../x"}, 400), ({"seed": -1}, 400), ({"session": "2026-03-21"}, 400), ({"path": "x"}, 400),
     ({"session": "1999-01-04"}, 400), ({"dataset": "2026-03-18|tape"}, 400), ({"seed": None}, 400)],
)  # fmt: skip
def test_a_run_that_cannot_be_is_refused(desk, change, status):
    client, headers, _ = desk
    assert client.post("/v1/runs", json=ASKED | change, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("dataset", "status"),
    [("2026-03-18|tape", 202), ("2026-03-18|demo-7", 202), ("2026-03-21|tape", 400), ("2026-03-18|other-7", 404),
     ("2026-03-18|demo-07", 404), ("2026-03-18|demo", 404), ("2026-03-18", 400),
     ("/srv/tape", 400), ("2026-03-18|../x", 400), ("2026-13-18|tape", 400)],
)  # fmt: skip
def test_a_run_is_asked_for_by_the_id_of_a_dataset(desk, dataset, status):
    client, headers, _ = desk
    answer = client.post("/v1/runs", json={"dataset": dataset}, headers=headers)
    assert answer.status_code == status
    if status == 202:
        assert f"{answer.json()['session']}|{answer.json()['source']}" == dataset


def test_events_are_chosen_by_the_run_that_published_them(desk):
    """A run that ended well over the session of the lake, one over another that is not there, and one that has not ended."""
    client, _, _ = desk
    at = {
        "0" * 15 + "1": ("2025-01-17", "succeeded"),
        "0" * 15 + "2": ("2025-01-21", "succeeded"),
        "0" * 15 + "3": ("2025-01-17", "running"),
    }
    for name, (day, state) in at.items():
        client.app.state.runs._runs[name] = Run(name, SessionKey(date.fromisoformat(day), "tape"), state)
    page = client.get("/v1/events", params={"run_id": "0" * 15 + "1", "limit": 1}).json()
    assert (page["session"], page["matched"], page["data"][0]["event_id"]) == ("2025-01-17", 3, "a-e1")
    assert client.get(page["next_url"]).json()["data"][0]["event_id"] == "a-e2"
    statuses = [client.get("/v1/events", params={"run_id": "0" * 15 + last}).status_code for last in "234"]
    assert statuses == [404, 404, 404]
    assert client.get("/v1/events", params={"run_id": "0" * 15 + "1", "session": "2025-01-20"}).status_code == 404
    assert client.get("/v1/events", params={"run_id": "x"}).status_code == 400


def test_a_dataset_is_pending_while_its_run_is_under_way(desk):
    client, headers, words = desk
    words["code"] = "import time; time.sleep(60)"
    at = "/v1/datasets/2026-03-18|demo-7/condition"
    assert client.get(at).json()["condition"] == "missing"
    run = client.post("/v1/runs", json=ASKED, headers=headers).json()["run_id"]
    assert client.get(at).json()["condition"] == "pending"
    assert {"dataset_id": "2026-03-18|demo-7", "session": "2026-03-18", "source": "demo-7", "state": "pending"} in client.get(
        "/v1/datasets"
    ).json()["data"]
    client.delete(f"/v1/runs/{run}", headers=headers)
    assert client.get(at).json()["condition"] == "missing"


def test_a_body_that_is_no_json_is_refused(desk):
    client, headers, _ = desk
    answer = client.post("/v1/runs", content=b"{", headers=headers | {"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_the_child_is_the_asset_graph_of_this_installation():
    words = materialise(SessionKey(date(2026, 3, 18), "demo-7"))
    assert words[:5] == [sys.executable, "-m", "dagster", "asset", "materialize"]
    assert "2026-03-18|demo-7" in words


@pytest.mark.slow
def test_packs_are_those_of_the_command_line(client):
    from smartmoney_pipeline.scenarios.packs import list_packs

    assert [pack["name"] for pack in client.get("/v1/scenarios").json()["data"]] == [pack.name for pack in list_packs()]
