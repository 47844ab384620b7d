"""Manifests: what readers see, and what they must notice."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import (
    manifest_path,
    open_published,
    publish,
    published_sessions,
    read_manifest,
)
from smartmoney_pipeline.store.run_hash import run_hash

DAY = date(2025, 1, 15)
VERSIONS = {"ruleset": "r1", "code": "0.1.0", "calibration": "c1"}
EVENTS = pa.table({"event_id": ["b", "a"], "closed_at": pa.array([2, 1], pa.timestamp("ns", "UTC"))})
FEATURES = pa.table({"x": [1.0, 2.0, 3.0]})


@pytest.fixture
def lake(tmp_path) -> Lake:
    lake = Lake(tmp_path)
    lake.write("smart_money_events", DAY, "tape", EVENTS)
    for bucket in (0, 1):
        lake.write("features", DAY, "tape", FEATURES.slice(bucket), bucket=bucket)
    return lake


def test_nothing_is_published_before_publish(lake):
    assert published_sessions(lake) == []
    with pytest.raises(StoreError, match=r"_published/session=2025-01-15/source=tape\.json: nothing is published"):
        open_published(lake, DAY, "tape")


def test_a_manifest_lists_tables_rows_hashes_and_versions(lake):
    manifest = publish(lake, DAY, "tape", ["smart_money_events", "features"], VERSIONS)
    assert read_manifest(lake, DAY, "tape") == manifest
    assert manifest.tables["features"].rows == 3 + 2
    file = manifest.tables["smart_money_events"].files[0]
    assert file.path == f"_versions/smart_money_events/session=2025-01-15/source=tape/{file.sha256}.parquet"
    assert file.sha256 == hashlib.sha256((lake.root / file.path).read_bytes()).hexdigest()
    assert (manifest.versions, manifest.run_hash) == (VERSIONS, run_hash(EVENTS))


def test_equal_content_gives_equal_bytes_of_the_manifest(lake):
    publish(lake, DAY, "tape", ["smart_money_events", "features"], VERSIONS)
    first = manifest_path(lake, DAY, "tape").read_bytes()
    lake.write("smart_money_events", DAY, "tape", EVENTS)
    publish(lake, "2025-01-15", "tape", ("features", "smart_money_events", "features"), dict(sorted(VERSIONS.items())))
    assert manifest_path(lake, DAY, "tape").read_bytes() == first
    assert list(json.loads(first)) == ["run_hash", "session", "source", "tables", "versions"]


def test_published_sessions_are_sorted_and_only_those_with_a_manifest(lake):
    for session, source in (("2025-01-15", "tape"), ("2025-01-14", "v1.2"), ("2025-01-14", "demo-7")):
        lake.write("features", session, source, FEATURES) if (session, source) != ("2025-01-15", "tape") else None
        publish(lake, session, source, ["features"], VERSIONS)
    lake.write("features", "2025-01-16", "tape", FEATURES)
    expected = [(date(2025, 1, 14), "demo-7"), (date(2025, 1, 14), "v1.2"), (DAY, "tape")]
    assert published_sessions(lake) == expected


def test_readers_get_the_published_tables_and_no_other(lake):
    publish(lake, DAY, "tape", ["features"], VERSIONS)
    published = open_published(lake, DAY, "tape")
    assert published.read("features")["x"].to_pylist() == [1.0, 2.0, 3.0, 2.0, 3.0]
    assert published.manifest.run_hash is None
    assert published.paths("smart_money_events") == []
    with pytest.raises(StoreError, match="smart_money_events is not published for 2025-01-15 tape"):
        published.read("smart_money_events")


def test_a_partition_rewritten_later_is_not_seen_until_it_is_published(lake):
    publish(lake, DAY, "tape", ["smart_money_events"], VERSIONS)
    published = open_published(lake, DAY, "tape")
    lake.write("smart_money_events", DAY, "tape", EVENTS.slice(1))
    for one in (published, open_published(lake, DAY, "tape")):
        assert one.read("smart_money_events").equals(EVENTS)
    publish(lake, DAY, "tape", ["smart_money_events"], VERSIONS)
    assert open_published(lake, DAY, "tape").read("smart_money_events").equals(EVENTS.slice(1))
    assert published.read("smart_money_events").equals(EVENTS)


def test_a_published_file_that_was_changed_is_noticed_when_opened_and_when_read(lake):
    publish(lake, DAY, "tape", ["smart_money_events"], VERSIONS)
    published = open_published(lake, DAY, "tape")
    (path,) = published.paths("smart_money_events")
    path.unlink()
    pq.write_table(EVENTS.slice(1), path)
    for attempt in (lambda: open_published(lake, DAY, "tape"), lambda: published.read("smart_money_events")):
        with pytest.raises(StoreError, match=r"[0-9a-f]{64}\.parquet: was changed after it was published"):
            attempt()


def test_publishing_again_without_links_keeps_the_contents(lake, monkeypatch):
    # A file system without hard links answers with an error; the file is copied then.
    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr("smartmoney_pipeline.store.atomic.os.link", refuse)
    publish(lake, DAY, "tape", ["smart_money_events"], VERSIONS)
    lake.write("smart_money_events", DAY, "tape", EVENTS.slice(1))
    assert open_published(lake, DAY, "tape").read("smart_money_events").equals(EVENTS)


def test_the_same_rows_written_again_change_nothing(lake):
    publish(lake, DAY, "tape", ["smart_money_events"], VERSIONS)
    lake.write("smart_money_events", DAY, "tape", EVENTS)
    assert open_published(lake, DAY, "tape").read("smart_money_events").equals(EVENTS)


def test_a_file_that_went_missing_is_named(lake):
    publish(lake, DAY, "tape", ["smart_money_events"], VERSIONS)
    lake.path("smart_money_events", DAY, "tape").unlink()
    assert open_published(lake, DAY, "tape").read("smart_money_events").equals(EVENTS)
    open_published(lake, DAY, "tape").paths("smart_money_events")[0].unlink()
    with pytest.raises(StoreError, match=r"source=tape/[0-9a-f]{64}\.parquet: the published file cannot be opened"):
        open_published(lake, DAY, "tape")


def test_what_is_missing_or_damaged_is_not_published(lake):
    with pytest.raises(StoreError, match=r"2025-01-15 tape cannot be published: these tables were not written: nothing$"):
        publish(lake, DAY, "tape", ["features", "nothing"], VERSIONS)
    path = lake.path("features", DAY, "tape", 1)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StoreError, match=r"bucket=01/part-0\.parquet: cannot be read as Parquet"):
        publish(lake, DAY, "tape", ["features"], VERSIONS)
    assert published_sessions(lake) == []


@pytest.mark.parametrize("text", ["", "{", '{"session": "2025-01-15"}', '{"session": 1, "tables": []}'])
def test_a_damaged_manifest_is_named(lake, text):
    publish(lake, DAY, "tape", ["features"], VERSIONS)
    manifest_path(lake, DAY, "tape").write_text(text)
    with pytest.raises(StoreError, match=r"source=tape\.json: the manifest cannot be read"):
        open_published(lake, DAY, "tape")


CRASH = """
import sys
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import publish
publish(Lake(sys.argv[1]), "2025-01-15", "tape", ["features", "smart_money_events"], {"code": "2"})
"""


def test_kill_before_the_manifest_appears_leaves_the_older_publication(lake):
    older = publish(lake, DAY, "tape", ["features"], VERSIONS)
    environment = os.environ | {"SMARTMONEY_FAULT": "before_rename"}
    crashed = subprocess.run([sys.executable, "-c", CRASH, str(lake.root)], env=environment, check=False)
    assert crashed.returncode == -signal.SIGKILL
    assert open_published(lake, DAY, "tape").manifest == older
    assert len(lake.clean_temporaries()) == 1
