"""One session from tape to manifest: the same files again, everything checked, published, described, and equal to the library's result."""

from __future__ import annotations

import importlib
import io
import re
from base64 import b64decode

import pyarrow.parquet as pq
import pytest
from dagster_session import ROOT, SESSION, SOURCE, failures, materialised
from matplotlib.image import imread

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.score_day import score_day, versions
from smartmoney_pipeline.schemas.published_tables import PUBLISHED
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, published_sessions, read_manifest

ORDER = [
    "scenario_tape",
    "tape",
    "event_calendar",
    "quoted_prints",
    "packets",
    "parent_events",
    "parent_event_members",
    "event_legs",
    "event_links",
    "event_features",
    "flow_packets",
    "profile_scores",
    "event_evidence",
    "smart_money_events",
    "classifier_hits",
    "alerts",
    "evaluation_metrics",
    "published_manifest",
]
CHECKED = sorted(set(ORDER) - {"scenario_tape", "published_manifest"})


@pytest.fixture(scope="module")
def metadata(twice):
    return materialised(twice.result)


@pytest.fixture(scope="module")
def published(twice):
    return open_published(Lake(twice.lake), SESSION, SOURCE)


def rows_of(twice, name):
    return pq.read_table(Lake(twice.lake).path(name, SESSION, SOURCE))


def test_the_script_says_what_every_asset_made(twice):
    lines = twice.said.splitlines()
    assert [line.split()[0] for line in lines[: len(ORDER)]] == ORDER
    assert lines[-1].startswith(f"{len(CHECKED)} schema checks, {len(CHECKED)} passed; ")
    # Of the others, checks of figures may warn on a small session: each is said with what it saw.
    assert all(re.fullmatch(r"  WARN evaluation_metrics\.\w+: .+", line) for line in lines[len(ORDER) : -1])


def test_the_assets_are_made_in_the_order_of_the_design(twice, metadata):
    assert twice.result.success, failures(twice.result)
    assert list(metadata) == ORDER


def test_a_second_run_in_another_process_gives_identical_files(twice):
    # Tables, tape, labels and the manifest; nothing is left behind, and no file names the time or the run.
    assert twice.second == twice.first
    parquet = [path for path in twice.first if path.endswith(".parquet")]
    assert {path.split("/")[0] for path in parquet} >= set(PUBLISHED)
    assert f"_published/session={SESSION}/source={SOURCE}.json" in twice.first


def test_every_schema_check_ran_for_the_partition_and_passed(twice):
    every = twice.result.get_asset_check_evaluations()
    assert [check.check_name for check in every if not check.passed and check.severity.value == "ERROR"] == []
    checks = [check for check in every if check.check_name == "schema"]
    assert sorted(check.asset_key.to_user_string() for check in checks) == CHECKED
    assert all(check.passed for check in checks)
    assert {check.partition for check in checks} == {f"{SESSION}|{SOURCE}"}


def test_the_published_session_verifies(twice, published):
    assert published_sessions(Lake(twice.lake)) == [(published.manifest.session, SOURCE)]
    assert set(published.manifest.tables) == set(PUBLISHED)
    assert published.manifest.versions == versions()
    for name, table in published.manifest.tables.items():
        assert published.read(name).num_rows == table.rows


def test_row_counts_are_those_of_the_files(twice, metadata):
    for name in set(PUBLISHED):
        assert metadata[name]["dagster/row_count"] == rows_of(twice, name).num_rows, name
    tape = pq.read_table(twice.lake / "tape" / f"session={SESSION}" / f"source={SOURCE}" / "option_prints.parquet")
    assert metadata["tape"]["dagster/row_count"] == tape.num_rows > 0
    assert metadata["published_manifest"]["rows/smart_money_events"] == rows_of(twice, "smart_money_events").num_rows


