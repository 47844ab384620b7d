"""Older results put back: what is kept, what is refused, and a lake that was copied while it was in use."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, publish, published_sessions
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.object_retention import removable_of
from smartmoney_pipeline.store.restoring import kept_results, restore

DAY, TABLES = date(2025, 1, 15), ["features", "scores"]


@pytest.fixture(params=["folder", "url"])
def lake(request, tmp_path) -> Lake:
    """A lake of either kind with three results of one session, `code` a, b and c; b and c have one table in common."""
    lake = open_lake(tmp_path / "lake" if request.param == "folder" else f"{request.getfixturevalue('bucket')}/lake")
    for code, values in (("a", (1, 1)), ("b", (2, 2)), ("c", (3, 2))):
        for table, value in zip(TABLES, values, strict=True):
            lake.write(table, DAY, "tape", pa.table({"x": [value]}))
        publish(lake, DAY, "tape", TABLES, {"code": code})
    return lake


def shown(lake: Lake) -> list[int]:
    published = open_published(lake, DAY, "tape")
    return [published.read(table)["x"].to_pylist()[0] for table in TABLES]


def kept(lake: Lake) -> dict[str, str]:
    """Hash of the kept manifest by the code that made the result."""
    return {one.manifest.versions["code"]: one.sha256 for one in kept_results(lake, DAY, "tape")}


def test_every_result_is_kept_and_the_published_one_is_marked(lake):
    found = kept_results(lake, DAY, "tape")
    assert sorted(one.manifest.versions["code"] for one in found) == ["a", "b", "c"]
    assert [one.manifest.versions["code"] for one in found if one.current] == ["c"]
    assert all(abs(datetime.now(UTC) - one.published_at) < timedelta(minutes=10) for one in found)
    assert kept_results(lake, DAY, "demo-7") == []


def test_an_older_result_is_published_again_and_back(lake):
    assert shown(lake) == [3, 2]
    assert restore(lake, DAY, "tape", kept(lake)["a"][:12]).versions == {"code": "a"}
    assert shown(lake) == [1, 1]
    restore(lake, DAY, "tape", kept(lake)["c"])
    assert shown(lake) == [3, 2]


def test_what_retention_removed_cannot_be_restored_and_the_rest_can(lake):
    restore(lake, DAY, "tape", kept(lake)["b"])
    removable_of(lake, datetime.now(UTC) + timedelta(days=1)).remove()
    assert set(kept(lake)) == {"b"}
    assert shown(lake) == [2, 2]
    with pytest.raises(StoreError, match="0 kept results begin with"):
        restore(lake, DAY, "tape", "ffff")


def test_an_ambiguous_hash_is_refused(lake):
    with pytest.raises(StoreError, match="3 kept results begin with ''"):
        restore(lake, DAY, "tape", "")


def test_a_result_with_a_damaged_file_is_refused_and_the_published_one_stays(tmp_path):
    lake = Lake(tmp_path)
    for value in (1, 2):
        lake.write("features", DAY, "tape", pa.table({"x": [value]}))
        publish(lake, DAY, "tape", ["features"], {"code": str(value)})
    older = next(one for one in kept_results(lake, DAY, "tape") if not one.current)
    (tmp_path / older.manifest.tables["features"].files[0].path).write_bytes(b"else")
    with pytest.raises(StoreError, match="was changed after it was published"):
        restore(lake, DAY, "tape", older.sha256)
    assert open_published(lake, DAY, "tape").read("features")["x"].to_pylist() == [2]


def test_a_copy_that_began_with_the_manifests_is_whole_though_the_lake_went_on(tmp_path):
    """The order of docs/operations.md: manifests first, then what is not there yet, while a run replaces the session in between."""
    lake = Lake(tmp_path / "lake")
    lake.write("features", DAY, "tape", pa.table({"x": [1]}))
    publish(lake, DAY, "tape", ["features"], {"code": "1"})
    (tmp_path / "copy").mkdir()
    subprocess.run(["cp", "-r", lake.root / "_published", tmp_path / "copy"], check=True)
    lake.write("features", DAY, "tape", pa.table({"x": [2]}))
    publish(lake, DAY, "tape", ["features"], {"code": "2"})
    subprocess.run(["cp", "-rn", f"{lake.root}/.", tmp_path / "copy"], check=False, stderr=subprocess.DEVNULL)
    copy = Lake(Path(tmp_path / "copy"))
    assert published_sessions(copy) == [(DAY, "tape")]
    assert open_published(copy, DAY, "tape").read("features")["x"].to_pylist() == [1]
