"""`smartmoney retention` and `publish`, and the executors of `score`: what they say, what they change, and what they refuse."""

from __future__ import annotations

import json
from datetime import date

import pyarrow as pa
import pytest
from command_runs import run

from smartmoney_pipeline.console.scoring import cut_asked
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import publish


@pytest.fixture
def lake(tmp_path) -> Lake:
    """A lake with a version that no manifest lists and a file of a crashed writer."""
    made = Lake(tmp_path / "lake")
    for value in (1, 2):
        made.write("event_features", date(2026, 3, 18), "tape", pa.table({"x": [value]}))
        publish(made, date(2026, 3, 18), "tape", ["event_features"], {"code": "1"})
    (made.root / ".left.tmp").write_text("")
    return made


def test_retention_says_what_may_go_and_removes_it_only_when_told(lake):
    said = json.loads(run("retention", lake.root, "--grace", "0", "--json").out)
    # Of the first result its table, and the manifest that lists it.
    assert (len(said["temporaries"]), len(said["versions"]), said["removed"]) == (1, 2, False)
    assert (lake.root / ".left.tmp").exists()
    assert run("retention", lake.root, "--grace", "0", "--apply").code == 0
    again = json.loads(run("retention", lake.root, "--grace", "0", "--json").out)
    assert (again["temporaries"], again["versions"], again["bytes"]) == ([], [], 0)


def test_young_versions_stay_by_default(lake):
    assert json.loads(run("retention", lake.root, "--json").out)["versions"] == []


def test_retention_of_no_lake_is_an_error(tmp_path):
    ended = run("retention", tmp_path / "nothing")
    assert ended.code == 1
    assert "no such folder" in ended.err


def test_what_is_not_in_the_lake_cannot_be_published(tmp_path):
    ended = run("publish", tmp_path, "--session", "2026-03-18", "--source", "tape")
    assert ended.code == 1
    assert "cannot publish a partition that does not exist" in ended.err


@pytest.mark.parametrize(("executor", "scheduler"), [("dask", None), ("pool", "tcp://127.0.0.1:1"), ("serial", "tcp://127.0.0.1:1")])
def test_options_that_do_not_go_together_are_refused(executor, scheduler):
    with pytest.raises(CommandError, match="--scheduler"):
        cut_asked(executor, scheduler, None, None)


@pytest.mark.parametrize(("since", "until"), [("2026-03-21", "2026-03-22"), ("2026-04-03", "2026-04-03"), ("2026-03-18", "2026-03-17")])
def test_a_backfill_of_no_session_is_an_error(tmp_path, since, until):
    """A weekend, Good Friday of 2026, and a range that runs backwards."""
    ended = run("backfill", tmp_path / "lake", "--source", "test-7", "--since", since, "--until", until)
    assert (ended.code, ended.err) == (2, f"smartmoney: there is no session of the exchange from {since} to {until}\n")


@pytest.mark.parametrize("place", ["gs://bucket/x", "s3://", "https://host/x", "file:///some/folder"])
def test_a_url_that_is_no_place_is_refused(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    ended = run("score", tmp_path, "--out", place)
    assert (ended.code, ended.err) == (2, f"smartmoney: {place}: a place is a path, or a URL s3://bucket/prefix\n")
    assert not list(tmp_path.iterdir())


def test_an_endpoint_without_a_scheme_is_refused(monkeypatch):
    """Without it the client would ask the public service, with the keys at hand."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "127.0.0.1:5117")
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    ended = run("check", "s3://bucket/tape")
    assert (ended.code, ended.err) == (1, "smartmoney: AWS_ENDPOINT_URL: '127.0.0.1:5117' is no http:// or https:// address\n")
