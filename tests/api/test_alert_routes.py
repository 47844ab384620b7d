"""`/v1/alert-routes` and `/ready`: who may ask, what is said, and how rules are replaced."""

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


RULES = {"rules": [{"name": "calm", "channels": ["desk"], "underlyings": ["QQQ", "DIA"], "min_probability": 0.9}]}


@pytest.mark.parametrize(("method", "path", "body"), [("PUT", "", RULES), ("POST", "/test", {"channel": "desk"})])
def test_only_an_administrator_changes_rules_and_tries_channels(alerting, method, path, body):
    client, texts = alerting
    asked = {scope: client.request(method, f"/v1/alert-routes{path}", json=body, headers=bearer(texts[scope])) for scope in Scope}
    assert {scope: answer.status_code for scope, answer in asked.items()} == {Scope.READ: 403, Scope.RUN: 403, Scope.ADMIN: 200}
    assert client.request(method, f"/v1/alert-routes{path}", json=body).status_code == 401
    foreign = bearer(texts[Scope.ADMIN]) | {"origin": "https://evil.example"}
    assert client.request(method, f"/v1/alert-routes{path}", json=body, headers=foreign).status_code == 403


def test_rules_that_were_put_outlive_the_server_until_the_file_changes(alerting, hand):
    client, texts = alerting
    lake, runner = client.app.state.context.settings.lake, client.app.state.alerts
    put = client.put("/v1/alert-routes", json=RULES, headers=bearer(texts[Scope.ADMIN])).json()
    assert [(rule["name"], rule["underlyings"], rule["max_per_minute"]) for rule in put["rules"]] == [("calm", ["DIA", "QQQ"], 10)]
    assert client.get("/v1/alert-routes", headers=bearer(texts[Scope.ADMIN])).json() == put
    secrets = {"DESK": "x", "CHAT_URL": "json://x"}
    assert AlertRunner(BOOK, lake, hand.clock(), secrets).book == runner.book
    edited = BOOK.model_copy(update={"rules": (BOOK.rules[0].model_copy(update={"min_probability": 0.8}),)})
    assert AlertRunner(edited, lake, hand.clock(), secrets).book == edited
    kept = lake / "_alerts" / "rules.json"
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text("{")
    assert AlertRunner(BOOK, lake, hand.clock(), secrets).book == BOOK


def test_a_rule_that_stays_goes_on_where_it_stands(alerting):
    """The desk of a rule knows what was told; another rule, and the same rule with another figure, begin anew."""
    client, texts = alerting
    runner = client.app.state.alerts
    (first,) = runner._desks
    stays = client.get("/v1/alert-routes", headers=bearer(texts[Scope.ADMIN])).json()["rules"]
    both = {"rules": [*RULES["rules"], *stays]}
    assert client.put("/v1/alert-routes", json=both, headers=bearer(texts[Scope.ADMIN])).status_code == 200
    assert runner._desks[1] is first
    changed = {"rules": [stays[0] | {"min_probability": 0.8}]}
    assert client.put("/v1/alert-routes", json=changed, headers=bearer(texts[Scope.ADMIN])).status_code == 200
    assert runner._desks[0] is not first


@pytest.mark.parametrize(
    "change",
    [{"channels": ["nobody"]}, {"url": "https://a.example"}, {"min_probability": 2}, {"cooldown_seconds": "Infinity"},
     {"quiet": {"start": "20:00Z", "end": "06:00"}}, {"quiet": {"start": 1200, "end": "06:00"}}, {"name": "../x"}],
)  # fmt: skip
def test_rules_that_cannot_be_change_nothing(alerting, change):
    client, texts = alerting
    headers = bearer(texts[Scope.ADMIN])
    before = client.get("/v1/alert-routes", headers=headers).json()
    answer = client.put("/v1/alert-routes", json={"rules": [RULES["rules"][0] | change]}, headers=headers)
    assert answer.status_code == 400
    assert client.get("/v1/alert-routes", headers=headers).json() == before


def test_a_trial_says_why_it_did_not_go_without_the_address(alerting):
    """The address of the channel holds a name and a password, so it is refused before anything is sent."""
    client, texts = alerting
    answer = client.post("/v1/alert-routes/test", json={"channel": "desk"}, headers=bearer(texts[Scope.ADMIN]))
    assert (answer.json()["channel"], answer.json()["delivered"]) == ("desk", False)
    assert "without a name or password" in answer.json()["why"]
    assert "hooks.example" not in answer.text
    assert client.post("/v1/alert-routes/test", json={"channel": "x"}, headers=bearer(texts[Scope.ADMIN])).status_code == 404


def test_a_server_without_a_file_of_alerts_has_nothing_to_change(keyed):
    client, texts, _ = keyed
    headers = bearer(texts[Scope.ADMIN])
    assert client.put("/v1/alert-routes", json=RULES, headers=headers).status_code == 409
    assert client.post("/v1/alert-routes/test", json={"channel": "desk"}, headers=headers).status_code == 409


def test_a_server_without_rules_has_none(keyed):
    client, texts, _ = keyed
    assert client.get("/v1/alert-routes", headers=bearer(texts[Scope.ADMIN])).json() == {"rules": [], "channels": []}


def test_a_server_that_can_answer_is_ready_without_a_key(make_app):
    with TestClient(make_app(open_reading=False), base_url=BASE) as client:
        assert client.get("/ready").json() == {"status": "ready", "missing": None}
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
