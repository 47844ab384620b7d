"""A server over a lake without a published session: what is missing and the command that makes it, without the path of the lake."""

from __future__ import annotations

import shutil

import pytest
from api_helpers import BASE
from starlette.testclient import TestClient

from smartmoney_pipeline.api.lacking import missing
from smartmoney_pipeline.store.lake import Lake


def said(make_app, lake) -> tuple[str, str]:
    """What /ready and /v1/status say is missing, the same, and the state."""
    with TestClient(make_app(lake=lake), base_url=BASE) as client:
        ready, status = client.get("/ready"), client.get("/v1/status")
        assert ready.status_code == status.status_code == 200
        assert ready.json()["missing"] == status.json()["missing"]
        assert str(lake) not in ready.text
        return ready.json()["status"], ready.json()["missing"]


def test_an_empty_lake(make_app, tmp_path):
    state, lacks = said(make_app, tmp_path)
    assert state == "empty"
    assert lacks.endswith("with: smartmoney backfill LAKE --source demo-7 --since 2026-03-18 --until 2026-03-18")


def test_a_question_about_an_empty_lake_leads_there(make_app, tmp_path, client):
    with TestClient(make_app(lake=tmp_path), base_url=BASE) as empty:
        assert "/v1/status says what is missing" in empty.get("/v1/events").json()["detail"]
    assert client.get("/v1/events?session=2020-01-02").json()["detail"] == "no such session is published"


def test_a_lake_with_a_session_that_was_not_published(make_app, lake, tmp_path):
    own = shutil.copytree(lake, tmp_path / "lake")
    shutil.rmtree(own / "_published")
    assert said(make_app, own) == (
        "empty",
        "2025-01-20 tape is scored but not published; publish it with: smartmoney publish LAKE --session 2025-01-20 --source tape",
    )


def test_a_lake_with_a_tape_alone(make_app, tmp_path):
    for name in ("session=2025-01-17/source=tape", "session=2025-01-21/source=x;rm"):
        (tmp_path / "tape" / name).mkdir(parents=True)
    state, lacks = said(make_app, tmp_path)
    assert (state, lacks.partition("with: ")[2]) == (
        "empty",
        "smartmoney backfill LAKE --source tape --since 2025-01-17 --until 2025-01-17",
    )


def test_a_lake_with_a_session_lacks_nothing(make_app, lake):
    assert said(make_app, lake) == ("ready", None)


@pytest.mark.parametrize("words", ["backfill", "publish"])
def test_the_commands_are_there(words):
    from smartmoney_pipeline.cli import app

    assert words in {command.name or command.callback.__name__ for command in app.registered_commands}


def test_a_lake_is_named_where_it_may_be(tmp_path):
    assert "smartmoney backfill 'a lake' --source" in (missing(Lake(tmp_path), "'a lake'") or "")
