"""Lineage of columns: every column that is named is there, none is left out, and what scoring computes reads nothing that is not stated."""

from __future__ import annotations

import dagster as dg
import numpy as np
import pyarrow as pa
import pytest
from dagster_session import SESSION, SOURCE, materialised

from assets import column_lineage as lineage
from resources.lake import COLUMN_LINEAGE
from smartmoney_pipeline.definitions import defs
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.from_tables import features_of, scores_of
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.tape.layout import TapeDay

ROOTS = {"event_calendar", "scenario_tape", "calendar_snapshot"}
"""Assets before which there is no table, and the calendar: its rows lie on the tape beside the prints that the asset `tape` shows."""

MANIFEST = "published_manifest"
ROWS_AND_ORDER = {"event_id", "first_order"}
"""Which rows belong together and in which order: keys, which no lineage lists as values."""

ROLL = 7


@pytest.fixture(scope="module")
def specs() -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs().resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def columns(specs) -> dict[str, set[str]]:
    return {name: {column.name for column in spec.metadata["dagster/column_schema"].columns} for name, spec in specs.items()}


@pytest.fixture(scope="module")
def stored(home) -> dict[str, pa.Table]:
    return {name: Lake(home.lake).read(name, SESSION, SOURCE) for name in ("event_calendar", "packets", "parent_events", "event_features")}


@pytest.fixture(scope="module")
def context(home, stored):
    day = TapeDay.open(home.lake / "tape" / f"session={SESSION}" / f"source={SOURCE}")
    return day_context(day, stored["event_calendar"].to_pandas())


def stated(specs, name: str) -> dict[str, set[tuple[str, str]]]:
    deps = specs[name].metadata[COLUMN_LINEAGE].deps_by_column
    return {column: {(dep.asset_key.to_user_string(), dep.column_name) for dep in of} for column, of in deps.items()}


def faults(declared: dict[str, dict[str, list[str]]], made_here: dict[str, str], columns: dict[str, set[str]]) -> list[str]:
    """Columns that are named and not there, and columns of a table with lineage that are not named."""
    found = []
    for table, of in declared.items():
        named = set(of) | set(made_here.get(table, "").split())
        found += [f"{table}.{name}" for name in named ^ columns[table]]
        found += [up for ups in of.values() for up in ups if up.partition(".")[2] not in columns.get(up.partition(".")[0], set())]
    return sorted(found)


def test_every_asset_shows_its_columns_with_their_meaning(specs):
    for name, spec in specs.items():
        shown = spec.metadata["dagster/column_schema"].columns
        assert shown and all(column.description for column in shown), name


def test_every_asset_after_a_table_says_what_its_columns_are_made_from(specs):
    assert {name for name, spec in specs.items() if COLUMN_LINEAGE in spec.metadata} == set(specs) - ROOTS - {MANIFEST}
    for name in set(specs) - ROOTS - {MANIFEST}:
        before = {dep.asset_key.to_user_string() for dep in specs[name].deps}
        assert {table for of in stated(specs, name).values() for table, _ in of} <= before, name


def test_every_column_is_there_and_none_is_left_out(columns):
    declared = {name: lineage.lineage_of(name) for name in columns if lineage.lineage_of(name)}
    assert len(declared) == len(columns) - len(ROOTS) - 1
    assert faults(declared, lineage.MADE_HERE, columns) == []


@pytest.mark.parametrize(
    "table, column", [("tape", "price"), ("packets", "leg_sign"), ("event_features", "iv"), ("profile_scores", "abstained")]
)
def test_a_renamed_column_is_found_on_both_sides(columns, table, column):
    declared = {name: lineage.lineage_of(name) for name in columns if lineage.lineage_of(name)}
    renamed = columns | {table: (columns[table] - {column}) | {f"{column}_2"}}
    found = faults(declared, lineage.MADE_HERE, renamed)
    # As a column of its own table under both names, and wherever it goes into another.
    assert {f"{table}.{column}", f"{table}.{column}_2"} <= set(found)
    assert len(found) > 2


def test_the_columns_panel_says_it_in_words(specs):
    shown = {column.name: column.description for column in specs["smart_money_events"].metadata["dagster/column_schema"].columns}
    assert shown["abstained"].endswith("\n\nMade from profile_scores: abstained.")
    assert shown["features"].endswith("\n\nMade from event_features: 93 columns.")
    assert "Made from" not in shown["revision"]


def test_events_are_parents_features_and_scores_side_by_side(specs):
    found = stated(specs, "smart_money_events")
    assert found["abstained"] == {("profile_scores", "abstained")}
    assert found["structure"] == {("parent_events", "structure")}
    assert {table for table, _ in found["features"]} == {"event_features"}
    assert len(found["features"]) == 93


def test_what_was_materialised_carries_its_lineage(specs, twice):
    made = materialised(twice.result)
    for name in set(specs) - ROOTS - {MANIFEST}:
        assert made[name][COLUMN_LINEAGE] == specs[name].metadata[COLUMN_LINEAGE], name


def rolled(table: pa.Table, name: str) -> pa.Table:
    """The table with one column moved down by some rows."""
    rows = pa.array(np.roll(np.arange(len(table)), ROLL))
    return table.set_column(table.column_names.index(name), table.schema.field(name), table[name].combine_chunks().take(rows))


def changed(before: pa.Table, after: pa.Table) -> set[str]:
    return {name for name in before.column_names if not before[name].equals(after[name])}


@pytest.mark.slow
def test_a_feature_changes_with_the_columns_that_it_states_and_no_other(specs, stored, context):
    found = stated(specs, "event_features")
    before = features_of(context, stored["parent_events"], stored["packets"])
    moved = 0
    for table in ("packets", "parent_events"):
        for name in stored[table].column_names:
            if name in ROWS_AND_ORDER:
                continue
            after = stored | {table: rolled(stored[table], name)}
            touched = changed(before, features_of(context, after["parent_events"], after["packets"]))
            assert {feature for feature in touched if (table, name) not in found[feature]} == set(), (table, name)
            moved += len(touched)
    # What a small session has no case of is not seen: late codes, multipliers other than 100, entries of the calendar between two starts.
    assert moved > 0.9 * sum(up != "event_calendar" for feature, of in found.items() if feature != "event_id" for up, _ in of)


@pytest.mark.slow
def test_a_score_changes_with_the_features_that_its_rules_read_and_no_other(specs, stored):
    before = scores_of(stored["parent_events"], stored["event_features"])
    read = {}
    for name in set(stored["event_features"].column_names) - {"event_id"}:
        after = scores_of(stored["parent_events"], rolled(stored["event_features"], name))
        read[name] = changed(before.scores, after.scores)
    found = stated(specs, "profile_scores")
    for name, touched in read.items():
        assert {column for column in touched if ("event_features", name) not in found[column]} == set(), name
    assert sum(bool(touched) for touched in read.values()) > 50
