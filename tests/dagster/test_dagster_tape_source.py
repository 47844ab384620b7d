"""Real tapes: the Cboe sample through the whole graph, a session without a tape, and what is never made up."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dagster_session import ROOT, SESSION, SOURCE, failures, materialised, run_job
from typer.testing import CliRunner

from smartmoney_pipeline.cli import app
from smartmoney_pipeline.console import import_tape
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.input_tables import EventCalendar
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published
from smartmoney_pipeline.tape.canonical import write_canonical

SAMPLES = ROOT.parent / "shared" / "real" / "cboe_datashop"
SAMPLE_SESSION = "2016-06-01"
needs_sample = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real sample does not lie beside the checkout")
IMPORT = ("scenario_tape", "tape", "event_calendar")
OF_THE_CALENDAR = ("trading_days_to_event", "expiry_days_after_event", "expiry_brackets_event", "scheduled_earnings")
AS_CBOE = {"resources": {"tape_source": {"config": {"source_format": "cboe"}}}}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The sample through the whole graph; its folder is that of the environment, its format that of the launch."""
    base = tmp_path_factory.mktemp("dagster_real")
    session = base / "tapes" / SAMPLE_SESSION
    session.mkdir(parents=True)
    shutil.copy(next(SAMPLES.glob("*.csv")), session)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMARTMONEY_TAPES", str(base / "tapes"))
        result = run_job(base / "lake", SAMPLE_SESSION, "tape", config=AS_CBOE)
    assert result.success, failures(result)
    return base / "lake", result


@pytest.mark.real
@needs_sample
def test_the_real_tape_is_scored_and_published(real):
    # The sample's description: 776 prints.
    lake, result = real
    assert materialised(result)["tape"]["dagster/row_count"] == 776
    assert all(check.passed for check in result.get_asset_check_evaluations())
    published = open_published(Lake(lake), SAMPLE_SESSION, "tape")
    assert published.read("quoted_prints").num_rows == 776
    assert published.read("parent_event_members").num_rows == 776
    assert published.read("smart_money_events").num_rows == published.read("parent_events").num_rows > 0


@pytest.mark.real
@needs_sample
def test_no_corporate_event_is_made_up_for_a_real_tape(real):
    lake, result = real
    made = materialised(result)
    assert made["event_calendar"]["dagster/row_count"] == 0
    assert made["event_calendar"]["taken_from"] == "none"
    features = open_published(Lake(lake), SAMPLE_SESSION, "tape").read("event_features")
    assert all(features[name].null_count == features.num_rows for name in OF_THE_CALENDAR)


def test_the_scenario_knows_its_own_events(twice):
    # The other side of the test above: where events are known, the same features are there.
    features = Lake(twice.lake).read("event_features", SESSION, SOURCE)
    assert all(0 < features[name].null_count < features.num_rows for name in OF_THE_CALENDAR)


