"""Webhooks: addresses that are refused, signatures, tries, dead letters, redirects, and the way from the live log to a receiver."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from api_helpers import HandClock
from test_alerts import NOW, event

from smartmoney_pipeline.api.alert_delivery import Courier, sender
from smartmoney_pipeline.api.alert_desk import Notice
from smartmoney_pipeline.api.alert_rules import AlertBook, AlertFileError, Channel, read_alert_book
from smartmoney_pipeline.api.alert_runner import AlertRunner
from smartmoney_pipeline.api.alert_webhook import TargetError, checked_target, is_public, signature
from smartmoney_pipeline.api.hub import Hub, Message

NOTICE = Notice("r", "event", "k1", ({"event_id": "e1", "statement": "said"},))
ENVIRONMENT = {"HOOK_SECRET": "s3cret"}


class Receiver:
    """A webhook on this machine that answers with the statuses it is given, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        left, got = list(statuses), self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(
                    ({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(int(self.headers["content-length"])))
                )
                status = left.pop(0) if left else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def channel(self, allowed: bool = True) -> Channel:
        hosts = {"127.0.0.1"} if allowed else set()
        return Channel(name="hook", kind="webhook", url=self.url, secret_env="HOOK_SECRET", allow_hosts=hosts)


@pytest.fixture
def receiver():
    made: list[Receiver] = []

    def make(*statuses: int) -> Receiver:
        made.append(Receiver(*statuses))
        return made[-1]

    yield make
    for one in made:
        one.server.shutdown()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1",
     "fc00::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "not an address"],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)
    with pytest.raises(TargetError):
        checked_target("https://hooks.example/a", resolved=lambda *_: ["8.8.8.8", address])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example", "http://", "http://name:word@a.example/", "gopher://a", "http://[::1"]
)
def test_addresses_that_are_no_webhook(url):
    with pytest.raises(TargetError):
        checked_target(url, resolved=lambda *_: ["8.8.8.8"])


@pytest.mark.parametrize(
    ("url", "listed"),
    [("http://Desk.Local:9000/", "Desk.Local"), ("http://127.0.0.1:9000/", "127.0.0.1"), ("http://[::1]:9000/", "::1")],
)
def test_a_host_that_is_listed_may_be_private(url, listed):
    """As it stands in the address, without its port; hosts have no case."""
    inner = "::1" if "[" in url else "127.0.0.1"
    assert checked_target(url, {listed}, lambda *_: [inner]).address == inner
    with pytest.raises(TargetError, match="not public"):
        checked_target(url, {f"{listed}:9000"}, lambda *_: [inner])


