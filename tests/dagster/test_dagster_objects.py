"""The whole job over a lake at a URL, the heavy pass on Dask: the session that a lake in a folder publishes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest
from dagster_session import QUIET, SESSION, SOURCE, failures, materialised, run_job

from resources.tape_source import TapeSource
from smartmoney_pipeline.console import backfilling
from smartmoney_pipeline.definitions import DEFAULT_LAKE, HISTORY, build, resources_at
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, publish, published_sessions, read_manifest
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.objects import Objects


@pytest.mark.slow
def test_a_lake_by_url_is_the_lake_of_a_folder_with_the_heavy_pass_on_dask(lake_copy, bucket):
    distributed = pytest.importorskip("distributed")
    url = f"{bucket}/lake"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        dask = {"executor": "dask", "scheduler": cluster.scheduler_address, "buckets": 2}
        result = run_job(url, config={"resources": {"scoring_executor": {"config": dask}}})
    assert result.success, failures(result)
    lake = open_lake(url)
    assert [(str(session), source) for session, source in published_sessions(lake)] == [(SESSION, SOURCE)]
    assert open_published(lake, SESSION, SOURCE).manifest == read_manifest(Lake(lake_copy), SESSION, SOURCE)
    assert materialised(result)["smart_money_events"]["path"].startswith(f"{url}/smart_money_events/session={SESSION}")
    # Names of objects are those of files, but for tapes and labels, which are published folders.
    beside = ("tape", "scenario_tape", "scenario_labels")
    here = {path.relative_to(lake_copy).as_posix() for path in lake_copy.rglob("*") if path.is_file()}
    there = {one.name for one in lake.objects.listed()}
    assert {name for name in there if not name.startswith(beside)} == {name for name in here if not name.startswith(beside)}

    job = build(resources_at(url)).resolve_job_def("evaluate_across")
    assert job.execute_in_process(run_config=QUIET).success
    assert lake.objects.mark("metrics_across_sessions.parquet") is not None
    day = date.fromisoformat(SESSION)
    assert list(backfilling.run(backfilling.Job(Path(url), (SOURCE,), day, day, 1))) == ["nothing to do: every session is published"]


def test_the_history_of_providers_stays_on_this_machine():
    assert resources_at("s3://some-bucket/lake")["calendar_feeds"].history == f"{DEFAULT_LAKE}/{HISTORY}"
    assert resources_at("/somewhere/lake")["calendar_feeds"].history == f"/somewhere/lake/{HISTORY}"


def test_tapes_by_url_are_fetched_and_a_missing_one_is_named(bucket):
    Objects(f"{bucket}/tapes/2026-03-18").put("option_prints.parquet", b"1")
    source = TapeSource(root=f"{bucket}/tapes")
    assert [path.name for path in source.path(date(2026, 3, 18)).iterdir()] == ["option_prints.parquet"]
    with pytest.raises(dg.Failure, match=r"no tape for 2026-03-19: s3://bucket-.*/tapes/2026-03-19: there is no such object"):
        source.path(date(2026, 3, 19))


def test_a_table_that_retention_may_remove_is_found_by_its_job(bucket):
    url = f"{bucket}/lake"
    for value in (1, 2):
        open_lake(url).write("features", SESSION, SOURCE, pa.table({"x": [value]}))
        publish(open_lake(url), SESSION, SOURCE, ["features"], {"code": "1"})
    job = build(resources_at(url)).resolve_job_def("retention")
    result = job.execute_in_process(run_config=QUIET | {"ops": {"tidy": {"config": {"apply": True, "grace_hours": 1.0}}}})
    assert result.success
    # Both are younger than an hour.
    assert len(open_lake(url).objects.listed("_versions/features")) == 2
