"""A lake at a URL: the same files and manifests as in a folder; old or new for readers; kills, two writers, retention."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from smartmoney_pipeline.store.duck import lake_views
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import manifest_path, open_published, publish, published_sessions, read_manifest
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.object_retention import removable_of
from smartmoney_pipeline.store.objects import Objects

DAY, VERSIONS = date(2025, 1, 15), {"ruleset": "r1", "code": "0.1.0", "calibration": "c1"}
EVENTS = pa.table({"event_id": ["b", "a"], "closed_at": pa.array([2, 1], pa.timestamp("ns", "UTC"))})
VICTIM = """
import sys
from datetime import date
import pyarrow as pa
from smartmoney_pipeline.store.manifest import publish
from smartmoney_pipeline.store.object_lake import open_lake
lake = open_lake(sys.argv[1])
for table in ("one", "two"):
    lake.write(table, date(2025, 1, 15), "tape", pa.table({"x": [int(sys.argv[2])]}))
publish(lake, date(2025, 1, 15), "tape", ["one", "two"], {"code": sys.argv[2]})
"""


def fill(lake: Lake, value: float) -> None:
    lake.write("smart_money_events", DAY, "tape", EVENTS)
    for bucket in (0, 1):
        lake.write("features", DAY, "tape", pa.table({"x": [value, 2.0]}).slice(bucket), bucket=bucket)
    publish(lake, DAY, "tape", ["smart_money_events", "features"], VERSIONS)


def elsewhere(url: str, tmp_path: Path, monkeypatch) -> Lake:
    """The lake as another machine sees it: without anything that was fetched or written here."""
    from smartmoney_pipeline.store import scratch

    monkeypatch.setenv("SMARTMONEY_SCRATCH", str(tmp_path / "elsewhere"))
    scratch._of_process.cache_clear()
    return open_lake(url)


@pytest.fixture
def url(bucket) -> str:
    return f"{bucket}/lake"


def test_the_objects_are_the_files_of_a_folder(url, tmp_path):
    fill(Lake(tmp_path), 1.0)
    fill(open_lake(url), 1.0)
    here = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    there = Objects(url)
    assert {one.name: there.read(one.name) for one in there.listed()} == here


def test_another_machine_reads_what_is_published(url, tmp_path, monkeypatch):
    fill(open_lake(url), 1.0)
    lake = elsewhere(url, tmp_path, monkeypatch)
    assert list(lake.root.iterdir()) == []
    assert published_sessions(lake) == [(DAY, "tape")]
    assert open_published(lake, DAY, "tape").read("features")["x"].to_pylist() == [1.0, 2.0, 2.0]
    with duckdb.connect() as connection:
        assert lake_views(connection, lake) == ["features", "smart_money_events"]
        assert connection.execute("select bucket, x, source from features order by all").fetchall() == [
            (0, 1.0, "tape"), (0, 2.0, "tape"), (1, 2.0, "tape"),
        ]  # fmt: skip


def test_only_the_tables_asked_for_are_fetched(url, tmp_path, monkeypatch):
    fill(open_lake(url), 1.0)
    lake = elsewhere(url, tmp_path, monkeypatch)
    open_published(lake, DAY, "tape", ["smart_money_events"])
    assert {path.relative_to(lake.root).parts[1] for path in (lake.root / "_versions").rglob("*.parquet")} == {"smart_money_events"}


def test_a_partition_that_another_machine_replaced_is_read_anew(url, tmp_path, monkeypatch):
    mine = open_lake(url)
    mine.write("features", DAY, "tape", pa.table({"x": [1]}))
    assert mine.read("features", DAY, "tape")["x"].to_pylist() == [1]
    elsewhere(url, tmp_path, monkeypatch).write("features", DAY, "tape", pa.table({"x": [2]}))
    assert mine.read("features", DAY, "tape")["x"].to_pylist() == [2]
    mine.objects.remove([f"features/session={DAY}/source=tape/part-0.parquet"])
    assert not mine.exists("features", DAY, "tape")
    with pytest.raises(StoreError, match="the partition does not exist"):
        mine.read("features", DAY, "tape")


def test_what_is_published_stays_while_partitions_are_written_anew(url):
    lake = open_lake(url)
    fill(lake, 1.0)
    lake.write("features", DAY, "tape", pa.table({"x": [9.0]}), bucket=0)
    assert open_published(lake, DAY, "tape").read("features")["x"].to_pylist() == [1.0, 2.0, 2.0]


@pytest.mark.parametrize("point", ["object_written", "before_manifest"])
def test_a_killed_run_leaves_the_old_session_and_the_next_run_repairs_it(url, point):
    subprocess.run([sys.executable, "-c", VICTIM, url, "1"], check=True)
    ended = subprocess.run([sys.executable, "-c", VICTIM, url, "2"], env=os.environ | {"SMARTMONEY_FAULT": point}, check=False)
    assert ended.returncode == -signal.SIGKILL
    lake = open_lake(url)
    published = open_published(lake, DAY, "tape")
    assert published.manifest.versions == {"code": "1"}
    assert [published.read(name)["x"].to_pylist() for name in ("one", "two")] == [[1], [1]]
    subprocess.run([sys.executable, "-c", VICTIM, url, "2"], check=True)
    assert [open_published(lake, DAY, "tape").read(name)["x"].to_pylist() for name in ("one", "two")] == [[2], [2]]
    removable_of(lake, datetime.now(UTC) + timedelta(days=1)).remove()
    # Two partitions, their versions, the manifest and the name that it is kept under: nothing of the killed run.
    assert len(lake.objects.listed()) == 2 + 2 + 2


def test_writers_at_once_leave_whole_tables_and_one_manifest(url):
    """As in a folder: a manifest lists the tables as they lie, each of them that of one writer."""
    processes = [subprocess.Popen([sys.executable, "-c", VICTIM, url, str(value)]) for value in (1, 2, 3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    published = open_published(open_lake(url), DAY, "tape")
    assert published.manifest.versions["code"] in {"1", "2", "3"}
    assert all(published.read(name)["x"].to_pylist() in ([1], [2], [3]) for name in ("one", "two"))
    subprocess.run([sys.executable, "-c", VICTIM, url, "4"], check=True)
    assert [open_published(open_lake(url), DAY, "tape").read(name)["x"].to_pylist() for name in ("one", "two")] == [[4], [4]]


def test_a_reader_beside_a_writer_sees_old_or_new(url, tmp_path, monkeypatch):
    fill(open_lake(url), 0.0)
    reader, seen, done = elsewhere(url, tmp_path, monkeypatch), [], threading.Event()

    def reading() -> None:
        while not done.is_set():
            seen.append(open_published(reader, DAY, "tape").read("features")["x"].to_pylist()[0])

    thread = threading.Thread(target=reading)
    thread.start()
    for value in range(1, 6):
        fill(open_lake(url), float(value))
    done.set()
    thread.join()
    assert seen
    assert seen == sorted(seen)


def test_a_version_that_was_changed_is_refused(url, tmp_path, monkeypatch):
    fill(open_lake(url), 1.0)
    file = read_manifest(open_lake(url), DAY, "tape").tables["smart_money_events"].files[0]
    Objects(url).put(file.path, b"else")
    with pytest.raises(StoreError, match="was changed after it was published"):
        open_published(elsewhere(url, tmp_path, monkeypatch), DAY, "tape")


def test_a_manifest_that_leads_out_of_the_lake_is_refused(url, tmp_path, monkeypatch):
    fill(open_lake(url), 1.0)
    name = f"_published/session={DAY}/source=tape.json"
    path = read_manifest(open_lake(url), DAY, "tape").tables["features"].files[0].path
    Objects(url).put(name, Objects(url).read(name).replace(path.encode(), b"../../out.parquet"))
    with pytest.raises(StoreError, match="leads out of the lake"):
        open_published(elsewhere(url, tmp_path, monkeypatch), DAY, "tape")


def test_retention_removes_what_no_manifest_lists_and_old_tapes_when_they_are_old(url, tmp_path):
    lake = open_lake(url)
    fill(lake, 1.0)
    fill(lake, 2.0)
    target = lake.root / "tape" / f"session={DAY}" / "source=tape"
    target.mkdir(parents=True)
    (target / "day.json").write_text("{}")
    lake.send_folder(target)
    now = datetime.now(UTC)
    assert removable_of(lake, now - timedelta(hours=1)).versions == ()
    found = removable_of(lake, now + timedelta(hours=1), DAY + timedelta(days=1))
    # One bucket of features changed; with it went the manifest that listed it.
    assert sorted(name.split("/")[1] for name in found.versions) == ["_published", "features"]
    assert {name.split("/")[0] for name in found.tapes} == {"tape"}
    found.remove()
    assert removable_of(lake, now + timedelta(hours=1), DAY + timedelta(days=1)).size() == 0
    assert open_published(lake, DAY, "tape").read("features")["x"].to_pylist() == [2.0, 2.0, 2.0]


def test_a_folder_of_the_lake_is_found_on_another_machine(url, tmp_path, monkeypatch):
    lake = open_lake(url)
    target = lake.root / "tape" / "session=2025-01-15"
    assert not lake.bring_folder(target).exists()
    target.mkdir(parents=True)
    (target / "day.json").write_text("{}")
    lake.send_folder(target)
    other = elsewhere(url, tmp_path, monkeypatch)
    assert (other.bring_folder(other.root / "tape" / "session=2025-01-15") / "day.json").read_text() == "{}"


def test_the_address_of_a_file_is_its_url(url, tmp_path):
    lake = open_lake(url)
    assert lake.address(manifest_path(lake, DAY, "tape")) == f"{url}/_published/session=2025-01-15/source=tape.json"
    assert open_lake(tmp_path).address(tmp_path / "x") == str(tmp_path / "x")
