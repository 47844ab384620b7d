"""`smartmoney explain`: sums that add up, beginnings of ids, members. Expected values are read from the scored tables."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from importlib import resources

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_runs import run

from smartmoney_pipeline.profiles.ruleset import ruleset


@pytest.fixture(scope="module")
def events(scored):
    return pq.read_table(scored / "smart_money_events.parquet").to_pandas()


@pytest.fixture(scope="module")
def published(events):
    return events[~events["abstained"]].iloc[0]


def test_contributions_add_up_to_the_log_odds_and_probabilities_are_those_stored(scored, published):
    explained = json.loads(run("explain", published["event_id"], "--in", scored, "--json").out)["explanation"]
    for name, total in explained["log_odds"].items():
        parts = [line["contribution"] for line in explained["lines"] if line["profile"] == name]
        assert explained["log_prior"][name] + sum(parts) == pytest.approx(total, abs=1e-9)
    stored = {score["profile_id"]: score["probability"] for score in published["profile_scores"]}
    assert {name: explained["probability"][name] for name in stored} == pytest.approx(stored, abs=1e-12)
    assert explained["published"] == published["primary_profile_id"]


def test_the_calibrated_figures_give_the_stored_probabilities_from_the_log_odds(scored, published):
    """Softmax, (log-odds - bias) / temperature, worked out here from the packaged file of the calibration."""
    explained = json.loads(run("explain", published["event_id"], "--in", scored, "--json").out)["explanation"]
    file = resources.files("smartmoney_pipeline.profiles.calibration") / f"{published['calibration_version']}.json"
    fitted = json.loads(file.read_text())
    assert (explained["bias"], explained["temperature"]) == (fitted["biases"], fitted["temperature"])
    powers = {n: math.exp((odds - fitted["biases"][n]) / fitted["temperature"]) for n, odds in explained["log_odds"].items()}
    for score in published["profile_scores"]:
        assert powers[score["profile_id"]] / sum(powers.values()) == pytest.approx(score["probability"], abs=1e-12)
    out, first = run("explain", published["event_id"], "--in", scored).out, explained["likeliest"]
    odds, bias, temperature = explained["log_odds"][first], fitted["biases"][first], fitted["temperature"]
    step = f"calibrated {(odds - bias) / temperature:+.2f} = (log-odds {odds:+.2f} less bias {bias:+.2f}) / temperature {temperature:.3f}"
    assert step in out


def test_rows_that_caps_hold_down_are_named_with_their_full_figures(scored, events):
    """The package at hand adds up to more than the caps of the rule documents: 3 nats of structure, 5 in all."""
    boxed = events[[name in {"box", "jelly_roll", "conversion"} for name in events["structure"]]].iloc[0]
    explained = json.loads(run("explain", boxed["event_id"], "--in", scored, "--json").out)["explanation"]
    own = [line for line in explained["lines"] if line["profile"] == explained["likeliest"] and line["observed"]]
    held = {line["code"]: line["uncapped"] for line in own if line["uncapped"] != pytest.approx(line["contribution"])}
    weights = {row.code: row.weight for row in ruleset().evidence}
    structure = next(code for code in held if code in {"BOX", "JELLY_ROLL", "CONVERSION_OR_REVERSAL"})
    assert held[structure] == pytest.approx(weights[structure]), "of full membership and quality"
    assert sum(line["contribution"] for line in own if line["code"] in held) < sum(held.values())
    out = run("explain", boxed["event_id"], "--in", scored).out
    assert "capped at 2 nats a family (condition and structure 3) and 5 in all" in out
    assert f"{structure} {weights[structure]:+.2f}" in out


def test_the_evidence_listed_is_the_evidence_stored(scored, published):
    lines = json.loads(run("explain", published["event_id"], "--in", scored, "--json").out)["explanation"]["lines"]
    stored = pq.read_table(scored / "event_evidence.parquet").to_pandas()
    stored = stored[(stored["event_id"] == published["event_id"]) & stored["observed"] & (stored["code"] != "PRIOR")]
    assert {(line["profile"], line["code"]) for line in lines if line["observed"]} == set(
        zip(stored["profile_id"], stored["code"], strict=True)
    )


def test_text_has_sums_runner_up_changes_and_members(scored, published):
    out = run("explain", published["event_id"], "--in", scored).out
    for part in ("likeliest", "runner-up", "prior", "log-odds", "What would change it", "Member prints"):
        assert part in out
    assert all(print_id in out for print_id in published["member_print_ids"])


def test_a_unique_beginning_is_enough(scored, published):
    assert published["event_id"] in run("explain", published["event_id"][:12], "--in", scored).out


def test_an_abstained_event_is_explained_too(scored, events):
    abstained = events[events["abstained"]].iloc[0]
    ended = run("explain", abstained["event_id"], "--in", scored)
    assert ended.code == 0
    assert "No profile is published" in ended.out


def test_a_lake_names_the_contracts(lake, published):
    document = json.loads(run("explain", published["event_id"], "--in", lake, "--json").out)
    assert document["legs"]
    assert "Contracts" in run("explain", published["event_id"], "--in", lake).out


def test_an_unknown_id_is_an_error(scored):
    ended = run("explain", "nosuchevent", "--in", scored)
    assert ended.code == 1
    assert "no event id starts with 'nosuchevent'" in ended.err


def test_a_beginning_of_several_ids_is_an_error_that_counts_them(scored, events):
    letter, number = Counter(name[0] for name in events["event_id"]).most_common(1)[0]
    ended = run("explain", letter, "--in", scored)
    assert number > 1
    assert ended.code == 1
    assert f"is ambiguous: {number} event ids" in ended.err


def test_other_rules_than_those_of_the_score_are_noted(scored, published, tmp_path):
    shutil.copytree(scored, tmp_path / "out")
    file = tmp_path / "out" / "smart_money_events.parquet"
    table = pq.read_table(file)
    at = table.column_names.index("ruleset_version")
    old = pa.array(["older"] * len(table), table.schema.field(at).type)
    pq.write_table(table.set_column(at, table.schema.field(at), old), file)
    ended = run("explain", published["event_id"], "--in", tmp_path / "out")
    assert ended.code == 0
    assert "scored under rule set older" in ended.err
