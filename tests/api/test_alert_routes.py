"""`/v1/alert-routes` and `/ready`: who may ask, and what is said."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest
from api_helpers import BASE, WIDE, bearer
from starlette.testclient import TestClient

from smartmoney_pipeline.api.alert_rules import AlertBook
from smartmoney_pipeline.api.alert_runner import AlertRunner
from smartmoney_pipeline.api.app import create_app
from smartmoney_pipeline.api.keys import Scope
from smartmoney_pipeline.api.settings import Limits, Settings

BOOK = AlertBook.model_validate(
    {
        "channels": [
            {"name": "desk", "kind": "webhook", "url": "https://user:pass@hooks.example:8443/T0KEN/path?key=S3CRET", "secret_env": "DESK"},
            {"name": "chat", "kind": "apprise", "secret_env": "CHAT_URL"},
        ],
        "rules": [
            {"name": "large", "channels": ["desk", "chat"], "underlyings": ["SPY", "AAPL"], "profiles": ["vol_seller", "arbitrage"],
             "min_probability": 0.75, "quiet": {"start": "20:00", "end": "06:00"}},
        ],
    }
)  # fmt: skip


@pytest.fixture
def alerting(keyed, hand):
    """A server with rules over the lake of `keyed`, and the texts of its keys."""
    _, texts, ring = keyed
    lake = ring.path.parents[1]
    runner = AlertRunner(BOOK, lake, hand.clock(), {"DESK": "hidden-in-the-environment", "CHAT_URL": "json://hidden-in-the-environment"})
    app = create_app(Settings(lake, limits=WIDE, clock=hand.clock(), secret=b"tests"), alerts=runner)
    with TestClient(app, base_url=BASE) as client:
        yield client, texts


def test_only_an_administrator_reads_the_rules(alerting):
    client, texts = alerting
    asked = {scope: client.get("/v1/alert-routes", headers=bearer(texts[scope])).status_code for scope in Scope}
    assert asked == {Scope.READ: 403, Scope.RUN: 403, Scope.ADMIN: 200}
    assert client.get("/v1/alert-routes").status_code == 401


def test_rules_are_said_and_secrets_are_not(alerting):
    client, texts = alerting
    answer = client.get("/v1/alert-routes", headers=bearer(texts[Scope.ADMIN]))
    (rule,) = answer.json()["rules"]
    assert (rule["underlyings"], rule["profiles"], rule["min_probability"]) == (["AAPL", "SPY"], ["arbitrage", "vol_seller"], 0.75)
    assert rule["quiet"] == {"start": "20:00:00", "end": "06:00:00"}
    # The defaults of docs/alerts.md.
    assert (rule["cooldown_seconds"], rule["max_per_minute"], rule["include_abstained"]) == (300, 10, False)
    assert answer.json()["channels"] == [
        {"name": "desk", "kind": "webhook", "host": "hooks.example"},
        {"name": "chat", "kind": "apprise", "host": None},
    ]
    assert not [word for word in ("T0KEN", "S3CRET", "pass", "DESK", "CHAT_URL", "hidden") if word in answer.text]


def test_a_server_without_rules_has_none(keyed):
    client, texts, _ = keyed
    assert client.get("/v1/alert-routes", headers=bearer(texts[Scope.ADMIN])).json() == {"rules": [], "channels": []}


def test_a_server_that_can_answer_is_ready_without_a_key(make_app):
    with TestClient(make_app(open_reading=False), base_url=BASE) as client:
        assert client.get("/ready").json() == {"status": "ready"}
        assert client.get("/v1/status").status_code == 401


def test_readiness_reads_files_and_so_is_limited(make_app):
    with TestClient(make_app(limits=Limits(open_reads_a_minute=2)), base_url=BASE) as client:
        assert [client.get("/ready").status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/health").status_code == 200


def test_a_server_over_a_damaged_session_is_healthy_but_not_ready(tmp_path, lake, make_app):
    own = shutil.copytree(lake, tmp_path / "lake")
    with TestClient(make_app(lake=own), base_url=BASE) as client:
        assert client.get("/ready").status_code == 200
        for path in own.rglob("*.json"):
            path.write_text("{")
        answer = client.get("/ready")
        assert (answer.status_code, client.get("/health").status_code) == (503, 200)
        assert str(own) not in answer.text


@pytest.mark.parametrize(("state", "status"), [("playing", 200), ("finished", 200), ("failed", 503)])
def test_a_feed_that_broke_off_is_not_ready(client, state, status):
    client.app.state.live = SimpleNamespace(state=lambda: {"state": state})
    assert client.get("/ready").status_code == status
