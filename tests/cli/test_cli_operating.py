"""`smartmoney retention` and `publish`, and the executors of `score`: what they say, what they change, and what they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pyarrow as pa
import pytest
from command_runs import run

from smartmoney_pipeline.console.retaining import MOST_LISTED
from smartmoney_pipeline.console.scoring import cut_asked
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.output_tables import SmartMoneyEvents
from smartmoney_pipeline.schemas.published_tables import PUBLISHED
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import publish
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.objects import Objects

OF_THE_TAPE = ("--session", "2026-03-18", "--source", "tape")
OUTPUT = {"smart_money_events": arrow_schema(SmartMoneyEvents).empty_table()}


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


def test_retention_lists_what_would_go(lake):
    listed = json.loads(run("retention", lake.root, "--grace", "0", "--json").out)
    said = run("retention", lake.root, "--grace", "0", width=400).out.splitlines()
    assert said[0].startswith("may go, and goes with --apply: files of crashed writers 1, versions that no manifest lists 2; ")
    names = [*listed["temporaries"], *listed["versions"]]
    assert all((lake.root / name).is_file() for name in names)
    # Hashes are cut in the lines, and whole in the document.
    beginnings = [line.strip().partition("…")[0] for line in said[1:]]
    assert len(beginnings) == len(names) == 3
    assert all(name.startswith(start) for name, start in zip(names, beginnings, strict=True))
    assert beginnings[0] == ".left.tmp"
    assert max(map(len, said[1:])) < 100


def test_a_long_list_is_cut_and_says_so(lake):
    for number in range(MOST_LISTED + 5):
        (lake.root / f".{number:02d}.tmp").write_text("")
    said = run("retention", lake.root).out.splitlines()
    assert said[0].startswith(f"may go, and goes with --apply: files of crashed writers {MOST_LISTED + 6}; ")
    assert (len(said), said[-1]) == (MOST_LISTED + 2, "  and 6 more; --json lists all")


def test_young_versions_stay_by_default(lake):
    (lake.root / ".left.tmp").unlink()
    assert json.loads(run("retention", lake.root, "--json").out)["versions"] == []
    assert run("retention", lake.root).out == "nothing may go; versions younger than 24 hours stay (--grace)\n"


@pytest.mark.parametrize("words", [("retention",), ("restore", *OF_THE_TAPE), ("publish", *OF_THE_TAPE)])
@pytest.mark.parametrize("place", ["a folder", "nothing", "a result", "a url"])
def test_a_place_that_is_no_lake_is_refused(tmp_path, request, words, place):
    root = tmp_path / "here"
    if place == "a url":
        root = f"{request.getfixturevalue('bucket')}/here"
        Objects(root).put("notes.txt", b"1")
    elif place != "nothing":
        (root / "sub").mkdir(parents=True)
        (root / "manifest.json").write_text("{}")
    ended = run(words[0], root, *words[1:])
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"smartmoney: {root}: holds no lake: ")


def test_a_lake_by_url_that_published_nothing_yet_is_a_lake(bucket):
    lake = open_lake(f"{bucket}/lake")
    lake.write("event_features", date(2026, 3, 18), "tape", pa.table({"x": [1]}))
    assert run("retention", f"{bucket}/lake").out.startswith("nothing may go")


@pytest.mark.parametrize("words", [("retention",), ("restore", *OF_THE_TAPE), ("publish", *OF_THE_TAPE), ("events",)])
def test_a_bucket_that_is_not_there_is_said(bucket, words):
    ended = run(words[0], "s3://no-such-bucket/lake", *words[1:])
    assert (ended.code, ended.out, ended.err) == (1, "", "smartmoney: s3://no-such-bucket: there is no such bucket\n")


def test_a_session_that_is_not_published_cannot_be_restored(lake):
    ended = run("restore", lake.root, "--session", "2026-03-19", "--source", "tape")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "smartmoney: 2026-03-19 tape is not published in this lake; there is 2026-03-18 tape\n"


def test_what_is_not_in_the_lake_cannot_be_published(lake):
    """One line that names the tables, without a file of the inside of the lake."""
    ended = run("publish", lake.root, *OF_THE_TAPE)
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert ended.err.startswith("smartmoney: 2026-03-18 tape cannot be published: these tables were not written: alerts, ")
    assert "event_features" not in ended.err
    assert str(lake.root) not in ended.err


def test_publish_needs_no_orchestrator_and_prints_no_warning(tmp_path):
    made = Lake(tmp_path)
    for name in PUBLISHED:
        made.write(name, date(2026, 3, 18), "tape", OUTPUT[name] if name in OUTPUT else pa.table({"x": [1]}))
    code = (
        "import sys; from smartmoney_pipeline.cli import main; "
        f"sys.argv = ['smartmoney', 'publish', {str(tmp_path)!r}, *{OF_THE_TAPE!r}]\n"
        "try: main()\nfinally: print('dagster' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[0].startswith(f"published 2026-03-18 tape: {len(PUBLISHED)} tables, run ")
    assert ended.stdout.splitlines()[1] == "False"


@pytest.mark.parametrize(("executor", "scheduler"), [("dask", None), ("pool", "tcp://127.0.0.1:1"), ("serial", "tcp://127.0.0.1:1")])
def test_options_that_do_not_go_together_are_refused(executor, scheduler):
    with pytest.raises(CommandError, match="--scheduler"):
        cut_asked(executor, scheduler, None, None)


@pytest.mark.parametrize(("since", "until"), [("2026-03-21", "2026-03-22"), ("2026-04-03", "2026-04-03"), ("2026-03-18", "2026-03-17")])
def test_a_backfill_of_no_session_is_an_error(tmp_path, since, until):
    """A weekend, Good Friday of 2026, and a range that runs backwards."""
    ended = run("backfill", tmp_path / "lake", "--source", "test-7", "--since", since, "--until", until)
    assert (ended.code, ended.err) == (2, f"smartmoney: there is no session of the exchange from {since} to {until}\n")


def test_a_backfill_that_fails_says_why(tmp_path, monkeypatch):
    """A calendar that is not there, and the tape of another day in the folder of the session: what `score` says of both."""
    asked = ("--since", "2026-03-19", "--until", "2026-03-19", "--source", "tape")
    tape = tmp_path / "tapes" / "2026-03-19"
    write(generate("test", date(2026, 3, 18), 7), tape, tmp_path / "labels")
    monkeypatch.setenv("SMARTMONEY_TAPES", str(tmp_path / "tapes"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    ended = run("backfill", tmp_path / "lake", *asked, width=400)
    assert ended.code == 1
    assert "holds prints of 2026-03-18, and none that can be used of the session asked for, 2026-03-19" in ended.err
    assert "DagsterExecutionStepExecutionError" not in ended.err


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
