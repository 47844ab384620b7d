"""Folders of results: old or new, never a mixture, whatever dies where."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from smartmoney_pipeline.store import folder as folder_module
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.folder import open_folder, staged_folder

MARKER = "manifest.json"


def write_result(target: Path, content: str) -> None:
    with staged_folder(target, MARKER) as folder:
        (folder / "tables").mkdir()
        (folder / "tables" / "events.txt").write_text(content)
        (folder / MARKER).write_text(content)


def content(target: Path) -> tuple[str, str]:
    folder = open_folder(target, MARKER)
    return (folder / MARKER).read_text(), (folder / "tables" / "events.txt").read_text()


def test_a_result_appears_whole_and_replaces_the_older_one(tmp_path):
    target = tmp_path / "deep" / "out"
    write_result(target, "one")
    write_result(target, "two")
    assert content(target) == ("two", "two")
    assert [entry.name for entry in target.parent.iterdir()] == ["out"]


def test_nothing_is_visible_before_the_end(tmp_path):
    with staged_folder(tmp_path / "out", MARKER) as folder:
        (folder / MARKER).write_text("one")
        assert not (tmp_path / "out").exists()
        assert folder.name.startswith(".")


def test_an_error_keeps_the_older_result_and_leaves_no_rubbish(tmp_path):
    write_result(tmp_path / "out", "one")
    with pytest.raises(ZeroDivisionError), staged_folder(tmp_path / "out", MARKER):
        1 / 0  # noqa: B018
    with pytest.raises(StoreError, match=r"the new result has no manifest\.json"), staged_folder(tmp_path / "out", MARKER):
        pass
    assert content(tmp_path / "out") == ("one", "one")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_something_else_is_never_replaced(tmp_path):
    target = tmp_path / "documents"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match=r"documents: holds other files and no manifest\.json"):
        write_result(target, "one")
    assert (target / "letter.txt").read_text() == "dear"
    with pytest.raises(StoreError, match=r"letter\.txt: is a file"):
        write_result(target / "letter.txt", "one")


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "out").mkdir()
    write_result(tmp_path / "out", "one")
    assert content(tmp_path / "out") == ("one", "one")


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_what_is_no_result_cannot_be_opened(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match=f"{name}: not a finished result"):
        open_folder(tmp_path / name, MARKER)


CRASH = """
import sys
from pathlib import Path
from smartmoney_pipeline.store.folder import staged_folder
with staged_folder(Path(sys.argv[1]), "manifest.json") as folder:
    (folder / "tables").mkdir()
    (folder / "tables" / "events.txt").write_text("two")
    (folder / "manifest.json").write_text("two")
"""


@pytest.mark.parametrize(("fault", "expected"), [("before_swap", "one"), ("between_renames", "one"), ("after_swap", "two")])
def test_kill_at_any_point_leaves_the_old_or_the_new(tmp_path, fault, expected):
    target = tmp_path / "out"
    write_result(target, "one")
    environment = os.environ | {"SMARTMONEY_FAULT": fault}
    crashed = subprocess.run([sys.executable, "-c", CRASH, str(target)], env=environment, check=False)
    assert crashed.returncode == -signal.SIGKILL
    assert content(target) == (expected, expected)
    write_result(target, "three")
    assert content(target) == ("three", "three")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_a_writer_at_work_is_not_cleaned_away_by_another(tmp_path):
    target = tmp_path / "out"
    with staged_folder(target, MARKER) as folder:
        write_result(target, "quick")
        (folder / "tables").mkdir()
        (folder / "tables" / "events.txt").write_text("slow")
        (folder / MARKER).write_text("slow")
    assert content(target) == ("slow", "slow")


def test_a_reader_who_comes_between_the_two_renames_waits_for_the_new_result(tmp_path, monkeypatch):
    target = tmp_path / "out"
    write_result(target, "one")
    between, found = threading.Event(), []
    reader = threading.Thread(target=lambda: found.append(content(target)))

    def pause(name: str) -> None:
        if name == "between_renames":
            assert not target.exists()
            reader.start()
            between.wait(0.2)  # time for the reader to find nothing and ask for the lock

    monkeypatch.setattr(folder_module, "fault_point", pause)
    write_result(target, "two")
    reader.join()
    assert found == [("two", "two")]


def test_many_writers_and_readers_of_one_target(tmp_path):
    target = tmp_path / "out"
    write_result(target, "0")
    writers = [threading.Thread(target=lambda n=n: [write_result(target, f"{n}-{i}") for i in range(5)]) for n in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert open_folder(target, MARKER) == target
    assert len(set(content(target))) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
