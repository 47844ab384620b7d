"""Commands by URL: the files are those of a folder, and what takes folders alone says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from command_runs import SESSION, run
from file_hashes import hashes

from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.store.manifest import publish
from smartmoney_pipeline.store.object_folder import opened_folder, publish_folder
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.object_tape import opened_tape
from smartmoney_pipeline.store.objects import Objects


def upload(folder: Path, url: str) -> None:
    """Put files where somebody would with any client of the storage."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            Objects(url).put(path.relative_to(folder).as_posix(), path)


@pytest.fixture
def tape(bucket, day) -> str:
    upload(day / "tape", f"{bucket}/tapes/{SESSION}")
    return f"{bucket}/tapes/{SESSION}"


def test_a_tape_and_a_result_by_url_are_those_of_folders(bucket, tape, scored):
    out = f"{bucket}/results/day"
    ended = run("score", tape, "--out", out)
    assert (ended.code, ended.err) == (0, "")
    assert f"files in {out}" in ended.out
    assert f"smartmoney explain EVENT --in {out}" in ended.out
    assert hashes(opened_folder(out)) == hashes(scored)
    assert json.loads(run("score", tape, "--out", out, "--json").out)["folder"] == out
    assert run("verify", out, scored).code == 0


def test_a_result_by_url_is_read_by_events_and_explain(bucket, scored):
    out = f"{bucket}/results/day"
    publish_folder(scored, Objects(out))
    here, there = (json.loads(run("events", place, "--json").out) for place in (scored, out))
    assert there == here
    event = here["events"][0]["event_id"]
    assert run("explain", event, "--in", out).out == run("explain", event, "--in", scored).out


def test_a_day_in_the_lake_layout_is_scored_in_buckets_from_its_url(bucket, day, scored, tmp_path):
    import_day(day / "tape", tmp_path / "day")
    upload(tmp_path / "day", f"{bucket}/day")
    ended = run("score", f"{bucket}/day", "--out", f"{bucket}/out", "--buckets", "3", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert hashes(opened_folder(f"{bucket}/out")) == hashes(scored)
    assert not Objects(bucket).listed("out/parts")


def test_a_tape_by_url_goes_to_a_folder_too(tape, scored, tmp_path):
    assert run("score", tape, "--out", tmp_path / "out", "--quiet").code == 0
    assert hashes(tmp_path / "out") == hashes(scored)


def test_check_reads_a_tape_by_url(tape, day):
    there, here = (json.loads(run("check", place, "--json").out) for place in (tape, day / "tape"))
    assert there.pop("tape") == tape
    here.pop("tape")
    assert there == here


def test_a_lake_by_url_is_shown_and_restored(bucket, scored, tmp_path):
    for root in (tmp_path / "lake", f"{bucket}/lake"):
        lake = open_lake(root)
        for code in ("1", "2"):
            for name in ("smart_money_events", "event_legs"):
                lake.write(name, SESSION, "tape", pq.read_table(scored / f"{name}.parquet").slice(0, 400 + int(code)))
            publish(lake, SESSION, "tape", ["smart_money_events", "event_legs"], {"code": code})
    place = f"{bucket}/lake"
    assert json.loads(run("events", place, "--json").out) == json.loads(run("events", tmp_path / "lake", "--json").out)
    listed = json.loads(run("restore", place, "--session", SESSION, "--source", "tape", "--json").out)["results"]
    assert [(one["versions"]["code"], one["current"]) for one in sorted(listed, key=lambda one: one["versions"]["code"])] == [
        ("1", False), ("2", True),
    ]  # fmt: skip
    older = next(one for one in listed if not one["current"])
    ended = run("restore", place, "--session", SESSION, "--source", "tape", "--to", older["kept"][:12])
    assert ended.code == 0
    assert json.loads(run("events", place, "--json").out)["run_hash"] == older["run_hash"]
    assert json.loads(run("retention", place, "--grace", "0", "--json").out)["versions"]


def test_restore_of_a_result_of_before_manifests_were_kept_says_so(lake, tmp_path):
    there = shutil.copytree(lake, tmp_path / "lake")
    shutil.rmtree(there / "_versions" / "_published")
    ended = run("restore", there, "--session", SESSION, "--source", "test-7")
    assert (ended.code, ended.out.strip()) == (0, "no result of that session is kept")
    ended = run("restore", there, "--session", SESSION, "--source", "test-7", "--to", "ab")
    assert (ended.code, "0 kept results begin with 'ab'" in ended.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "s3://some-bucket/a=1/x"),
        ("import", "cboe", "s3://some-bucket/a=1/x"),
        ("import", "cboe", "x", "--out=s3://some-bucket/a=1/x"),
    ],
)
def test_commands_that_take_folders_alone_refuse_a_url(words):
    ended = run(*words)
    assert ended.code == 2
    assert f"s3://some-bucket/a=1/x: {words[0]} takes folders of this machine" in ended.err


def test_what_is_not_there_is_one_line(bucket, tmp_path):
    ended = run("score", f"{bucket}/none", "--out", tmp_path / "out")
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert f"{bucket}/none: there is no such object" in ended.err
    ended = run("events", f"{bucket}/none")
    assert ended.code == 1
    assert f"{bucket}/none: that session is not published; there is nothing" in ended.err


def test_a_place_that_holds_something_else_is_refused_before_the_work(bucket, day):
    Objects(f"{bucket}/mine").put("notes.txt", b"1")
    ended = run("score", day / "tape", "--out", f"{bucket}/mine")
    assert ended.code == 1
    assert "holds other objects" in ended.err


def test_a_tape_that_is_one_file_is_fetched_by_its_url(bucket):
    Objects(bucket).put("in/day.csv", b"a,b\n")
    assert opened_tape(f"{bucket}/in/day.csv").name == "day.csv"
    assert opened_tape(f"{bucket}/in/day.csv").read_bytes() == b"a,b\n"


def test_a_replay_by_url_has_the_run_hash_of_the_batch(bucket, tape, scored):
    ended = run("replay", tape, "--out", f"{bucket}/replayed", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert run("verify", f"{bucket}/replayed", scored).code == 0


def test_a_calendar_by_url_is_that_of_a_file(bucket, day, tmp_path):
    calendar = Path(__file__).resolve().parents[2] / "scenario_data" / "event_calendar.csv"
    Objects(f"{bucket}/calendars").put("events.csv", calendar)
    for name, place in (("there", f"{bucket}/calendars/events.csv"), ("here", calendar)):
        assert run("score", day / "tape", "--out", tmp_path / name, "--calendar", place, "--quiet").code == 0
    assert hashes(tmp_path / "there") == hashes(tmp_path / "here")
