"""A full disk, a folder that cannot be written, two writers of a session at once, a reader while it is written: what happens."""

from __future__ import annotations

import errno
import multiprocessing as mp
import os
import resource
import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from smartmoney_pipeline.store import atomic
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.folder import staged_folder
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import VERSIONS, kept_folder, open_published, publish
from smartmoney_pipeline.store.retention import removable

DAY, SOURCE, TABLE = date(2026, 3, 18), "test-7", "event_features"
ROWS = 20_000
ROUNDS = 25


def table(value: int) -> pa.Table:
    return pa.table({"event_id": [f"{n}" for n in range(ROWS)], "x": [value] * ROWS})


def store(lake: Lake, value: int) -> None:
    lake.write(TABLE, DAY, SOURCE, table(value))
    publish(lake, DAY, SOURCE, [TABLE], {"code": "same"})


def hidden(root: Path) -> list[Path]:
    return [path for path in root.rglob(".*") if path.name not in {".", ".."}]


def store_with_room(root: str, room: int) -> None:
    """Store where a file may hold `room` bytes: the kernel refuses the write that goes beyond, in the middle of a file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        store(Lake(root), 2)
    except OSError as error:
        os._exit(error.errno or 1)


@pytest.mark.parametrize("room", [0, 10, 5_000])
def test_a_disk_without_room_is_an_error_and_leaves_the_published_session(tmp_path, room):
    lake = Lake(tmp_path)
    store(lake, 1)
    child = mp.get_context("spawn").Process(target=store_with_room, args=(str(tmp_path), room))
    child.start()
    child.join()
    assert child.exitcode == errno.EFBIG
    assert hidden(tmp_path) == []
    assert open_published(lake, DAY, SOURCE).read(TABLE)["x"][0].as_py() == 1
    store(lake, 2)
    assert open_published(lake, DAY, SOURCE).read(TABLE)["x"][0].as_py() == 2


def test_a_disk_that_fills_up_between_tables_and_manifest_leaves_the_older_session(tmp_path, monkeypatch):
    lake = Lake(tmp_path)
    store(lake, 1)

    def no_room(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "link", no_room)
    monkeypatch.setattr(atomic.shutil, "copyfile", no_room)
    with pytest.raises(OSError, match="No space left on device"):
        store(lake, 2)
    monkeypatch.undo()
    assert hidden(tmp_path) == []
    assert open_published(lake, DAY, SOURCE).read(TABLE)["x"][0].as_py() == 1


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EMFILE])
def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(tmp_path, monkeypatch, code):
    # Permissions do not hold for the superuser, so the answer of the system is given in its place.
    lake = Lake(tmp_path)
    store(lake, 1)
    whole_open = Path.open

    def refused(path, mode="r", *rest, **options):
        if "+" in mode:
            raise OSError(code, "refused", str(path))
        return whole_open(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(OSError, match=r"refused.*event_features"):
        store(lake, 2)
    monkeypatch.undo()
    assert open_published(lake, DAY, SOURCE).read(TABLE)["x"][0].as_py() == 1


def test_a_result_folder_under_a_file_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises((OSError, StoreError)), staged_folder(tmp_path / "file" / "out", "manifest.json"):
        pass


def write_many(root: str, value: int) -> None:
    for _ in range(ROUNDS):
        store(Lake(root), value)


def test_two_writers_and_a_reader_of_one_session(tmp_path):
    # Each table of one value is one writer's: a mixture would hold both. Every answer is whole, and no read fails.
    lake = Lake(tmp_path)
    store(lake, 1)
    spawn = mp.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(str(tmp_path), value)) for value in (1, 2)]
    for writer in writers:
        writer.start()
    seen, reads = set(), 0
    while any(writer.is_alive() for writer in writers) or not reads:
        values = open_published(lake, DAY, SOURCE).read(TABLE)["x"].unique().to_pylist()
        assert len(values) == 1
        seen.add(values[0])
        reads += 1
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen <= {1, 2}
    assert reads > 10
    assert hidden(tmp_path) == []
    # Two contents were published, and each is kept once.
    assert len(list((tmp_path / VERSIONS).rglob("*.parquet"))) == 2


def test_retention_removes_what_no_manifest_lists_and_keeps_what_a_reader_may_hold(tmp_path):
    lake = Lake(tmp_path)
    store(lake, 1)
    older = open_published(lake, DAY, SOURCE)
    store(lake, 2)
    (tmp_path / TABLE / ".part-0.parquet.dead.tmp").write_text("left by a crash")
    now = datetime.now(UTC)
    kept = removable(lake, now - timedelta(hours=1))
    assert (len(kept.temporaries), kept.versions) == (1, ())
    found = removable(lake, now + timedelta(seconds=5))
    # Its table, and the manifest that listed it.
    assert [path.parent for path in found.versions] == [kept_folder(lake, DAY, SOURCE), older.paths(TABLE)[0].parent]
    found.remove()
    assert hidden(tmp_path) == []
    assert open_published(lake, DAY, SOURCE).read(TABLE)["x"][0].as_py() == 2
    with pytest.raises(StoreError, match="cannot be opened"):
        older.read(TABLE)


def test_retention_removes_old_tapes_of_published_sessions_alone(tmp_path):
    lake = Lake(tmp_path)
    store(lake, 1)
    mine = tmp_path / "tape" / f"session={DAY}" / f"source={SOURCE}"
    other = tmp_path / "tape" / "session=2026-03-17" / f"source={SOURCE}"
    for folder in (mine, other):
        folder.mkdir(parents=True)
        (folder / "day.json").write_text("{}")
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    assert removable(lake, long_ago, DAY).tapes == ()
    found = removable(lake, long_ago, DAY + timedelta(days=1))
    assert found.tapes == (mine,)
    assert found.size() == 2
    found.remove()
    assert not mine.exists()
    assert other.exists()
