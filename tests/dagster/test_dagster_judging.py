"""Checks of a session's results: they pass on a sound session, and each fails on a fault planted in the lake."""

from __future__ import annotations

from datetime import date

import dagster as dg
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from dagster_session import SESSION, SOURCE, run_job

from assets import live_check
from assets.judging import finding_result, live_result, look_ahead_result
from resources.lake import LakeResource
from smartmoney_pipeline.engine.live.replay import read_feed
from smartmoney_pipeline.evaluation.lake_tables import look_ahead_of_partition
from smartmoney_pipeline.evaluation.limits import LIMITS, STATISTICAL
from smartmoney_pipeline.store.lake import Lake

DAY = date.fromisoformat(SESSION)


def checks_of(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {one.check_name: one for one in result.get_asset_check_evaluations() if one.check_name != "schema"}


@pytest.fixture
def replace_table(lake_copy):
    """Return a function that changes one table of the lake."""

    def change(name: str, make) -> Lake:
        lake = Lake(lake_copy)
        lake.write(name, SESSION, SOURCE, make(lake.read(name, SESSION, SOURCE)))
        return lake

    return change


def set_column(table: pa.Table, name: str, values: list) -> pa.Table:
    at = table.column_names.index(name)
    return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))


def test_every_check_ran_and_its_severity_is_that_of_the_limits(twice):
    found = checks_of(twice.result)
    assert set(found) == set(LIMITS)
    for name, one in found.items():
        assert one.severity.value.lower() == LIMITS[name].severity, name
        assert one.asset_key.to_user_string() == LIMITS[name].asset


def test_a_generated_session_is_the_same_live_and_sees_nothing_later(twice):
    found = checks_of(twice.result)
    assert found["live_equals_batch"].passed
    assert found["live_equals_batch"].metadata["live_events"].value > 1_000
    assert found["no_look_ahead"].passed
    assert found["abstention"].metadata["told"].value


@pytest.mark.parametrize("name", sorted(STATISTICAL))
def test_a_planted_fault_in_the_metrics_fails_as_a_warning(twice, name):
    metrics = Lake(twice.lake).read("evaluation_metrics", SESSION, SOURCE).to_pandas()
    faults = {
        "calibration": ("ece_top_label", None, 0.5),
        "precision": ("precision", "arbitrage", 0.1),
        "abstention": ("abstention_rate", None, 0.1),
        "false_alarms": ("false_alarms_per_10000", None, 900.0),
    }
    metric, profile, value = faults[name]
    chosen = (metrics["metric"] == metric) & (metrics["profile"].isna() if profile is None else metrics["profile"] == profile)
    assert chosen.sum() == 1
    metrics.loc[chosen, ["value", "n"]] = (value, 50_000)
    result = finding_result(STATISTICAL[name](metrics))
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_a_changed_event_is_told_from_the_live_one(twice):
    lake = Lake(twice.lake)
    events, calendar = (lake.read(name, SESSION, SOURCE) for name in ("smart_money_events", "event_calendar"))
    feed = read_feed(LakeResource(root=str(twice.lake)).scenario_folder(DAY, SOURCE), "canonical", DAY)
    sampled = live_check.compare(feed, SOURCE, calendar, events, most_prints=feed.prints // 2)
    assert sampled.equal
    assert 0 < sampled.events[0] < len(events)
    first = events.filter(pc.equal(events["underlying_id"].cast(pa.string()), sampled.underlyings[0]))["event_id"][0].as_py()
    directions = [
        "mixed" if name == first else said
        for name, said in zip(*(events[c].to_pylist() for c in ("event_id", "primary_direction")), strict=True)
    ]
    other = live_check.compare(feed, SOURCE, calendar, set_column(events, "primary_direction", directions), most_prints=feed.prints // 2)
    assert not other.equal
    assert not live_result(other).passed


def test_an_underlying_that_alone_is_too_large_leaves_the_others():
    prints = pa.table({"underlying": ["A"] * 5 + ["B"] * 3 + ["C"] * 2})
    assert live_check.sample(prints, 5) == ["A"]
    assert live_check.sample(prints, 4) == ["B"]
    assert live_check.sample(prints, 10) == ["A", "B", "C"]
    assert live_check.sample(prints, 1) == ["C"]
    assert live_check.sample(prints.slice(0, 0), 5) == []


LATE_NS = 1_900_000_000_000_000_000
"""A time after every session of the packs."""


@pytest.mark.parametrize(("table", "column"), [("quoted_prints", "quote_age_ms"), ("event_calendar", "known_at")])
def test_what_is_later_than_its_event_stops_the_run(replace_table, lake_copy, table, column):
    """Quotes of the very time of their print, and corporate events that become public after the session."""

    def planted(rows: pa.Table) -> pa.Table:
        value = 0.0 if column == "quote_age_ms" else pa.scalar(LATE_NS, pa.int64()).cast(rows.schema.field(column).type).as_py()
        return set_column(rows, column, [value] * len(rows))

    lake = replace_table(table, planted)
    with duckdb.connect() as connection:
        result = look_ahead_result(look_ahead_of_partition(connection, lake, DAY, SOURCE))
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.ERROR)
    ended = run_job(lake_copy, only=("smart_money_events", "published_manifest"))
    assert not ended.success
    assert not checks_of(ended)["no_look_ahead"].passed
