"""The server against its own description: every operation, bad and good requests, chains of them."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import date
from pathlib import Path

import pytest
import schemathesis
from api_helpers import WIDE, HandClock, bearer
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tiny_lake import build_lake

from smartmoney_pipeline.api.alert_rules import AlertBook
from smartmoney_pipeline.api.alert_runner import AlertRunner
from smartmoney_pipeline.api.app import create_app
from smartmoney_pipeline.api.catalog import SessionKey
from smartmoney_pipeline.api.description import text_of
from smartmoney_pipeline.api.hub import Hub
from smartmoney_pipeline.api.keys import KeyRing, Scope
from smartmoney_pipeline.api.legacy_channels import LegacyChannels
from smartmoney_pipeline.api.replay_clock import ReplayClock
from smartmoney_pipeline.api.replay_desk import Stored
from smartmoney_pipeline.api.replay_frames import Part
from smartmoney_pipeline.api.run_models import PackOut
from smartmoney_pipeline.api.runs import Run, RunDesk
from smartmoney_pipeline.api.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
STREAMS = r"/(stream|replay/stream)$"
"""Streams do not end by themselves; they have tests of their own."""

RUN_ID = "00000000000000aa"
REPLAY_ID = "00000000000000bb"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
KNOWN = {"event_id": "a-e1", "packet_id": "a-k1", "version": "identity-1", "table": "alerts", "run_id": RUN_ID,
         "dataset_id": "2025-01-17|tape", "replay_id": REPLAY_ID}  # fmt: skip
CHANNEL = {"name": "desk", "kind": "webhook", "url": "http://127.0.0.1:1/hook", "secret_env": "DESK"}
ALERTS = AlertBook.model_validate({"channels": [CHANNEL], "rules": []})
BODIES = {
    "POST /v1/runs": {"pack": "demo", "seed": 1, "session": "2026-03-18"},
    "POST /v1/replays": {"session": "2025-01-17", "speed": 60},
    "PATCH /v1/replays/{replay_id}": {"op": "pause"},
    "PUT /v1/alert-routes": {"rules": [{"name": "large", "channels": ["desk"]}]},
    "POST /v1/alert-routes/test": {"channel": "desk"},
}
"""A good body for each route that takes one: chance alone seldom finds one."""

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
FUZZ = {"deadline": None, "database": None, "suppress_health_check": QUIET, "phases": [Phase.explicit, Phase.generate]}


class SilentFeed:
    """A live feed that says nothing."""

    def __init__(self) -> None:
        self.hub, self.channels = Hub("silent"), LegacyChannels()

    def state(self):
        return {"session": None, "source": "silent", "state": "playing"}

    def start(self, loop) -> None:
        pass

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server over a lake of its own with a key for runs, whose runs end at once."""
    root = build_lake(tmp_path_factory.mktemp("schema") / "lake")
    text, _ = KeyRing(root).create("schema", Scope.ADMIN)
    clock = HandClock().clock()
    app = create_app(
        Settings(root, hosts=("testserver", "localhost", "127.0.0.1"), limits=WIDE, clock=clock, secret=b"tests"),
        SilentFeed(),
        alerts=AlertRunner(ALERTS, root, clock, {"DESK": "hidden"}),
    )
    app.state.runs = RunDesk(root, lambda asked: [sys.executable, "-c", "pass"])
    app.state.runs._packs = [PackOut(name="demo", mode="demo", description="a day", templates=[])]
    app.state.runs._runs[RUN_ID] = Run(RUN_ID, SessionKey(date(2026, 3, 18), "demo-1"), "succeeded", "is published")
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)

    def renew() -> None:
        view = app.state.context.catalog.chosen(None, None)
        app.state.replays._kept[REPLAY_ID] = Stored(Part(view, None, None), ReplayClock(lambda: 0.0, 60.0, 0))

    renew()
    return schema.exclude(path_regex=STREAMS), bearer(text), renew


def test_the_committed_description_is_that_of_the_routes(client):
    remake = "write it again: python -m smartmoney_pipeline.api.description docs/openapi.json"
    assert PAGE.read_text(encoding="utf-8") == text_of(client.get("/openapi.json").json()), remake


def test_every_route_of_the_server_is_described_but_what_is_out_of_scope(client):
    said = set(json.loads(PAGE.read_text())["paths"])
    routes = {route.path for route in client.app.routes if getattr(route, "include_in_schema", False)}
    assert routes <= said
    assert len(said) > 45


def cases(operation, mode: GenerationMode):
    """Requests of one operation; those with an id in their path ask for one that is there half of the time."""
    known = {name: value for name, value in KNOWN.items() if "{" + name + "}" in operation.path}
    free = operation.as_strategy(generation_mode=mode)
    return free | operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=known) if known else free


def fuzz(served, number: int, examples: int) -> dict[str, set[int]]:
    """Call every operation with so many examples of each mode; the statuses seen, by operation."""
    schema, headers, renew = served
    seen: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        renew()
        for mode in GenerationMode:

            def one(case):
                answer = case.call(headers=headers)
                seen.setdefault(case.operation.label, set()).add(answer.status_code)
                case.validate_response(answer, checks=CHECKS)

            with contextlib.suppress(Unsatisfiable):
                seed(number)(settings(**FUZZ, max_examples=examples)(given(case=cases(operation, mode))(one)))()
        if operation.label in BODIES:
            renew()
            one(operation.Case(path_parameters=KNOWN, body=BODIES[operation.label], media_type="application/json"))
        refused = operation.Case(path_parameters=KNOWN).call(headers=bearer("smk_wrong"))
        seen.setdefault(operation.label, set()).add(refused.status_code)
    return seen


def require_both(seen: dict[str, set[int]]) -> None:
    """Nearly every operation was seen to succeed and to refuse (S1 asks for 95 per cent)."""
    good = [label for label, codes in seen.items() if any(code < 300 for code in codes) and any(400 <= code < 500 for code in codes)]
    assert len(good) >= 0.95 * len(seen), {label: codes for label, codes in seen.items() if label not in good}


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_no_request_breaks_the_server_or_its_description(served, number):
    require_both(fuzz(served, number, 4))


@pytest.mark.long
@pytest.mark.parametrize("number", [3, 4])
def test_no_request_breaks_the_server_with_many_examples(served, number):
    require_both(fuzz(served, number, 100))


def chain(served, number: int, examples: int) -> None:
    schema, headers, renew = served
    renew()

    class Chained(schema.as_state_machine()):
        def get_call_kwargs(self, case):
            return {"headers": headers}

        def validate_response(self, response, case, **_):
            case.validate_response(response, checks=CHECKS)

    run_state_machine_as_test(seed(number)(Chained), settings=settings(**FUZZ, max_examples=examples, stateful_step_count=6))


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_no_chain_of_requests_breaks_the_server(served, number):
    chain(served, number, 8)


@pytest.mark.long
@pytest.mark.parametrize("number", [3, 4])
def test_no_chain_of_requests_breaks_the_server_with_many_examples(served, number):
    chain(served, number, 150)
