"""The lake: places, round trips, equal bytes for equal rows, crashes, torn reads, damage."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from smartmoney_pipeline.store import lake as lake_module
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake

DAY = date(2025, 1, 15)


def rows(n: int = 5, start: int = 0) -> pa.Table:
    """Plain, null, nested and zoned columns."""
    ids = list(range(start, start + n))
    return pa.table(
        {
            "id": pa.array(ids, pa.int32()),
            "ts": pa.array(ids, pa.timestamp("ns", "UTC")),
            "p_buy": pa.array([None if i % 3 == 0 else i / 7 for i in ids], pa.float64()),
            "members": pa.array([[f"p{i}", None] if i % 2 else [] for i in ids], pa.list_(pa.string())),
            "leg": pa.array([{"ratio": i, "side": None} for i in ids], pa.struct({"ratio": pa.int64(), "side": pa.string()})),
        }
    )


def test_places_follow_the_layout(tmp_path):
    lake = Lake(tmp_path)
    assert lake.path("features", DAY, "tape") == tmp_path / "features/session=2025-01-15/source=tape/part-0.parquet"
    assert lake.path("features", "2025-01-15", "demo-7", 3) == (
        tmp_path / "features/session=2025-01-15/source=demo-7/bucket=03/part-0.parquet"
    )


@pytest.mark.parametrize(
    ("table", "session", "source"),
    [("../features", DAY, "tape"), ("a/b", DAY, "tape"), ("a", DAY, ".hidden"), ("a", DAY, ""), ("a", "15.01.2025", "tape")],
)
def test_a_name_that_would_leave_the_layout_is_refused(tmp_path, table, session, source):
    with pytest.raises(StoreError):
        Lake(tmp_path).path(table, session, source)


def test_what_is_written_is_read_back(tmp_path):
    lake = Lake(tmp_path)
    assert not lake.exists("t", DAY, "tape")
    path = lake.write("t", DAY, "tape", rows())
    assert path == lake.path("t", DAY, "tape")
    assert lake.exists("t", DAY, "tape")
    assert lake.read("t", DAY, "tape").equals(rows())
    assert lake.read("t", DAY, "tape", columns=["p_buy", "id"]).column_names == ["p_buy", "id"]


def test_a_table_without_rows_keeps_its_columns(tmp_path):
    lake = Lake(tmp_path)
    lake.write("t", DAY, "tape", rows(0))
    assert lake.read("t", DAY, "tape").schema.equals(rows().schema)


def test_pandas_frames_take_the_schema_given(tmp_path):
    lake = Lake(tmp_path)
    frame = pd.DataFrame({"id": [1, 2], "why": [None, None]}, index=[7, 9])
    schema = pa.schema({"id": pa.int32(), "why": pa.string()})
    lake.write("t", DAY, "tape", frame, schema=schema)
    assert lake.read("t", DAY, "tape").equals(pa.table({"id": [1, 2], "why": [None, None]}, schema=schema))


def test_buckets_are_read_in_order_and_one_by_one(tmp_path):
    lake = Lake(tmp_path)
    for bucket in (11, 2, 0):
        lake.write("t", DAY, "tape", rows(2, start=bucket), bucket=bucket)
    assert lake.read("t", DAY, "tape")["id"].to_pylist() == [0, 1, 2, 3, 11, 12]
    assert lake.read("t", DAY, "tape", bucket=2)["id"].to_pylist() == [2, 3]
    assert lake.exists("t", DAY, "tape", bucket=11)
    assert not lake.exists("t", DAY, "tape", bucket=1)


def test_a_file_beside_buckets_is_an_error_not_a_double_count(tmp_path):
    lake = Lake(tmp_path)
    lake.write("t", DAY, "tape", rows())
    lake.write("t", DAY, "tape", rows(), bucket=0)
    with pytest.raises(StoreError, match=r"session=2025-01-15/source=tape: holds part-0\.parquet and buckets"):
        lake.read("t", DAY, "tape")


def test_equal_rows_give_equal_bytes_whatever_the_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(lake_module, "ROW_GROUP_ROWS", 64)
    whole, lake = rows(1_000), Lake(tmp_path)
    written = [lake.write("t", DAY, f"s{n}", whole) for n in range(2)]
    for size in (1, 63, 64, 300):
        chunks = pa.concat_tables([whole.slice(start, size) for start in range(0, 1_000, size)])
        written.append(lake.write("t", DAY, f"chunks{size}", chunks))
        with lake.writer("t", DAY, f"stream{size}", whole.schema) as writer:
            for start in range(0, 1_000, size):
                writer.append(whole.slice(start, size))
        written.append(lake.path("t", DAY, f"stream{size}"))
    assert len({path.read_bytes() for path in written}) == 1
    assert lake.read("t", DAY, "stream63").equals(whole)


def test_metadata_dictionaries_and_a_read_in_between_leave_no_trace_in_the_bytes(tmp_path):
    lake = Lake(tmp_path)
    plain = pa.table({"venue": ["B", "A", "B"]})
    encoded = [pa.array(["B", "A", "B"]).dictionary_encode(), pa.DictionaryArray.from_arrays([1, 0, 1], ["A", "B"])]
    first = lake.write("t", DAY, "a", plain).read_bytes()
    for array in encoded:
        assert lake.write("t", DAY, "b", pa.table({"venue": array})).read_bytes() == first
    assert lake.write("t", DAY, "c", plain.replace_schema_metadata({"pandas": "anything"})).read_bytes() == first
    assert lake.write("t", DAY, "d", lake.read("t", DAY, "a")).read_bytes() == first


def test_an_error_while_writing_leaves_the_older_partition_and_no_rubbish(tmp_path):
    lake = Lake(tmp_path)
    path = lake.write("t", DAY, "tape", rows())
    with pytest.raises(ZeroDivisionError), lake.writer("t", DAY, "tape", rows().schema) as writer:
        writer.append(rows(9))
        1 / 0  # noqa: B018
    with pytest.raises(StoreError, match="rows do not fit"), lake.writer("t", DAY, "tape", rows().schema) as writer:
        writer.append(pa.table({"other": [1]}))
    assert lake.read("t", DAY, "tape").equals(rows())
    assert [entry.name for entry in path.parent.iterdir()] == ["part-0.parquet"]


CRASH = """
import sys
import pyarrow as pa
from smartmoney_pipeline.store.lake import Lake
Lake(sys.argv[1]).write("t", "2025-01-15", "tape", pa.table({"id": [1, 2, 3]}))
"""


def run_writer(root: Path, fault: str) -> int:
    environment = os.environ | {"SMARTMONEY_FAULT": fault}
    return subprocess.run([sys.executable, "-c", CRASH, str(root)], env=environment, check=False).returncode


def test_kill_between_writing_and_renaming_leaves_the_old_partition(tmp_path):
    lake = Lake(tmp_path)
    path = lake.write("t", DAY, "tape", rows())
    assert run_writer(tmp_path, "before_rename") == -signal.SIGKILL
    assert lake.read("t", DAY, "tape").equals(rows())
    hidden = [entry for entry in path.parent.iterdir() if entry != path]
    assert len(hidden) == 1
    assert lake.clean_temporaries() == hidden
    assert run_writer(tmp_path, "") == 0
    assert lake.read("t", DAY, "tape")["id"].to_pylist() == [1, 2, 3]


def test_cleaning_spares_a_writer_at_work(tmp_path):
    lake = Lake(tmp_path)
    with lake.writer("t", DAY, "tape", rows().schema) as writer:
        assert lake.clean_temporaries() == []
        writer.append(rows())
    assert lake.read("t", DAY, "tape").equals(rows())


def test_a_reader_during_rewrites_sees_one_whole_version(tmp_path):
    lake = Lake(tmp_path)
    versions = [pa.table({"version": np.full(n, n)}) for n in (50_000, 80_000)]
    lake.write("t", DAY, "tape", versions[0])
    stop, written = threading.Event(), []

    def rewrite() -> None:
        while not stop.is_set():
            lake.write("t", DAY, "tape", versions[len(written) % 2])
            written.append(1)

    writer = threading.Thread(target=rewrite)
    writer.start()
    seen: dict[int, int] = {}
    try:
        # A slow machine may read one version eight times; who reads on meets the other one too.
        while (len(written) < 8 or len(seen) < 2) and len(written) < 1_000 and writer.is_alive():
            version = lake.read("t", DAY, "tape")["version"].to_numpy()
            assert (version == len(version)).all()
            seen[len(version)] = seen.get(len(version), 0) + 1
    finally:
        stop.set()
        writer.join()
    assert len(written) >= 8
    assert set(seen) == {50_000, 80_000}


@pytest.mark.parametrize("keep", [0, 3, 100, -8])
def test_a_damaged_file_is_named(tmp_path, keep):
    lake = Lake(tmp_path)
    path = lake.write("t", DAY, "tape", rows(100))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StoreError, match=r"source=tape/part-0\.parquet: cannot be read as Parquet"):
        lake.read("t", DAY, "tape")


def test_what_is_missing_is_named(tmp_path):
    lake = Lake(tmp_path)
    with pytest.raises(StoreError, match=r"source=tape/part-0\.parquet: the partition does not exist"):
        lake.read("t", DAY, "tape")
    with pytest.raises(StoreError, match=r"bucket=01/part-0\.parquet: the partition does not exist"):
        lake.read("t", DAY, "tape", bucket=1)
    lake.write("t", DAY, "tape", rows())
    with pytest.raises(StoreError, match="no column nothing"):
        lake.read("t", DAY, "tape", columns=["id", "nothing"])
