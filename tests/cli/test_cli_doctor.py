"""`smartmoney doctor` and `smartmoney schemas`."""

from __future__ import annotations

import json
import platform

from command_runs import run

from smartmoney_pipeline.console import doctor
from smartmoney_pipeline.profiles.calibration import IN_USE
from smartmoney_pipeline.profiles.ruleset import ruleset_version
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES


def test_a_sound_installation_ends_with_0():
    ended = run("doctor")
    assert ended.code == 0
    for part in (platform.python_version(), ruleset_version(), IN_USE, "XNYS", "packs calibration, demo", "kernel"):
        assert part in ended.out


def test_json_lists_every_check():
    document = json.loads(run("doctor", "--json").out)
    assert document["ok"] is True
    assert [check["check"] for check in document["checks"]] == list(doctor.CHECKS)


def test_something_broken_is_named_and_ends_with_1(monkeypatch):
    def fail() -> str:
        raise OSError("no space left")

    monkeypatch.setitem(doctor.CHECKS, "temporary folder", fail)
    ended = run("doctor")
    assert ended.code == 1
    assert "BROKEN" in ended.out
    assert "no space left" in ended.out
    assert "broken: temporary folder" in ended.err


def test_a_package_that_is_missing_is_broken(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("surely-not-installed",))
    document = json.loads(run("doctor", "--json").out)
    assert [check["check"] for check in document["checks"] if not check["ok"]] == ["packages"]


def test_schemas_are_written_one_a_table(tmp_path):
    ended = run("schemas", "--out", tmp_path)
    assert ended.code == 0
    for name in OUTPUT_TABLES:
        assert json.loads((tmp_path / "tables" / f"{name}.schema.json").read_text())["title"] == name
    assert (tmp_path / "smart_money_event.schema.json").is_file()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    ended = run("schemas", "--out", tmp_path / "file" / "below")
    assert ended.code == 1
    assert "below" in ended.err
    assert ended.err.count("\n") == 1, "one line"
