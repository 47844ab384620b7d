"""The real Cboe sample, scored from the command line. Its facts are those of the sample's own description."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from command_runs import run

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
SAMPLES = SHARED / "real" / "cboe_datashop"
CONTRACT = SHARED / "tools" / "check_contract.py"

needs_sample = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real sample does not lie beside the checkout")
needs_contract = pytest.mark.skipif(not CONTRACT.is_file(), reason="the contract checker does not lie beside the checkout")


@pytest.fixture(scope="module")
def sample() -> Path:
    return next(SAMPLES.glob("*.csv"))


@pytest.fixture(scope="module")
def out(sample, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli_real") / "out"
    ended = run("score", sample, "--from", "cboe", "--out", folder)
    assert ended.code == 0
    assert "776 prints in the file" in ended.out
    return folder


@pytest.fixture(scope="module")
def events(out):
    return pq.read_table(out / "smart_money_events.parquet").to_pandas()


@pytest.mark.real
@needs_sample
def test_the_data_quality_table_shows_776_rows_and_one_print_without_quote(sample):
    ended = run("check", sample, "--from", "cboe", "--json")
    document = json.loads(ended.out)
    assert ended.code == 0
    assert document["session"] == "2016-06-01"
    assert document["data_quality"]["tables"]["option_prints"] == {"rows": 776, "read": 776, "quarantined": 0, "by_reason": {}}
    assert document["data_quality"]["prints"]["carried_nbbo"]["zero"] == 1
    assert "no quote" in run("check", sample, "--from", "cboe").out


@pytest.mark.real
@needs_sample
def test_every_print_is_in_one_event(events):
    members = events["member_print_ids"].explode()
    assert len(events) > 0
    assert len(members) == members.nunique() == 776


@pytest.mark.real
@needs_sample
def test_the_row_without_quotes_is_not_signed_and_carries_its_flag(events):
    missing = events[["quote_missing" in flags for flags in events["quality_flags"]]]
    assert len(missing) == 1
    features = missing.iloc[0]["features"]
    assert features["quoted_share"] in {None, 0.0}
    assert features["aggressor_mix"] is None
    assert features["spread_position"] is None


@pytest.mark.real
@needs_sample
def test_spread_prints_of_one_time_stamp_are_multi_leg_events(events):
    # All 224 prints under the spread code share their time with another one.
    complexes = events[["complex" in flags for flags in events["quality_flags"]]]
    assert sum(map(len, complexes["member_print_ids"])) == 224
    assert (complexes["event_kind"] == "multi_leg_event").all()
    assert (complexes["start_ts"] == complexes["end_ts"]).all()


@pytest.mark.real
@needs_sample
def test_the_events_can_be_shown_and_explained(out, events):
    assert run("events", out, "--all", "--top", 3).code == 0
    assert run("explain", events["event_id"][0], "--in", out).code == 0


@pytest.mark.real
@needs_sample
@needs_contract
def test_the_real_output_keeps_the_contract(out):
    ended = subprocess.run([sys.executable, CONTRACT, out], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


@needs_contract
def test_the_scenario_output_keeps_the_contract(scored, day):
    ended = subprocess.run([sys.executable, CONTRACT, scored, day / "tape"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
