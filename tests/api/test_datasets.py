"""`/v1/datasets`: what the lake knows, and the condition of each. The counts behind them were set down by hand in tiny_lake.py."""

from __future__ import annotations

import shutil

import pytest
from api_helpers import BASE
from starlette.testclient import TestClient


@pytest.fixture
def own(tmp_path, lake, make_app):
    """A server over a lake of its own."""
    folder = shutil.copytree(lake, tmp_path / "lake")
    with TestClient(make_app(lake=folder), base_url=BASE) as client:
        yield client, folder


def listed(client, query=""):
    return [(one["dataset_id"], one["state"]) for one in client.get(f"/v1/datasets{query}").json()["data"]]


def test_published_sessions_are_listed_newest_first(client):
    assert listed(client) == [("2025-01-20|tape", "published"), ("2025-01-17|tape", "published")]
    assert listed(client, "?source=other") == []


def test_a_tape_that_waits_and_a_session_between_that_is_missing_are_said(own):
    """2025-01-20 is a holiday of the exchange; of the sessions from 17 to 23 January 2025 the 21st and 22nd are left."""
    client, lake = own
    (lake / "tape" / "session=2025-01-23" / "source=tape").mkdir(parents=True)
    (lake / "tape" / "session=2025-01-23" / "source=demo-7").mkdir()
    (lake / "tape" / "session=x" / "source=tape").mkdir(parents=True)
    assert listed(client) == [
        ("2025-01-23|tape", "pending"),
        ("2025-01-23|demo-7", "pending"),
        ("2025-01-22|tape", "missing"),
        ("2025-01-21|tape", "missing"),
        ("2025-01-20|tape", "published"),
        ("2025-01-17|tape", "published"),
    ]
    conditions = {day: client.get(f"/v1/datasets/2025-01-{day}|tape/condition").json()["condition"] for day in (22, 23)}
    assert conditions == {22: "missing", 23: "pending"}


def test_pages_go_through_every_dataset_once(client):
    first = client.get("/v1/datasets?limit=1").json()
    second = client.get("/v1/datasets", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [page["data"][0]["dataset_id"] for page in (first, second)] == ["2025-01-20|tape", "2025-01-17|tape"]
    assert second["next_cursor"] is None


def test_a_session_with_too_many_prints_without_quotes_is_degraded(client):
    """One print of five has no quote and no underlying beside it, four of five no underlying: both above one in twenty."""
    said = client.get("/v1/datasets/2025-01-17|tape/condition").json()
    assert (said["condition"], said["faults"]) == ("degraded", ["quotes_missing", "underlying_missing"])
    assert said["shares"] == {"quotes_missing": 0.2, "quotes_stale": 0.0, "quotes_crossed": 0.0, "underlying_missing": 0.8}


def test_a_session_within_the_limits_is_available(client, monkeypatch):
    from smartmoney_pipeline.api import datasets

    monkeypatch.setattr(datasets, "MOST", {"quotes_missing": 0.2, "underlying_missing": 0.8})
    assert client.get("/v1/datasets/2025-01-17|tape/condition").json()["condition"] == "available"


def test_a_damaged_session_is_degraded_without_a_path(own):
    client, lake = own
    shutil.rmtree(lake / "_versions" / "quoted_prints")
    answer = client.get("/v1/datasets/2025-01-17|tape/condition")
    assert (answer.json()["condition"], answer.json()["faults"]) == ("degraded", ["damaged"])
    assert str(lake) not in answer.text


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("2025-01-18|tape", 404),
        ("2025-02-30|tape", 404),
        ("1900-01-02|tape", 404),
        ("2025-01-17", 400),
        ("2025-01-17|..", 400),
        ("x|tape", 400),
    ],
)
def test_what_is_no_session_is_no_dataset(client, name, status):
    assert client.get(f"/v1/datasets/{name}/condition").status_code == status
