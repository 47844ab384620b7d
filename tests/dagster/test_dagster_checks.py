"""What happens when a table does not fit its model: the run stops, nothing after it is written, nothing new is published."""

from __future__ import annotations

import shutil

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from dagster_session import SESSION, SOURCE, failures, materialised, run_job
from file_hashes import hashes

from assets import scores, tapes
from assets.checks import TABLE_MODELS, schema_result
from smartmoney_pipeline.schemas.arrow import to_frame
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, read_manifest

AFTER_FEATURES = ("profile_scores", "event_evidence", "smart_money_events", "evaluation_metrics", "published_manifest")
AFTER_SCORES = ("smart_money_events", "evaluation_metrics")


@pytest.fixture
def bad_scores(monkeypatch):
    """A scoring stage that says of its first event that none has probability 1.5."""
    good = scores.scores_of

    def score(*tables):
        scored = good(*tables)
        column = scored.scores["none_probability"].to_pylist()
        at = scored.scores.column_names.index("none_probability")
        bad = scored.scores.set_column(at, scored.scores.schema.field(at), pa.array([1.5, *column[1:]], pa.float64()))
        return type(scored)(scores=bad, evidence=scored.evidence)

    monkeypatch.setattr(scores, "scores_of", score)
    return monkeypatch


def failed_checks(result):
    return {check.asset_key.to_user_string(): check for check in result.get_asset_check_evaluations() if not check.passed}


def test_a_new_session_with_a_bad_table_is_not_published(lake_copy, bad_scores):
    for name in (*AFTER_FEATURES[:-1], "_published"):
        shutil.rmtree(lake_copy / name)
    result = run_job(lake_copy, only=AFTER_FEATURES)

    assert not result.success
    (name, check), *others = failed_checks(result).items()
    assert (name, check.severity, others) == ("profile_scores", dg.AssetCheckSeverity.ERROR, [])
    assert check.metadata["failures"].value >= 1
    assert "1.5" in check.metadata["first"].value
    assert "none_probability" in check.metadata["first"].value

    lake = Lake(lake_copy)
    assert not any(lake.exists(table, SESSION, SOURCE) for table in AFTER_SCORES)
    with pytest.raises(StoreError, match="nothing is published"):
        read_manifest(lake, SESSION, SOURCE)


def test_an_older_manifest_stays_and_readers_see_the_older_session_whole(lake_copy, bad_scores):
    before = hashes(lake_copy)
    assert not run_job(lake_copy, only=AFTER_FEATURES).success

    # The bad table itself is stored, as a check looks at what was stored; nothing else changed, and it is not what readers open.
    changed = {path for path, digest in hashes(lake_copy).items() if before.get(path) != digest}
    lake = Lake(lake_copy)
    bad = lake.path("profile_scores", SESSION, SOURCE)
    assert changed == {bad.relative_to(lake_copy).as_posix()}

    published = open_published(lake, SESSION, SOURCE)
    for name, table in published.manifest.tables.items():
        assert published.read(name).num_rows == table.rows
    good = pq.read_table(bad)["none_probability"].to_pylist()[1:]
    assert published.read("profile_scores")["none_probability"].to_pylist()[1:] == good
    assert published.read("profile_scores")["none_probability"][0].as_py() <= 1


def test_a_good_run_after_a_bad_one_publishes_again(lake_copy, bad_scores):
    before = hashes(lake_copy)
    assert not run_job(lake_copy, only=AFTER_FEATURES).success
    bad_scores.undo()
    result = run_job(lake_copy, only=AFTER_FEATURES)
    assert result.success, failures(result)
    assert hashes(lake_copy) == before
    assert open_published(Lake(lake_copy), SESSION, SOURCE).manifest.source == SOURCE


@pytest.fixture
def bad_tape(monkeypatch):
    """An import that writes prints of negative size."""
    good = tapes.import_day

    def import_bad(path, out, *rest):
        day = good(path, out, *rest)
        prints = pq.read_table(out / "option_prints.parquet")
        at = prints.column_names.index("size")
        pq.write_table(prints.set_column(at, prints.schema.field(at), pc.negate(prints["size"])), out / "option_prints.parquet")
        return day

    monkeypatch.setattr(tapes, "import_day", import_bad)


def test_a_bad_tape_is_not_read_by_the_engine_and_leaves_the_published_session_readable(lake_copy, bad_tape):
    # The tape is no published table, so readers of the older result see no difference.
    before = hashes(lake_copy)
    result = run_job(lake_copy)
    assert list(failed_checks(result)) == ["tape"]
    assert not {"quoted_prints", "published_manifest"} & set(materialised(result))
    after = hashes(lake_copy)
    changed = {path.split("/")[0] for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed == {"tape"}
    assert open_published(Lake(lake_copy), SESSION, SOURCE).manifest.tables["quoted_prints"].rows > 0


@pytest.mark.parametrize("name", sorted(TABLE_MODELS))
def test_every_check_finds_a_column_that_is_missing(twice, name):
    table = Lake(twice.lake).read(name, SESSION, SOURCE)
    missing = table.column_names[-1]
    result = schema_result(to_frame(table.drop_columns(missing)), TABLE_MODELS[name])
    assert not result.passed
    assert missing in result.metadata["first"].value
    assert schema_result(to_frame(table), TABLE_MODELS[name]).passed


def test_only_the_first_failures_are_shown(twice):
    table = Lake(twice.lake).read("profile_scores", SESSION, SOURCE)
    at = table.column_names.index("none_probability")
    bad = table.set_column(at, table.schema.field(at), pa.array([1.5] * table.num_rows, pa.float64()))
    result = schema_result(to_frame(bad), TABLE_MODELS["profile_scores"])
    assert not result.passed
    assert result.metadata["failures"].value >= table.num_rows
    # A header, and one line a failure.
    assert len(result.metadata["first"].value.splitlines()) == 21
