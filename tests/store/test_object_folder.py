"""Results at a URL: old or new and nothing between, whoever writes, reads or is killed; what dead runs left goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.object_folder import PUBLISHED, built_folder, current_run, opened_folder, publish_folder
from smartmoney_pipeline.store.objects import Objects

MARKER = "manifest.json"
VICTIM = """
import sys
from smartmoney_pipeline.store.object_folder import built_folder
with built_folder(sys.argv[1], "manifest.json") as folder:
    for name in ("a.parquet", "manifest.json"):
        (folder / name).write_text(sys.argv[2])
"""


def write(url: str, text: str) -> None:
    with built_folder(url, MARKER) as folder:
        (folder / "a.parquet").write_text(text)
        (folder / MARKER).write_text(text)


def read(url: str) -> set[str]:
    """The texts of all files: one where they belong together."""
    folder = opened_folder(url)
    assert sorted(path.name for path in folder.iterdir()) == ["a.parquet", MARKER]
    return {path.read_text() for path in folder.iterdir()}


def killed_at(point: str, url: str, text: str) -> None:
    environment = os.environ | {"SMARTMONEY_FAULT": point}
    ended = subprocess.run([sys.executable, "-c", VICTIM, url, text], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL


def names(url: str) -> list[str]:
    return [one.name for one in Objects(url).listed()]


@pytest.fixture
def place(bucket) -> str:
    return f"{bucket}/results/day"


def test_a_result_is_read_as_it_was_written_and_replaced_whole(place):
    write(place, "old")
    assert read(place) == {"old"}
    write(place, "new")
    assert read(place) == {"new"}


def test_a_folder_of_this_machine_is_itself(tmp_path):
    write(str(tmp_path / "out"), "here")
    assert opened_folder(tmp_path / "out") == tmp_path / "out"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.parquet", MARKER]


def test_an_error_leaves_the_older_result_and_nothing_new(place):
    write(place, "old")
    before = names(place)
    with pytest.raises(ZeroDivisionError), built_folder(place, MARKER) as folder:
        (folder / MARKER).write_text("new")
        raise ZeroDivisionError
    with pytest.raises(StoreError, match=r"has no manifest\.json"), built_folder(place, MARKER):
        pass
    assert (names(place), read(place)) == (before, {"old"})


@pytest.mark.parametrize("point", ["object_written", "before_manifest"])
def test_a_killed_writer_leaves_the_old_result_and_the_same_run_again_completes_it(place, point):
    write(place, "old")
    killed_at(point, place, "new")
    assert read(place) == {"old"}
    assert len(names(place)) > 4
    write(place, "new")
    assert read(place) == {"new"}
    # Names are made of contents: the runs of old and new, each of two files and their list, and the object that readers follow.
    assert len(names(place)) == 2 * 3 + 1


def test_another_run_removes_what_a_killed_one_left_once_it_is_old_enough(place, tmp_path):
    write(place, "old")
    killed_at("before_manifest", place, "never")
    left = {name.split("/")[1] for name in names(place) if "/" in name} - {current_run(Objects(place))}
    assert len(left) == 1
    write(place, "new")
    assert {name.split("/")[1] for name in names(place) if "/" in name} >= left
    for text in ("newer", "newest"):
        folder = tmp_path / text
        folder.mkdir()
        (folder / MARKER).write_text(text)
        publish_folder(folder, Objects(place), grace=timedelta(0))
    runs = {name.split("/")[1] for name in names(place) if "/" in name}
    # The published run and the one before it, which somebody may still be reading.
    assert len(runs) == 2
    assert not runs & left


def test_two_writers_at_once_leave_one_of_both_results_whole(place):
    threads = [threading.Thread(target=write, args=(place, text * 50_000)) for text in "ab" for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read(place)
    assert len(found) == 1
    assert found <= {"a" * 50_000, "b" * 50_000}


def test_a_reader_sees_one_result_or_the_other_while_it_is_replaced(place):
    write(place, "0")
    seen: list[set[str]] = []
    done = threading.Event()

    def reading() -> None:
        while not done.is_set():
            seen.append(read(place))

    reader = threading.Thread(target=reading)
    reader.start()
    for number in range(1, 8):
        write(place, str(number))
    done.set()
    reader.join()
    assert seen
    assert all(len(texts) == 1 for texts in seen)


def test_what_is_not_there_or_was_changed_is_an_error(place):
    with pytest.raises(StoreError, match=r"results/day/published\.json: cannot be read: there is no such object"):
        opened_folder(place)
    write(place, "old")
    run = current_run(Objects(place))
    Objects(place).put(f"runs/{run}/a.parquet", b"else")
    with pytest.raises(StoreError, match=r"a\.parquet: was changed after it was published"):
        opened_folder(place)
    Objects(place).put(PUBLISHED, b'{"run": "r", "files": {"../../x": "0"}}')
    with pytest.raises(StoreError, match="was changed after it was written"):
        opened_folder(place)
    Objects(place).put(PUBLISHED, b"[]")
    with pytest.raises(StoreError, match="cannot be read"):
        opened_folder(place)
    write(place, "new")
    assert read(place) == {"new"}


def test_other_objects_are_never_mixed_with_a_result(place):
    Objects(place).put("notes.txt", b"mine")
    with pytest.raises(StoreError, match=r"holds other objects.*notes\.txt"), built_folder(place, MARKER):
        raise AssertionError("nothing is built")
    assert names(place) == ["notes.txt"]


def test_only_the_files_asked_for_are_fetched(place):
    write(place, "some")
    folder = opened_folder(place, ["a.parquet", "not there"])
    assert [path.name for path in Path(folder).iterdir()] == ["a.parquet"]
