"""A tape of minute bars: nothing joins, nothing has a side, nothing is graded, live as in a batch.

What must come out follows from what a bar is (a minute's volume and prices, no trade): see the vendor's layout in docs/vendors.md.
"""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from bar_tape import rows, write_tape

from smartmoney_pipeline.console import import_tape
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.executor import SerialExecutor
from smartmoney_pipeline.engine.explained import explanation_of
from smartmoney_pipeline.engine.group_tables import group_day
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.known_symbols import reference_of
from smartmoney_pipeline.engine.live import LiveEngine, LiveParams
from smartmoney_pipeline.engine.live.replay import read_feed
from smartmoney_pipeline.engine.live.results import write_results
from smartmoney_pipeline.engine.live.views import EventLog
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_buckets import score_buckets
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.features.bars import TOLD_BY_BARS
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES
from smartmoney_pipeline.tape.errors import TapeError

LEAN = Path(__file__).resolve().parents[2].parent / "shared" / "real" / "lean_goog_2015-12-24"
MINUTE = 60 * 10**9


def scored(tape, folder, **params):
    day = import_day(tape, folder / "day")
    output = score_day(day_context(day), folder / "out", EngineParams(**params))
    return output, pq.read_table(output.folder / "smart_money_events.parquet").to_pylist()


def replayed(tape, folder, step_ns=MINUTE, provisional=True):
    feed, log = read_feed(tape), EventLog()
    engine = LiveEngine(feed.session, "tape", reference_of(feed), feed.streams, LiveParams(provisional=provisional), feed.nature)
    for step in feed.steps(step_ns):
        log.add(engine.push(step.tables))
    log.add(engine.finish())
    return write_results(engine, log, folder)


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bars")
    output, events = scored(write_tape(folder / "tape"), folder)
    return folder / "tape", output, events


def test_the_same_rows_group_where_they_are_prints(tmp_path):
    # The other side of the tests below: it is their nature, not their numbers, that keeps the bars apart.
    output, events = scored(write_tape(tmp_path / "tape", None), tmp_path)
    assert len(events) < len(rows())
    assert any(event["assembly"] == "package" for event in events)
    assert any(event["member_print_ids"] == ["a", "b"] for event in events)
    assert pq.read_table(output.folder / "event_links.parquet").num_rows > 0
    assert any(event["features"]["buy_probability"] is not None for event in events)
    assert "import" not in output.quality


def test_a_bar_is_an_event_of_its_own(bars):
    _, output, events = bars
    assert len(events) == len(rows())
    assert sorted(name for event in events for name in event["member_print_ids"]) == sorted(row.split(",")[0] for row in rows())
    assert {(e["assembly"], e["event_kind"], e["structure"], e["reconstruction_confidence"]) for e in events} == {
        ("fill", "single_leg_event", None, None)
    }
    assert all(event["closed_at"] == event["start_ts"] == event["end_ts"] for event in events)
    assert pq.read_table(output.folder / "event_links.parquet").num_rows == 0


def test_a_bar_has_no_side_and_is_not_graded(bars):
    _, output, events = bars
    assert {event["primary_direction"] for event in events} == {"unknown"}
    assert {(event["abstained"], event["primary_profile_id"], *event["abstention_reasons"]) for event in events} == {
        (True, None, "minute_bars")
    }
    assert all("minute_bar" in event["quality_flags"] and "outside_nbbo" not in event["quality_flags"] for event in events)
    # No evidence and no guard: every bar has the same scores, whatever its size, contract and market, and they leave everything open.
    assert len({tuple(score["probability"] for score in event["profile_scores"]) for event in events}) == 1
    assert {(*event["suppressed_reasons"], *(code for s in event["profile_scores"] for code in s["reasons"])) for event in events} == {()}
    bands = {(s["probability_low"], s["probability_high"], s["confidence_band"]) for event in events for s in event["profile_scores"]}
    assert bands == {(0.0, 1.0, "low")}
    assert pq.read_table(output.folder / "event_evidence.parquet").num_rows == 0
    assert output.quality["import"]["nature"] == "minute_bars"


