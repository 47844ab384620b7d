"""`smartmoney calibrate`, and `smartmoney evaluate` with a report, another calibration, several folders or a pack."""

from __future__ import annotations

import json

import pytest
from command_runs import SESSION, run

from smartmoney_pipeline.console.seeds import parse_seeds
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.profiles.calibration import content_of, load, read
from smartmoney_pipeline.profiles.ruleset import ruleset_version


@pytest.fixture(scope="session")
def fitted(tmp_path_factory):
    """The file of a calibration on one seed, and what the command said."""
    file = tmp_path_factory.mktemp("cli_fit") / "try-1.json"
    return file, run("calibrate", "--pack", "test", "--seeds", "5", "--session", SESSION, "--out", file)


def test_the_file_is_a_calibration_of_this_rule_set(fitted):
    file, ended = fitted
    assert (ended.code, ended.err) == (0, "")
    found = read(file, ruleset_version())
    assert (found.version, found.basis, found.sources) == ("try-1", "simulated", (f"test-5 {SESSION}",))
    assert found.temperature > 0
    assert len(found.data_hash) == 64
    figures = dict(found.metrics)
    assert figures["log_loss"] < figures["uncalibrated_log_loss"]
    # The share wrong of all events is risk at full coverage, and most events of a session state that they are ordinary.
    assert 0 < figures["risk_at_100"] < 0.5
    assert sum(name.startswith("reliability_") for name in figures) > 1
    assert "not to the market" in ended.out
    assert "before: identity" in ended.out
    # One session cannot be cross-validated, and then the form without slopes is taken.
    assert f"form plain; temperature {found.temperature:.3f}" in ended.out
    assert "slopes all 1\n" in ended.out


def test_slopes_that_were_fitted_are_shown(tmp_path):
    file = tmp_path / "try-2.json"
    ended = run("calibrate", "--pack", "test", "--seeds", "5", "--session", SESSION, "--form", "slopes", "--out", file, width=400)
    slopes = json.loads(file.read_text())["slopes"]
    assert "form slopes; " in ended.out
    fitted = {name: value for name, value in slopes.items() if value != 1.0}
    assert fitted
    assert all(f"{name.replace('_', ' ')} {value:.2f}" in ended.out for name, value in fitted.items())


def test_evaluation_under_the_fit_changes_probabilities_and_says_so(day, scored, fitted, tmp_path):
    before = run("evaluate", scored, "--labels", day / "labels", "--json")
    after = run("evaluate", scored, "--labels", day / "labels", "--calibration", fitted[0], "--report", tmp_path, "--json")
    losses = [{row["metric"]: row["value"] for row in json.loads(ended.out)}["log_loss"] for ended in (before, after)]
    assert losses[0] != losses[1]
    assert json.loads((tmp_path / "metrics.json").read_text())["versions"]["calibration"] == "try-1"


def test_the_identity_gives_the_stored_scores(day, scored, tmp_path):
    file = tmp_path / "same.json"
    file.write_text(json.dumps(content_of(load())))
    plain, again = (run("evaluate", scored, "--labels", day / "labels", *more, "--json") for more in ((), ("--calibration", file)))
    rows = [{(row["metric"], row["profile"]): row["value"] for row in json.loads(ended.out)} for ended in (plain, again)]
    known = [{key: value for key, value in one.items() if value is not None} for one in rows]
    assert rows[0].keys() == rows[1].keys()
    assert known[0] == pytest.approx(known[1], rel=1e-9)


def test_a_report_with_economic_figures_drift_and_evidence(day, scored, tmp_path):
    ended = run("evaluate", scored, "--labels", day / "labels", "--tape", day / "tape", "--against", scored, "--report", tmp_path)
    assert ended.code == 0
    assert "report.html" in ended.out
    content = json.loads((tmp_path / "metrics.json").read_text())
    assert max(row["psi"] for row in content["drift"] if row["psi"] is not None) == pytest.approx(0.0)
    assert {row["outcome"] for row in content["economic"]} >= {"signed_return_bp_300s", "parity_change_usd"}
    page = (tmp_path / "report.html").read_text()
    assert "How common such flow is before anything is seen." in page


def test_two_folders_are_pooled(day, scored):
    one = run("evaluate", scored, "--labels", day / "labels", "--json")
    two = run("evaluate", scored, scored, "--labels", day / "labels", "--labels", day / "labels", "--json")
    rows = [{(row["metric"], row["profile"]): row for row in json.loads(ended.out)} for ended in (one, two)]
    assert rows[1]["events", None]["value"] == 2 * rows[0]["events", None]["value"]
    assert rows[1]["recall", "arbitrage"]["n"] == 2 * rows[0]["recall", "arbitrage"]["n"]
    assert rows[1]["log_loss", None]["value"] == pytest.approx(rows[0]["log_loss", None]["value"])


def test_a_pack_with_seeds_is_evaluated_without_folders():
    ended = run("evaluate", "--pack", "test", "--seeds", "5", "--session", SESSION, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert {row["metric"] for row in json.loads(ended.out)} >= {"precision", "log_loss"}


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ((), "give a scored folder"),
        (("--pack", "test"), "needs --seeds and --session"),
        (("--pack", "test", "--seeds", "1..2x", "--session", SESSION), "not of the form"),
        (("--pack", "nowhere", "--seeds", "1", "--session", SESSION), "nowhere"),
        (("SCORED",), "--labels: one a folder is needed"),
        (("SCORED", "--labels", "LABELS", "--tape", "a", "--tape", "b"), "--tape: one a folder is needed"),
        (("SCORED", "--labels", "LABELS", "--calibration", "gone.json"), "gone.json: cannot be read as a calibration"),
        (("SCORED", "--labels", "LABELS", "--tape", "gone", "--report", "OUT"), "the quotes cannot be read"),
        (("SCORED", "--pack", "test", "--seeds", "1", "--session", SESSION), "give either"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(day, scored, tmp_path, words, fault):
    places = {"SCORED": scored, "LABELS": day / "labels", "OUT": tmp_path / "out"}
    ended = run("evaluate", *(places.get(word, word) for word in words))
    assert ended.code == 1
    assert fault in ended.err
    assert ended.err.count("\n") == 1


def test_a_calibration_of_another_rule_set_is_refused(day, scored, fitted, tmp_path):
    file = tmp_path / "other.json"
    file.write_text(json.dumps(json.loads(fitted[0].read_text()) | {"ruleset": "000000000000"}))
    ended = run("evaluate", scored, "--labels", day / "labels", "--calibration", file)
    assert ended.code == 1
    assert f"{file}: " in ended.err
    assert "made for rule set 000000000000" in ended.err


@pytest.mark.parametrize(("text", "seeds"), [("3", (3,)), ("1..3", (1, 2, 3)), ("9,1..2, 2", (1, 2, 9))])
def test_seeds(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "3..1", "1..5000", "1-3"])
def test_seeds_that_are_none(text):
    with pytest.raises(CommandError):
        parse_seeds(text)
