"""Real tapes: the Cboe sample through the whole graph, a session without a tape, and what is never made up."""

from __future__ import annotations

import shutil
import zipfile

import pytest
from dagster_session import ROOT, SESSION, SOURCE, failures, materialised, run_job

from smartmoney_pipeline.console import import_tape
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published

SAMPLES = ROOT.parent / "shared" / "real" / "cboe_datashop"
SAMPLE_SESSION = "2016-06-01"
needs_sample = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real sample does not lie beside the checkout")
IMPORT = ("event_calendar", "scenario_tape", "tape")
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
    assert made["event_calendar"]["file"] == "none"
    features = open_published(Lake(lake), SAMPLE_SESSION, "tape").read("event_features")
    assert all(features[name].null_count == features.num_rows for name in OF_THE_CALENDAR)


def test_the_scenario_knows_its_own_events(twice):
    # The other side of the test above: where events are known, the same features are there.
    features = Lake(twice.lake).read("event_features", SESSION, SOURCE)
    assert all(0 < features[name].null_count < features.num_rows for name in OF_THE_CALENDAR)


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
