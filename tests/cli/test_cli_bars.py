"""Minute bars on the command line: imported, checked, scored, replayed and explained, each of which says what they are.

34200000 ms after midnight is 09:30 in New York; the archive follows the layout of LEAN.
"""

import json
import zipfile

import pyarrow.parquet as pq
import pytest
from command_runs import run

LINE = "rows are minute bars, not prints: each is an event of its own, without side or direction, and none is graded"
BARS = "34200000,12000,13000,11000,12500,70\n34260000,12000,13000,11000,12500,70\n"


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    """Two contracts that trade the same size in the same two minutes, imported and scored."""
    folder = tmp_path_factory.mktemp("cli_bars")
    with zipfile.ZipFile(folder / "20151224_trade_american.zip", "w") as archive:
        for strike in ("7500000", "7600000"):
            archive.writestr(f"20151224_goog_minute_trade_american_call_{strike}_20160115.csv", BARS)
    imported = run("import", "lean", folder / "20151224_trade_american.zip", "--out", folder / "tape", width=200)
    scored = run("score", folder / "tape", "--out", folder / "scored", width=200)
    assert (imported.code, scored.code) == (0, 0)
    return folder, imported, scored


def test_import_and_score_say_it(bars):
    _, imported, scored = bars
    assert LINE in imported.out
    assert LINE in scored.out
    assert "abstained because: minute bars 4" in scored.out


def test_check_and_replay_say_it(bars):
    folder, _, _ = bars
    assert LINE in run("check", folder / "tape", width=200).out
    assert LINE in run("replay", folder / "tape", "--out", folder / "replayed", width=200).out
    assert run("verify", folder / "scored", folder / "replayed").out.startswith("equal: ")


def test_a_stored_day_keeps_it(bars, tmp_path):
    # Buckets read the day from the lake layout, where the report of the import is no more.
    folder, _, _ = bars
    assert run("score", folder / "tape", "--out", tmp_path / "cut", "--executor", "serial", "--buckets", "2", "--quiet").code == 0
    assert run("verify", folder / "scored", tmp_path / "cut").code == 0


def test_an_explanation_says_why(bars):
    folder, _, _ = bars
    name = pq.read_table(folder / "scored" / "smart_money_events.parquet")["event_id"][0].as_py()
    said = run("explain", name, "--in", folder / "scored", width=200)
    assert said.code == 0
    assert "1 minute bar | side not signed" in said.out
    assert "Minute bar\n" in said.out
    assert "1 print" not in said.out
    assert "Guards that fired" not in said.out, "no guard reads what is not graded"


def test_events_are_listed_with_nulls(bars):
    folder, _, _ = bars
    rows = json.loads(run("events", folder / "scored", "--all", "--json").out)
    events = rows["events"] if isinstance(rows, dict) else rows
    assert len(events) == 4
    assert {event["features"]["premium_usd"] for event in events} == {None}
