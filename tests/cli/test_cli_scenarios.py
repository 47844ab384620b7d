"""`smartmoney scenarios`: packs listed, sessions generated, labels kept apart."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from command_runs import SESSION, run


def test_the_packs_are_listed():
    assert "demo" in run("scenarios", "list").out
    assert {pack["name"] for pack in json.loads(run("scenarios", "list", "--json").out)["packs"]} >= {"demo", "test"}


def test_tape_and_labels_lie_apart(day):
    assert (day / "tape" / "option_prints.parquet").is_file()
    assert sorted(path.name for path in (day / "labels").iterdir()) == ["labels.parquet", "sides.parquet"]
    assert not list((day / "tape").glob("*label*"))


def test_what_is_there_already_is_never_mixed_with_another_tape(day):
    ended = run("scenarios", "generate", "test-8", "--session", SESSION, "--out", day)
    assert ended.code == 1
    assert "holds files already" in ended.err


@pytest.mark.parametrize(
    ("source", "fault"),
    [("nowhere-1", "unknown pack 'nowhere'"), ("test", "not of the form PACK-SEED"), ("test-99999999999", "seed")],
)
def test_an_unknown_source_is_an_error(tmp_path, source, fault):
    ended = run("scenarios", "generate", source, "--session", SESSION, "--out", tmp_path / "out")
    assert ended.code == 1
    assert fault in ended.err


def test_a_holiday_is_an_error(tmp_path):
    # Christmas Day
    ended = run("scenarios", "generate", "test-1", "--session", "2025-12-25", "--out", tmp_path / "out")
    assert ended.code == 1
    assert "2025-12-25" in ended.err


def test_a_bad_date_is_a_usage_error(tmp_path):
    assert run("scenarios", "generate", "test-1", "--session", "25.12.2025", "--out", tmp_path).code == 2


def test_json_says_what_was_written(generated):
    folder, ended = generated
    document = json.loads(ended.out)
    assert document["tape"] == str(folder / "tape")
    assert document["labels"] == str(folder / "labels")
    assert (document["pack"], document["seed"], document["session"]) == ("test", 7, SESSION)
    assert document["rows"]["option_prints"] == pq.read_metadata(folder / "tape" / "option_prints.parquet").num_rows


def test_sizes_are_refused_for_a_pack_of_fixed_size(tmp_path):
    for option in ("--prints", "--quotes", "--processes"):
        ended = run("scenarios", "generate", "test-1", "--session", SESSION, "--out", tmp_path / "out", option, "50000")
        assert ended.code == 1
        assert f"{option}: only the pack stress takes it" in ended.err
    assert not (tmp_path / "out").exists()


def test_an_impossible_stress_day_is_an_error(tmp_path):
    ended = run(
        "scenarios", "generate", "stress-1", "--session", SESSION, "--out", tmp_path / "out", "--prints", "5000", "--quotes", "5000"
    )
    assert ended.code == 1
    assert "from 4 to 1000 quotes a print" in ended.err