@pytest.fixture(scope="module")
def dropped(home, tmp_path_factory):
    """A tape of the drop folder with a calendar of its own, one row of it known after the close; scored by Dagster and by the command."""
    base = tmp_path_factory.mktemp("dagster_dropped")
    tape = shutil.copytree(home.lake / "scenario_tape" / f"session={SESSION}" / f"source={SOURCE}", base / "tapes" / SESSION)
    known = pq.read_table(tape / "event_calendar.parquet").to_pylist()
    later = known[0] | {"known_at": datetime(2026, 3, 18, 23, tzinfo=UTC), "source": "told that night"}
    (tape / "event_calendar.parquet").unlink()
    write_canonical(tape, {"event_calendar": pa.Table.from_pylist([*known, later], arrow_schema(EventCalendar))})
    scored = CliRunner().invoke(app, ["score", str(tape), "--out", str(base / "out"), "--quiet"])
    assert (scored.exit_code, scored.output) == (0, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMARTMONEY_TAPES", str(base / "tapes"))
        result = run_job(base / "lake", SESSION, "tape")
    assert result.success, failures(result)
    return base, result, known


def test_a_tape_with_a_calendar_gives_the_same_tables_by_command_and_by_dagster(dropped):
    base, result, _ = dropped
    published = open_published(Lake(base / "lake"), SESSION, "tape")
    written = json.loads((base / "out" / "manifest.json").read_text())
    assert published.manifest.run_hash == written["run_hash"]
    both = sorted(set(written["tables"]) & set(published.manifest.tables))
    assert {"smart_money_events", "parent_event_members", "event_evidence", "event_legs", "event_links"} <= set(both)
    for name in both:
        here, there = published.read(name), pq.read_table(base / "out" / f"{name}.parquet")
        assert here.equals(there.select(here.column_names).cast(here.schema)), name
    events = published.read("event_features")
    assert all(0 < events[name].null_count < events.num_rows for name in OF_THE_CALENDAR)
    assert materialised(result)["event_calendar"]["taken_from"] == "the tape"


def test_what_is_known_after_the_close_is_not_among_the_events_of_a_session(dropped):
    base, _, known = dropped
    kept = open_published(Lake(base / "lake"), SESSION, "tape").read("event_calendar").to_pylist()
    assert len(kept) == len(known) > 0
    assert "told that night" not in {row["source"] for row in kept}


def test_a_calendar_file_stands_in_for_the_calendar_of_the_tape(dropped, tmp_path, monkeypatch):
    """As with `smartmoney score --calendar`: one row in the file, and those of the tape are not used."""
    base, _, _ = dropped
    file = tmp_path / "calendar.csv"
    file.write_text("underlying,event_type,event_date,event_time,known_at,source\nZZZ,earnings,2026-03-25,amc,2026-03-01T12:00:00Z,mine\n")
    shutil.copytree(base / "lake" / "tape", tmp_path / "lake" / "tape")
    config = {"resources": {"calendar_file": {"config": {"path": str(file)}}}}
    result = run_job(tmp_path / "lake", SESSION, "tape", only=("event_calendar",), config=config)
    assert materialised(result)["event_calendar"]["taken_from"] == str(file)
    assert Lake(tmp_path / "lake").read("event_calendar", SESSION, "tape")["underlying"].to_pylist() == ["ZZZ"]


def test_a_tape_of_minute_bars_is_scored_as_such(tmp_path, monkeypatch):
    # Two contracts that trade the same size in the same two minutes, in the layout of LEAN.
    session, bars = "2015-12-24", "34200000,12000,13000,11000,12500,70\n34260000,12000,13000,11000,12500,70\n"
    with zipfile.ZipFile(tmp_path / "20151224_trade_american.zip", "w") as archive:
        for strike in ("7500000", "7600000"):
            archive.writestr(f"20151224_goog_minute_trade_american_call_{strike}_20160115.csv", bars)
    archive = tmp_path / "20151224_trade_american.zip"
    import_tape.run(import_tape.Job("lean", archive, tmp_path / "tapes" / session, None, None, (), True))
    monkeypatch.setenv("SMARTMONEY_TAPES", str(tmp_path / "tapes"))
    result = run_job(tmp_path / "lake", session, "tape")
    assert result.success, failures(result)
    assert materialised(result)["tape"]["nature"] == "minute_bars"
    published = open_published(Lake(tmp_path / "lake"), session, "tape")
    assert published.read("quoted_prints")["exchange"].null_count == 4  # a venue that nobody knows is null and passes the checks
    events = published.read("smart_money_events").to_pylist()
    assert [event["abstention_reasons"] for event in events] == [["minute_bars"]] * 4
    assert [len(event["member_print_ids"]) for event in events] == [1] * 4
    [live] = [check for check in result.get_asset_check_evaluations() if check.check_name == "live_equals_batch"]
    assert live.passed


@pytest.mark.real
@needs_sample
def test_a_real_tape_has_no_scenario_and_no_accuracy(real):
    lake, result = real
    made = materialised(result)
    assert made["scenario_tape"]["scenario"] == "none: this source is a real tape"
    assert not (lake / "scenario_tape").exists()
    assert not (lake / "scenario_labels").exists()
    metrics = open_published(Lake(lake), SAMPLE_SESSION, "tape").read("evaluation_metrics").to_pandas()
    assert set(metrics["metric"]) >= {"events", "abstention_rate"}
    assert not [name for name in metrics["metric"] if name.startswith(("precision", "recall", "brier"))]


@pytest.mark.real
@needs_sample
def test_the_sample_read_as_a_canonical_tape_is_an_error_that_names_it(tmp_path, monkeypatch):
    session = tmp_path / "tapes" / SAMPLE_SESSION
    session.mkdir(parents=True)
    shutil.copy(next(SAMPLES.glob("*.csv")), session)
    monkeypatch.setenv("SMARTMONEY_TAPES", str(tmp_path / "tapes"))
    said = failures(run_job(tmp_path / "lake", SAMPLE_SESSION, "tape", only=IMPORT))
    assert list(said) == ["tape"]
    assert str(session) in said["tape"]


@pytest.mark.parametrize("config", [{}, AS_CBOE])
def test_a_session_without_a_tape_is_a_failure_that_names_the_folder(tmp_path, monkeypatch, config):
    tapes = tmp_path / "elsewhere"
    monkeypatch.setenv("SMARTMONEY_TAPES", str(tapes))
    result = run_job(tmp_path / "lake", "2026-03-18", "tape", only=IMPORT, config=config)
    assert not result.success
    assert failures(result) == {
        "tape": f"no tape for 2026-03-18: {tapes / '2026-03-18'} does not exist; put the session's tape there",
    }
    assert not (tmp_path / "lake" / "tape").exists()
