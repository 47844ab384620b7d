"""Tapes at URLs: copied as they are, never changed under a reader, and never out of the scratch folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from smartmoney_pipeline.store import object_tape, scratch
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.object_folder import publish_folder
from smartmoney_pipeline.store.object_tape import opened_tape
from smartmoney_pipeline.store.objects import Objects


def test_a_path_is_itself(tmp_path):
    assert opened_tape(tmp_path / "tape") == tmp_path / "tape"


def test_files_below_a_url_are_copied_with_their_names(bucket):
    Objects(f"{bucket}/tapes/2026-03-18").put("option_prints.csv", b"a")
    Objects(f"{bucket}/tapes/2026-03-18").put("more/quotes.csv", b"b")
    folder = opened_tape(f"{bucket}/tapes/2026-03-18")
    assert folder.name == "2026-03-18"
    assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {
        "option_prints.csv": b"a", "more/quotes.csv": b"b",
    }  # fmt: skip


def test_a_corrected_tape_is_another_copy(bucket):
    place = Objects(f"{bucket}/day")
    place.put("option_prints.csv", b"old")
    before = opened_tape(place.url)
    place.put("option_prints.csv", b"new")
    after = opened_tape(place.url)
    assert [(folder / "option_prints.csv").read_bytes() for folder in (before, after)] == [b"old", b"new"]
    assert opened_tape(place.url) == after


def test_a_published_day_is_read_by_what_it_names(bucket, tmp_path):
    place = Objects(f"{bucket}/day")
    (tmp_path / "day.json").write_text("{}")
    publish_folder(tmp_path, place)
    place.put("runs/left/day.json", b"of a killed run")
    assert [path.name for path in opened_tape(place.url).iterdir()] == ["day.json"]


def test_an_object_that_is_replaced_while_it_is_read_is_an_error_and_no_file(bucket, monkeypatch):
    place, fetch = Objects(f"{bucket}/day"), Objects.fetch

    def slow(self, name, target, sha256=None):
        fetch(self, name, target, sha256)
        place.put(name, b"newer")

    place.put("option_prints.csv", b"old")
    with monkeypatch.context() as patch:
        patch.setattr(object_tape.Objects, "fetch", slow)
        with pytest.raises(StoreError, match=r"day/option_prints\.csv: changed while it was read"):
            opened_tape(place.url)
    assert (opened_tape(place.url) / "option_prints.csv").read_bytes() == b"newer"


def test_names_that_lead_elsewhere_are_refused(bucket):
    # A client of Arrow would tidy the name up; the storage itself takes it.
    with pytest.raises(StoreError, match="cannot be the name of a file"):
        object_tape._copied(Objects(bucket), ["a/../../x"])


def test_only_the_last_tapes_stay(bucket, monkeypatch):
    monkeypatch.setattr(scratch, "RECENT", 2)
    copies = []
    for number in range(4):
        Objects(f"{bucket}/day{number}").put("x.csv", str(number).encode())
        copies.append(opened_tape(f"{bucket}/day{number}"))
    assert [copy.exists() for copy in copies] == [False, False, True, True]


def test_the_scratch_folder_of_a_killed_process_is_cleared_by_the_next(tmp_path):
    environment = os.environ | {"SMARTMONEY_SCRATCH": str(tmp_path)}
    make = "from smartmoney_pipeline.store.scratch import scratch_folder; (scratch_folder('x') / 'file').touch()"
    killed = f"import os, signal; {make}; os.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run([sys.executable, "-c", killed], env=environment, check=False).returncode == -signal.SIGKILL
    left = [path.name for path in tmp_path.iterdir()]
    assert len(left) == 1
    seen = f"{make}; import pathlib; print([path.name for path in pathlib.Path({str(tmp_path)!r}).iterdir()])"
    said = subprocess.run([sys.executable, "-c", seen], env=environment, check=True, capture_output=True, text=True).stdout
    assert left[0] not in said
    assert "smartmoney-scratch-" in said
    assert list(tmp_path.iterdir()) == []