def test_features_that_a_bar_does_not_tell_are_null(bars):
    _, _, events = bars
    assert set(FEATURE_NAMES) > TOLD_BY_BARS
    for event in events:
        told = {name for name, value in event["features"].items() if value is not None}
        assert told <= TOLD_BY_BARS
    first = next(event for event in events if event["member_print_ids"] == ["a"])["features"]
    assert (first["contracts"], first["leg_count"], first["dte_days"]) == (50, 1, 2)  # the bar's volume; 15 to 17 January
    assert (first["premium_usd"], first["print_count"], first["complex_share"]) == (None, None, None)


def test_no_stage_signs_a_bar(bars):
    tape, output, _ = bars
    grouped = group_day(day_context(import_day(tape, output.folder.parent / "again")))
    assert grouped.quoted_prints["p_buy"].null_count == len(rows())
    assert grouped.packets.num_rows == len(rows())


def test_chunks_and_buckets_leave_no_trace(bars, tmp_path):
    tape, output, _ = bars
    again, _ = scored(tape, tmp_path, chunk_prints=1)
    day = import_day(tape, tmp_path / "cut")
    cut = score_buckets(day, None, tmp_path / "buckets", SerialExecutor(), 3)
    assert again.manifest == output.manifest
    assert cut.manifest == output.manifest


@pytest.mark.parametrize(("step_ns", "provisional"), [(MINUTE, True), (10**9, True), (10 * MINUTE, False)])
def test_live_says_what_a_batch_says(bars, tmp_path, step_ns, provisional):
    tape, output, _ = bars
    live = replayed(tape, tmp_path / "live", step_ns, provisional)
    assert live.manifest["run_hash"] == output.manifest["run_hash"]
    assert live.quality["import"] == {"nature": "minute_bars"}
    assert live.quality["live"]["retracted"] == 0


def test_an_explanation_says_so_too(bars):
    _, _, events = bars
    stored = SmartMoneyEvent.model_validate(events[0])
    found = explanation_of(stored)
    assert (found.abstention_reasons, found.would_change, found.direction) == (("minute_bars",), (), "unknown")
    assert found.probability["none"] == pytest.approx(stored.none_probability, abs=1e-12)


def test_a_report_of_another_nature_is_an_error_that_names_it(tmp_path):
    tape = write_tape(tmp_path / "tape", "ticks")
    for read in (lambda: import_day(tape, tmp_path / "day"), lambda: read_feed(tape)):
        with pytest.raises(TapeError, match=r"import\.json: is no report of an import: 'ticks' is not a valid TapeNature"):
            read()


@pytest.mark.real
@pytest.mark.skipif(not LEAN.is_dir(), reason="the real LEAN sample does not lie beside the checkout")
def test_the_real_bars_are_not_graded(tmp_path):
    [tape] = import_tape.run(import_tape.Job("lean", LEAN, tmp_path / "tape", None, None, (), True))
    output, events = scored(tape.folder, tmp_path)
    assert (len(events), output.quality["events"]["member_prints"]) == (958, 958)  # trade bars of the README beside the files
    assert output.quality["events"]["abstention_reasons"] == {"minute_bars": 958}
    assert output.quality["events"]["by_assembly"] == {"fill": 958}
    assert replayed(tape.folder, tmp_path / "live").manifest["run_hash"] == output.manifest["run_hash"]


@pytest.mark.real
@pytest.mark.skipif(not LEAN.is_dir(), reason="the real LEAN sample does not lie beside the checkout")
def test_a_real_bar_is_held_against_the_closing_quote_of_its_own_minute(tmp_path):
    [tape] = import_tape.run(import_tape.Job("lean", LEAN, tmp_path / "tape", None, None, (), True))
    grouped = group_day(day_context(import_day(tape.folder, tmp_path / "day")))
    prints, packets = grouped.quoted_prints.to_pandas(), grouped.packets.to_pandas().set_index("packet_number")
    assert prints["quote_age_ms"].isna().all(), "when inside its minute a closing quote came is not told"
    own = prints[packets["age_us_max"].loc[prints["packet_number"]].between(0, 59_999_999).to_numpy()]
    two_sided = own[(own["bid"] > 0) & (own["ask"] > 0)]
    outside = (two_sided["price_usd"] < two_sided["bid"]) | (two_sided["price_usd"] > two_sided["ask"])
    # The README beside the files: the close is outside the closing quote in 31 of 789 bars with a two-sided quote.
    assert (int(outside.sum()), len(two_sided)) == (31, 789)
