"""Generated sessions are kept and taken again; a change of what made them makes them anew. The goals table of a pack."""

from __future__ import annotations

import json
from datetime import date

import pytest
from command_runs import SESSION, run

from smartmoney_pipeline.console import fingerprint as prints
from smartmoney_pipeline.console import seeds
from smartmoney_pipeline.evaluation.classes import PROFILES
from smartmoney_pipeline.profiles.calibration import read
from smartmoney_pipeline.profiles.ruleset import ruleset_version

ASKED = ("--pack", "test", "--seeds", "5", "--session", SESSION)


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """The folder of one kept session, the report over it, and what the command said."""
    place = tmp_path_factory.mktemp("cli_kept")
    return place, run("evaluate", *ASKED, "--null-seeds", "5", "--keep", place / "seeds", "--report", place / "report", width=140)


def test_the_goals_table_has_every_row_with_goal_cases_and_verdict(kept):
    place, ended = kept
    assert (ended.code, ended.err) == (0, "")
    for words in (
        "macro f1",
        "precision at coverage",
        "ece top label",
        "95 % of chance",
        "null published per 10000",
        "goals are met",
        "abstain",
    ):
        assert words in ended.out
    for profile in PROFILES:
        assert f"recall, {profile.replace('_', ' ')}" in ended.out
    figures = {row["metric"]: row for row in json.loads((place / "report" / "metrics.json").read_text())["figures"]}
    assert figures["null_published_per_10000"]["n"] > 10_000
    assert figures["false_alarms_per_10000"]["low"] is not None


def test_kept_sessions_hold_no_tape_and_are_not_made_again(kept, monkeypatch):
    place, first = kept
    folders = sorted((place / "seeds").iterdir())
    assert [folder.name for folder in folders] == [f"null-5-{SESSION}", f"test-5-{SESSION}"]
    assert not list(place.glob("seeds/*/tape"))

    def never(*_):
        raise AssertionError("a kept session was generated again")

    monkeypatch.setattr(seeds.scenarios, "generate_into", never)
    again = run("evaluate", *ASKED, "--null-seeds", "5", "--keep", place / "seeds", width=140)
    assert again.out.splitlines()[:30] == first.out.splitlines()[:30]


def test_more_sessions_than_a_round_of_processes_takes_come_to_an_end(kept, monkeypatch):
    """Python 3.11 waited for ever where workers ended after so many tasks: sixteen sessions went, the seventeenth never came."""
    monkeypatch.setattr(seeds, "SEEDS_A_PROCESS", 1)
    source, folder = "test-5", kept[0] / "seeds" / f"test-5-{SESSION}"
    tasks = [(source, date.fromisoformat(SESSION), folder)] * 5
    assert list(seeds._run(tasks, 2)) == [(source, folder)] * 5


def test_a_session_of_other_code_is_not_taken(kept, monkeypatch):
    folder = kept[0] / "seeds" / f"test-5-{SESSION}"
    assert seeds.is_kept(folder)
    monkeypatch.setattr(seeds, "fingerprint", lambda: "other")
    assert not seeds.is_kept(folder)


def test_a_session_that_a_crash_left_unfinished_is_not_taken(tmp_path):
    assert not seeds.is_kept(tmp_path)
    (tmp_path / seeds.MARKER).write_text('{"finger')
    assert not seeds.is_kept(tmp_path)


def test_the_next_report_measures_drift_from_the_last(kept, tmp_path):
    ended = run("evaluate", *ASKED, "--keep", kept[0] / "seeds", "--against", kept[0] / "report", "--report", tmp_path)
    assert ended.code == 0
    drifted = json.loads((tmp_path / "metrics.json").read_text())["drift"]
    assert max(row["psi"] for row in drifted if row["psi"] is not None) == pytest.approx(0.0)


def test_economic_figures_need_no_tape_where_sessions_are_generated(kept):
    economic = json.loads((kept[0] / "report" / "metrics.json").read_text())["economic"]
    assert any(row["n"] and row["difference"] is not None for row in economic)


def test_a_calibration_uses_the_kept_sessions(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(seeds.scenarios, "generate_into", None)
    file = tmp_path / "kept-1.json"
    ended = run("calibrate", *ASKED, "--keep", kept[0] / "seeds", "--form", "slopes", "--out", file)
    assert (ended.code, ended.err) == (0, "")
    found = read(file, ruleset_version())
    assert dict(found.metrics)["none_share"] > 0.5
    assert any(slope != 1.0 for slope in found.slopes)


def test_labels_of_one_class_cannot_be_calibrated_on(kept, tmp_path):
    """The pack `null` plants no profile, so that everything is of class none."""
    words = ("--pack", "null", "--seeds", "5", "--session", SESSION, "--keep", kept[0] / "seeds", "--out", tmp_path / "null-1.json")
    ended = run("calibrate", *words)
    assert ended.code == 1
    assert "the labels name one class only" in ended.err
    assert not (tmp_path / "null-1.json").exists()


def test_labels_of_one_class_give_null_figures(kept):
    ended = run("evaluate", "--pack", "null", "--seeds", "5", "--session", SESSION, "--keep", kept[0] / "seeds", "--json")
    assert (ended.code, ended.err) == (0, "")
    rows = {(row["metric"], row["profile"]): row for row in json.loads(ended.out)}
    assert (rows["recall", "arbitrage"]["value"], rows["recall", "arbitrage"]["n"]) == (None, 0)
    assert rows["false_alarms_per_10000", None]["n"] == rows["events", None]["n"]


def test_a_damaged_sample_is_named(kept, tmp_path):
    (tmp_path / "sample.parquet").write_bytes(b"no parquet")
    ended = run("evaluate", *ASKED, "--keep", kept[0] / "seeds", "--against", tmp_path)
    assert ended.code == 1
    assert "sample.parquet: cannot be read as a sample of events" in ended.err


def test_null_seeds_need_a_pack(scored, day):
    ended = run("evaluate", scored, "--labels", day / "labels", "--null-seeds", "5")
    assert ended.code == 1
    assert "--null-seeds goes with --pack" in ended.err


def test_the_fingerprint_follows_what_makes_a_session_and_nothing_else(tmp_path):
    def made() -> str:
        return prints.fingerprint_of((tmp_path,))

    (tmp_path / "engine").mkdir()
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "engine" / "stage.py").write_text("a = 1")
    before = made()
    (tmp_path / "evaluation" / "figures.py").write_text("b = 1")
    (tmp_path / "engine" / "stage.nbi").write_text("cache")
    assert made() == before
    (tmp_path / "engine" / "stage.py").write_text("a = 2")
    assert made() != before