def test_the_file_of_the_documents_is_read(tmp_path):
    """Its channel on this machine may be sent to, the one elsewhere only where that is public."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    path = tmp_path / "alerts.yaml"
    path.write_text(page.partition("```yaml\n")[2].partition("```")[0])
    channels = {one.name: one for one in read_alert_book(path).channels}
    assert set(channels) == {"desk", "here", "chat"}
    here, desk = channels["here"], channels["desk"]
    assert checked_target(here.url, here.allow_hosts, lambda *_: ["127.0.0.1"]).port == 9000
    with pytest.raises(TargetError):
        checked_target(desk.url, desk.allow_hosts, lambda *_: ["10.0.0.1"])


def test_requests_go_to_the_address_that_was_checked():
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    assert checked_target("https://hooks.example/a", resolved=lambda *_: next(answers)).address == "8.8.8.8"


def test_no_request_reaches_a_private_address(receiver):
    hook = receiver()
    assert "not public" in sender(hook.channel(allowed=False), HandClock().clock(), ENVIRONMENT)(NOTICE)
    assert hook.got == []


def test_a_message_is_signed_over_its_time_and_body(receiver):
    hook = receiver()
    assert sender(hook.channel(), HandClock().clock(), ENVIRONMENT)(NOTICE) is None
    headers, body = hook.got[0]
    expected = hmac.new(b"s3cret", headers["x-smartmoney-timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-smartmoney-signature"] == f"sha256={expected}"
    assert headers["idempotency-key"] == "k1"
    assert json.loads(body)["items"][0]["event_id"] == "e1"


def test_the_signature_by_hand():
    # Computed with openssl: printf '1.x' | openssl dgst -sha256 -hmac k
    assert signature(b"k", "1", b"x") == "976cb87e4f568d1c0f03f32859e90af8597cf00b978ba37c229c97d3a15b8449"


def deliver(send, tmp_path) -> tuple[bool, list[float]]:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    courier = Courier("hook", send, tmp_path / "dead.jsonl", HandClock().clock(), sleep)
    return asyncio.run(courier.deliver(NOTICE)), waited


def test_a_failure_is_tried_again(receiver, tmp_path):
    hook = receiver(500, 503)
    assert deliver(sender(hook.channel(), HandClock().clock(), ENVIRONMENT), tmp_path) == (True, [1.0, 5.0])
    assert {headers["idempotency-key"] for headers, _ in hook.got} == {"k1"}
    assert not (tmp_path / "dead.jsonl").exists()


def test_what_never_goes_is_a_dead_letter_without_secrets(receiver, tmp_path):
    hook = receiver(500, 500, 500, 500)
    assert deliver(sender(hook.channel(), HandClock().clock(), ENVIRONMENT), tmp_path) == (False, [1.0, 5.0, 30.0])
    path = tmp_path / "dead.jsonl"
    line = json.loads(path.read_text())
    assert (line["channel"], line["why"], line["items"][0]["event_id"]) == ("hook", "the answer was 500", "e1")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "s3cret" not in path.read_text() and hook.url not in path.read_text()


def test_a_redirect_is_not_followed(receiver):
    hook = receiver(302)
    assert sender(hook.channel(), HandClock().clock(), ENVIRONMENT)(NOTICE) == "the answer was 302"
    assert len(hook.got) == 1


def test_apprise_gets_the_statements(monkeypatch):
    said = []

    class Apprise:
        def add(self, address):
            return address == "json://a.example"

        def notify(self, title, body):
            said.append((title, body))
            return len(said) == 1

    monkeypatch.setitem(sys.modules, "apprise", SimpleNamespace(Apprise=Apprise))
    channel = Channel(name="chat", kind="apprise", secret_env="CHAT")
    send = sender(channel, HandClock().clock(), {"CHAT": "json://a.example"})
    assert send(NOTICE) is None
    assert said == [("smartmoney r: event", "said")]
    assert send(NOTICE) == "apprise could not deliver"
    with pytest.raises(AlertFileError, match="cannot read the address in CHAT"):
        sender(channel, HandClock().clock(), {"CHAT": "nonsense"})


def test_apprise_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(AlertFileError, match="install the extra alerts"):
        sender(Channel(name="chat", kind="apprise", secret_env="CHAT"), HandClock().clock(), {"CHAT": "json://a.example"})


def test_a_channel_without_its_secret_is_refused(receiver):
    with pytest.raises(AlertFileError, match="HOOK_SECRET"):
        sender(receiver().channel(), HandClock().clock(), {})


def test_from_the_log_to_the_receiver(receiver, tmp_path):
    hook, hand = receiver(), HandClock()
    hand.ms = NOW
    rule = {"name": "r", "channels": ["hook"], "cooldown_seconds": 0}
    book = AlertBook(rules=(rule,), channels=(hook.channel(),))

    async def scenario() -> None:
        hub, runner = Hub("e"), AlertRunner(book, tmp_path, hand.clock(), ENVIRONMENT)
        runner.start(hub)
        abstained = event("quiet", abstained=True, primary_profile_id=None, abstention_reasons=["low_margin"])
        said = [Message("event", json.dumps(one).encode(), one["event_id"]) for one in (abstained, event("told"))]
        gone = Message("retraction", json.dumps({"event_id": "told", "reason": "print_cancelled"}).encode(), "told")
        hub.publish([*said, gone])
        async with asyncio.timeout(20):
            while len(hook.got) < 2:
                await asyncio.sleep(0.02)
        await runner.close()

    asyncio.run(scenario())
    told = [json.loads(body) for _, body in hook.got]
    assert [(one["kind"], one["items"][0]["event_id"]) for one in told] == [("event", "told"), ("withdrawal", "told")]


def test_a_trial_reaches_the_receiver_once_and_says_when_it_does_not(receiver, tmp_path):
    hook, hand = receiver(500), HandClock()
    runner = AlertRunner(AlertBook(rules=(), channels=(hook.channel(),)), tmp_path, hand.clock(), ENVIRONMENT)
    assert asyncio.run(runner.trial("hook")) == "the answer was 500"
    assert asyncio.run(runner.trial("hook")) is None
    assert [json.loads(body)["kind"] for _, body in hook.got] == ["trial", "trial"]
    assert "x-smartmoney-signature" in hook.got[0][0]
    assert not (tmp_path / "_alerts" / "dead_letters.jsonl").exists()
