"""Alert rules go by the time of the feed: the same tape is told the same whatever the clock of the server does meanwhile."""

from __future__ import annotations

import asyncio
import json

import pytest
from api_helpers import HandClock
from test_alerts import MINUTE, NOW, SECOND, event

from smartmoney_pipeline.api import alert_runner
from smartmoney_pipeline.api.alert_rules import AlertBook
from smartmoney_pipeline.api.alert_runner import AlertRunner
from smartmoney_pipeline.api.hub import Hub, Message

CHANNEL = {"name": "hook", "kind": "webhook", "url": "http://127.0.0.1:1/", "secret_env": "HOOK"}
HOUR = 60 * MINUTE


def played(monkeypatch, tmp_path, rule: dict, said: list[tuple[int, str]], step_ms: int, end_ms: int = 0) -> list[tuple[str, list[str]]]:
    """What a rule sends of events said at these times after NOW, while the server's clock moves `step_ms` with each; then the feed ends."""
    got, hand, hub = [], HandClock(), Hub("e")
    hand.ms = 1_000_000_000_000
    monkeypatch.setattr(alert_runner, "sender", lambda *_: got.append)
    monkeypatch.setattr(alert_runner, "TICK_SECONDS", 0.01)
    book = AlertBook.model_validate({"channels": [CHANNEL], "rules": [{"name": "r", "channels": ["hook"], "cooldown_seconds": 0} | rule]})

    async def scenario() -> None:
        runner = AlertRunner(book, tmp_path, hand.clock(), {})
        runner.start(hub)
        for after, name in said:
            hub.time_ns = (NOW + after) * 1_000_000
            hub.publish([Message("event", json.dumps(event(name)).encode(), name, said_ns=hub.time_ns)])
            hand.ms += step_ms
            await asyncio.sleep(0.03)
        hub.ended = True
        await asyncio.sleep(0.05)
        hand.ms += end_ms
        await asyncio.sleep(0.1)
        await runner.close()

    asyncio.run(scenario())
    return [(one.kind, [item["event_id"] for item in one.items]) for one in got]


@pytest.mark.parametrize("step_ms", [0, 10 * HOUR])
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"cooldown_seconds": 60}, [("event", ["a"]), ("event", ["d"])]),
        ({"max_per_minute": 2}, [("event", ["a"]), ("event", ["b"]), ("event", ["d"])]),
        ({"digest_seconds": 30}, [("digest", ["a", "b", "c"])]),
        ({"quiet": {"start": "10:00", "end": "10:01"}}, [("digest", ["a", "b", "c"]), ("event", ["d"])]),
    ],
)
def test_the_clock_of_the_server_changes_nothing(monkeypatch, tmp_path, rule, expected, step_ms):
    """NOW is 10:00 in New York; a minute lies between the first and the last event."""
    said = [(0, "a"), (10 * SECOND, "b"), (20 * SECOND, "c"), (MINUTE, "d")]
    assert played(monkeypatch, tmp_path, rule, said, step_ms) == expected


def test_what_waits_when_the_tape_ends_is_sent_once_its_hour_has_come(monkeypatch, tmp_path):
    """Quiet until 10:01 of the tape, which ends at 10:00:10: fifty seconds later by the clock of the server."""
    rule, said = {"quiet": {"start": "10:00", "end": "10:01"}}, [(10 * SECOND, "a")]
    assert played(monkeypatch, tmp_path, rule, said, 0, 49 * SECOND) == []
    assert played(monkeypatch, tmp_path, rule, said, 0, 50 * SECOND) == [("digest", ["a"])]