@pytest.mark.parametrize("name", ["event_features", "quoted_prints", "packets", "smart_money_events"])
def test_null_shares_are_those_of_the_files(twice, metadata, name):
    # Counted by pandas, while the store counts in Arrow.
    frame = rows_of(twice, name).to_pandas()
    shares = {key.removeprefix("null_share/"): value for key, value in metadata[name].items() if key.startswith("null_share/")}
    assert shares == pytest.approx({column: frame[column].isna().mean() for column in shares}, abs=1e-12)
    never_null = set(frame) - set(shares)
    assert not frame[sorted(never_null)].isna().any().any()
    assert any(0 < share < 1 for share in shares.values())


def test_every_feature_has_its_null_share(metadata):
    from smartmoney_pipeline.schemas.event_features import EventFeatures

    assert {f"null_share/{name}" for name in EventFeatures.model_fields} <= set(metadata["event_features"])


def test_the_abstention_rate_is_recorded(twice, metadata):
    abstained = rows_of(twice, "smart_money_events")["abstained"].to_pylist()
    rate = sum(abstained) / len(abstained)
    assert 0 < rate < 1
    for name in ("profile_scores", "smart_money_events", "evaluation_metrics"):
        assert metadata[name]["abstention_rate"] == pytest.approx(rate, abs=1e-12)


def test_what_the_interface_plots_over_sessions_are_numbers(metadata):
    plotted = {
        "smart_money_events": ("dagster/row_count", "abstention_rate", "null_share/primary_profile_id"),
        "evaluation_metrics": ("dagster/row_count", "abstention_rate", "ece_top_label", "ece_class_wise", "null_share/value"),
    }
    for asset, names in plotted.items():
        assert {name: type(metadata[asset][name]) for name in names} == {
            name: int if name == "dagster/row_count" else float for name in names
        }, asset


def test_the_pictures_are_whole_and_carried_by_the_metadata(metadata):
    for name in ("reliability", "confusion"):
        alt, address = re.fullmatch(r"!\[(.+)\]\((.+)\)", metadata["evaluation_metrics"][name]).groups()
        assert alt and "[" not in alt
        picture = imread(io.BytesIO(b64decode(address.removeprefix("data:image/png;base64,"))), format="png")
        assert picture.shape[1] > 800
        assert len({tuple(pixel) for pixel in picture.reshape(-1, picture.shape[2]).tolist()}) > 50


def test_published_profiles_are_counted(twice, metadata):
    profiles = [name for name in rows_of(twice, "smart_money_events")["primary_profile_id"].to_pylist() if name is not None]
    counts = {
        key.removeprefix("published/"): value for key, value in metadata["smart_money_events"].items() if key.startswith("published/")
    }
    assert counts == {name: profiles.count(name) for name in set(profiles)}


def test_labels_are_judged_against_and_not_published(twice, metadata, published):
    assert any(key.startswith("recall") for key in metadata["evaluation_metrics"]), sorted(metadata["evaluation_metrics"])
    assert not any("label" in path for name in published.manifest.tables for path in map(str, published.paths(name)))


def test_the_library_gives_the_same_run_hash(twice, published, metadata, tmp_path):
    # The other way: the generated tape imported anew, its own calendar, one streamed pass into a folder.
    tape = twice.lake / "scenario_tape" / f"session={SESSION}" / f"source={SOURCE}"
    day = import_day(tape, tmp_path / "day", source=SOURCE)
    scored = score_day(day_context(day), tmp_path / "out")
    assert scored.manifest["run_hash"] == published.manifest.run_hash == metadata["published_manifest"]["run_hash"]
    assert day.content_hash == metadata["tape"]["content_hash"]


@pytest.mark.slow
def test_the_library_calls_of_the_backfill_benchmark_give_the_same_manifest(home, tmp_path, monkeypatch):
    """What the daemon's cost is held against must be the same work: table by table the same bytes."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    there = read_manifest(Lake(home.lake), SESSION, SOURCE)
    assert importlib.import_module("backfill").by_library(tmp_path, there.session, SOURCE) == there
