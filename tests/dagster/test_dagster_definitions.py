"""The asset graph: what is in it, in which order, and what every asset says of itself."""

from __future__ import annotations

import subprocess
import sys

import dagster as dg
import pytest
import yaml
from dagster_session import ROOT, new_home

from assets.checks import TABLE_MODELS
from smartmoney_pipeline import __version__
from smartmoney_pipeline.api.runs import SESSION_ASSETS
from smartmoney_pipeline.definitions import defs
from smartmoney_pipeline.evaluation.limits import LIMITS
from smartmoney_pipeline.schemas.lake_tables import TapePrints
from smartmoney_pipeline.schemas.published_tables import PUBLISHED

# The order of the design: tape, the calendar that may lie on it, the tables of one engine run, features, scores, events, metrics, manifest.
STAGES = [
    {"scenario_tape"},
    {"tape"},
    {"event_calendar"},
    {"quoted_prints", "packets", "parent_events", "parent_event_members", "event_legs", "event_links"},
    {"event_features"},
    {"profile_scores", "event_evidence"},
    {"smart_money_events"},
    {"flow_packets", "classifier_hits", "alerts"},
    {"evaluation_metrics"},
    {"published_manifest"},
]
GROUPS = {
    "calendar": STAGES[2],
    "tape": STAGES[0] | STAGES[1],
    "parent_events": STAGES[3],
    "features": STAGES[4],
    "scores": STAGES[5] | STAGES[6],
    "bridge": STAGES[7],
    "evaluation": STAGES[8],
    "publication": STAGES[9],
}
BESIDE = {"calendar_snapshot"}
"""Partitioned by session alone, with a job of its own: see test_dagster_calendar.py."""

WITHOUT_TABLE = {"scenario_tape", "published_manifest"}
NAMES = sorted(set().union(*STAGES))
TABLES = sorted(set(NAMES) - WITHOUT_TABLE)


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return defs()


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


@pytest.fixture(scope="module")
def specs(definitions) -> dict[str, dg.AssetSpec]:
    found = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    return {name: spec for name, spec in found.items() if name not in BESIDE}


def test_the_definitions_load(definitions):
    dg.Definitions.validate_loadable(definitions)


def test_the_workspace_validates_in_a_process_of_its_own(tmp_path):
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    environment = new_home(tmp_path).environment()
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said[-3000:]
    assert "Validation successful for code location smartmoney" in said


def test_the_workspace_names_the_code_location():
    (location,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    assert location["python_module"]["module_name"] == "smartmoney_pipeline.definitions"
    assert location["python_module"]["location_name"] == "smartmoney"


def test_the_graph_has_the_stages_of_the_design_and_nothing_else(specs):
    assert sorted(specs) == NAMES


def test_every_asset_depends_on_earlier_stages_or_its_own_alone(specs):
    stage = {name: number for number, names in enumerate(STAGES) for name in names}
    for name, spec in specs.items():
        assert all(stage[dep.asset_key.to_user_string()] < stage[name] for dep in spec.deps), name


def test_every_asset_leads_to_the_manifest(graph):
    assert graph.get_ancestor_asset_keys(dg.AssetKey("published_manifest")) == {
        dg.AssetKey(name) for name in NAMES if name != "published_manifest"
    }


def test_the_manifest_waits_for_every_table_that_it_publishes(specs):
    waited = {dep.asset_key.to_user_string() for dep in specs["published_manifest"].deps}
    assert waited == set(PUBLISHED) == set(TABLES) - {"tape"}


def test_nothing_that_scores_comes_after_the_evaluation(specs):
    # The evaluation reads the labels of a scenario.
    after = {name for name, spec in specs.items() if "evaluation_metrics" in {dep.asset_key.to_user_string() for dep in spec.deps}}
    assert after == {"published_manifest"}


def test_one_engine_run_makes_the_tables_of_the_heavy_pass(definitions):
    made = {
        asset.op.name: {key.to_user_string() for key in asset.keys}
        for asset in definitions.assets
        if isinstance(asset, dg.AssetsDefinition)
    }
    assert made["group_prints"] == STAGES[3]
    assert made["score_events"] == STAGES[5]


def test_every_asset_has_its_group(specs):
    found: dict[str, set[str]] = {}
    for name, spec in specs.items():
        found.setdefault(spec.group_name, set()).add(name)
    assert found == GROUPS


@pytest.mark.parametrize("name", NAMES)
def test_every_asset_says_what_it_is(specs, name):
    spec = specs[name]
    assert spec.owners == ["team:smart-money"]
    assert spec.code_version == __version__
    assert spec.kinds
    assert len(spec.description) > 40
    assert spec.partitions_def.partition_dimension_names == ["session", "source"]


def test_kinds_say_where_rows_lie_and_who_computes(specs):
    assert {name for name, spec in specs.items() if "parquet" in spec.kinds} == set(TABLES) - {"evaluation_metrics"}
    assert {name for name, spec in specs.items() if "duckdb" in spec.kinds} == {"evaluation_metrics"}
    assert specs["published_manifest"].kinds == {"json"}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_shows_the_columns_of_its_model(specs, name):
    shown = specs[name].metadata["dagster/column_schema"]
    model = TapePrints if name == "tape" else TABLE_MODELS[name]
    expected = model.to_schema().columns
    assert [column.name for column in shown.columns] == list(expected)
    assert [column.constraints.nullable for column in shown.columns] == [column.nullable for column in expected.values()]
    assert all(column.description for column in shown.columns)


def test_every_table_has_a_blocking_schema_check(graph):
    checks = {(key.asset_key.to_user_string(), key.name): graph.get(key) for key in graph.asset_check_keys}
    assert {key for key in checks if key[1] == "schema"} == {(name, "schema") for name in TABLES}
    assert all(check.blocking for (_, name), check in checks.items() if name == "schema")


def test_other_checks_are_those_of_the_limits(graph):
    checks = {(key.asset_key.to_user_string(), key.name): graph.get(key).blocking for key in graph.asset_check_keys if key.name != "schema"}
    found = {key: blocking for key, blocking in checks.items() if key[0] not in BESIDE}
    assert found == {(limit.asset, limit.check): limit.blocking for limit in LIMITS.values()}


def test_the_job_of_a_session_leaves_out_what_lies_beside(definitions):
    job = definitions.resolve_job_def("score_session")
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == set(NAMES)


def test_the_job_runs_in_one_process(definitions):
    assert definitions.resolve_job_def("score_session").executor_def is dg.in_process_executor


def test_the_selection_of_runs_over_http_and_in_the_guide_is_the_job_of_a_session():
    """The calendar's snapshot has partitions of its own, so no run can take all assets: `*` failed, as a reader of the guide found."""
    job = defs().resolve_job_def("score_session").asset_layer.executable_asset_keys
    assert dg.AssetSelection.from_string(SESSION_ASSETS).resolve(defs().resolve_asset_graph()) == set(job)
    assert f"--select '{SESSION_ASSETS}'" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_a_command_that_loads_the_definitions_prints_no_warning():
    code = "from smartmoney_pipeline.definitions import defs; defs().resolve_job_def('score_session')"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
