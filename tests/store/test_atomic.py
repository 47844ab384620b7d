"""Hidden files of writers: those of crashed writers go with the next write of the same name, those of running writers stay."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from smartmoney_pipeline.store.atomic import FAULT_VARIABLE, locked_folder, replacing, second_name

WRITE = """
import sys
from pathlib import Path
from smartmoney_pipeline.store.atomic import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"late")
"""


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def crash(target: Path) -> None:
    """A writer that is killed just before its rename."""
    ended = subprocess.run([sys.executable, "-c", WRITE, str(target)], env=os.environ | {FAULT_VARIABLE: "before_rename"}, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(hidden(target.parent)) == 1


def test_the_next_writer_removes_what_a_killed_one_left(tmp_path):
    target = tmp_path / "part-0.parquet"
    crash(target)
    (tmp_path / ".other.parquet.abc.tmp").write_text("of another file: left to its own writer")
    with replacing(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert hidden(tmp_path) == [".other.parquet.abc.tmp"]


def test_a_running_writer_keeps_its_file(tmp_path):
    target = tmp_path / "part-0.parquet"
    with replacing(target) as first:
        first.write(b"first")
        with replacing(target) as second:
            second.write(b"second")
            assert len(hidden(tmp_path)) == 2
        assert target.read_bytes() == b"second"
    assert target.read_bytes() == b"first"
    assert hidden(tmp_path) == []


def test_an_error_leaves_the_older_file_and_nothing_else(tmp_path):
    target = tmp_path / "part-0.parquet"
    target.write_bytes(b"old")
    with pytest.raises(ValueError, match="half way"), replacing(target) as file:
        file.write(b"ne")
        raise ValueError("half way")
    assert target.read_bytes() == b"old"
    assert hidden(tmp_path) == []


def test_a_second_name_clears_abandoned_ones_and_keeps_those_in_use(tmp_path):
    path, folder = tmp_path / "part-0.parquet", tmp_path / "versions"
    path.write_bytes(b"rows")
    folder.mkdir()
    (folder / ".part-0.parquet.dead.tmp").write_bytes(b"of a crash")
    used = folder / ".part-0.parquet.used.tmp"
    used.write_bytes(b"of a writer that runs")
    with used.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        with second_name(path, folder) as one, second_name(path, folder) as two:
            assert one.read_bytes() == two.read_bytes() == b"rows"
            assert hidden(folder) == sorted([used.name, one.name, two.name])
    assert hidden(folder) == [used.name]


def test_a_file_is_replaced_by_whoever_holds_the_lock_of_its_folder(tmp_path):
    # Keys are changed under the lock of their folder, and staged folders are locked while files are written into them.
    with locked_folder(tmp_path), replacing(tmp_path / "a") as file:
        file.write(b"x")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
