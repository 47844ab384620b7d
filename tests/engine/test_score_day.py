"""A generated day through the whole engine: chunks, order of rows and the way over stored tables leave no trace in the result."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smartmoney_pipeline.engine.context import DayContext, day_context
from smartmoney_pipeline.engine.events_table import smart_money_events
from smartmoney_pipeline.engine.from_tables import features_of, scores_of
from smartmoney_pipeline.engine.group_tables import group_day
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_day import SLICED_TABLES, DayOutput, score_day
from smartmoney_pipeline.engine.score_stage import NOTABLE_PROBABILITY
from smartmoney_pipeline.profiles import calibration
from smartmoney_pipeline.profiles.vocabulary import CLASSES
from smartmoney_pipeline.scenarios.generate import ScenarioDay, generate, write
from smartmoney_pipeline.store.run_hash import run_hash

SESSION = date(2026, 3, 18)


@pytest.fixture(scope="session")
def generated() -> ScenarioDay:
    return generate("test", SESSION, 7)


@pytest.fixture(scope="session")
def context(generated: ScenarioDay, tmp_path_factory: pytest.TempPathFactory) -> DayContext:
    return imported(generated, tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="session")
def output(context: DayContext, tmp_path_factory: pytest.TempPathFactory) -> DayOutput:
    return score_day(context, tmp_path_factory.mktemp("scored") / "out")


def imported(day: ScenarioDay, folder: Path) -> DayContext:
    write(day, folder / "tape", folder / "labels")
    return day_context(import_day(folder / "tape", folder / "day", source="test-7"))


def table(output: DayOutput, name: str) -> pa.Table:
    return pq.read_table(output.folder / f"{name}.parquet")


@pytest.mark.parametrize("chunk", [61, 1_000])
def test_chunks_leave_no_trace(context, output, tmp_path, chunk):
    params = EngineParams(chunk_prints=chunk, chunk_quotes=chunk * 9, chunk_underlying_quotes=chunk * 5)
    again = score_day(context, tmp_path / "out", params)
    assert again.manifest == output.manifest
    assert again.quality == output.quality


def test_the_order_of_rows_on_the_tape_leaves_no_trace(generated, output, tmp_path):
    order = np.random.Generator(np.random.Philox(5))
    mixed = {name: rows.take(pa.array(order.permutation(len(rows)))) for name, rows in generated.tables.items()}
    again = score_day(imported(replace(generated, tables=mixed), tmp_path), tmp_path / "out")
    assert again.manifest["run_hash"] == output.manifest["run_hash"]
    assert again.manifest["tape_hash"] == output.manifest["tape_hash"]


def test_stored_tables_give_what_the_stream_gives(context, output):
    grouped = group_day(context, EngineParams(chunk_prints=500))
    features = features_of(context, grouped.parent_events, grouped.packets)
    scored = scores_of(grouped.parent_events, features)
    events = smart_money_events(grouped.parent_events, features, scored.scores)
    assert events.equals(table(output, "smart_money_events"))
    assert run_hash(events) == output.manifest["run_hash"]
    for name in ("parent_event_members", "event_legs", "event_links"):
        streamed = table(output, name)
        assert getattr(grouped, name).cast(streamed.schema).equals(streamed), name
    evidence = table(output, "event_evidence")
    assert scored.evidence.cast(evidence.schema).equals(evidence)


def test_every_print_is_a_member_of_exactly_one_event(context, output):
    members = table(output, "parent_event_members")
    assert sorted(members["print_id"].to_pylist()) == sorted(context.day.print_ids().to_pylist())
    events = table(output, "smart_money_events").select(["event_id", "member_print_ids"]).to_pandas().explode("member_print_ids")
    listed = events.rename(columns={"member_print_ids": "print_id"}).reset_index(drop=True)
    pd.testing.assert_frame_equal(listed, members.to_pandas()[["event_id", "print_id"]], check_dtype=False, check_categorical=False)


def test_evidence_adds_up_to_the_scores_of_notable_events(output):
    evidence = table(output, "event_evidence").to_pandas()
    sums = evidence.pivot_table("contribution", "event_id", "profile_id", aggfunc="sum", observed=True)[list(CLASSES)]
    events = table(output, "smart_money_events").to_pandas().set_index("event_id")
    stated = pd.DataFrame([{s["profile_id"]: s["probability"] for s in scores} for scores in events["profile_scores"]], index=events.index)
    notable = stated.index[stated.max(axis=1) >= NOTABLE_PROBABILITY]
    assert set(sums.index) == set(notable)
    assert len(notable) > 20
    # Softmax of calibrated log-odds, written out: the sums must lead to the probabilities that were published.
    odds = np.exp(calibration.apply(calibration.load(), sums.to_numpy()))
    expected = odds / odds.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(expected[:, :-1], stated.loc[sums.index, list(CLASSES[:-1])], atol=1e-9)
    np.testing.assert_allclose(expected[:, -1], events.loc[sums.index, "none_probability"], atol=1e-9)


def test_sliced_tables_name_only_published_events(output):
    published = set(table(output, "smart_money_events")["event_id"].to_pylist())
    for name in SLICED_TABLES:
        named = set(table(output, name)["event_id"].to_pylist())
        assert named <= published, name
    assert set(table(output, "event_legs")["event_id"].to_pylist()) == published
