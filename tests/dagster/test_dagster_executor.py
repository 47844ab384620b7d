"""The executor of a run by its config: the same files as in one process, and what is refused."""

from __future__ import annotations

import shutil

import pytest
from dagster_session import SESSION, SOURCE, failures, run_job
from file_hashes import hashes

from assets.parents import GROUPED
from resources import scoring_executor
from resources.scoring_executor import ScoringExecutor
from smartmoney_pipeline.engine.executor import DaskExecutor, PoolExecutor
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import read_manifest


def config(**said: object) -> dict[str, object]:
    return {"resources": {"scoring_executor": {"config": said}}}


@pytest.mark.slow
def test_a_pool_writes_the_files_of_one_process(lake_copy, twice):
    before = read_manifest(Lake(lake_copy), SESSION, SOURCE)
    for name in GROUPED:
        shutil.rmtree(lake_copy / name)
    result = run_job(lake_copy, config=config(executor="pool", processes=2, buckets=3))
    assert result.success, failures(result)
    assert read_manifest(Lake(lake_copy), SESSION, SOURCE) == before
    assert hashes(lake_copy) == twice.second


@pytest.mark.slow
def test_dask_writes_the_tables_of_one_process(lake_copy, twice):
    distributed = pytest.importorskip("distributed")
    for name in GROUPED:
        shutil.rmtree(lake_copy / name)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        result = run_job(lake_copy, only=tuple(GROUPED), config=config(executor="dask", scheduler=cluster.scheduler_address, buckets=2))
    assert result.success, failures(result)
    assert hashes(lake_copy) == twice.second


def test_dask_without_a_scheduler_fails_with_the_reason(lake_copy):
    result = run_job(lake_copy, only=tuple(GROUPED), config=config(executor="dask"))
    assert "needs the address of a scheduler" in failures(result)["group_prints"]


def test_the_environment_names_the_cluster_of_a_deployment(monkeypatch):
    monkeypatch.delenv(scoring_executor.SCHEDULER, raising=False)
    assert ScoringExecutor().cut() is None
    monkeypatch.setenv(scoring_executor.SCHEDULER, "tcp://127.0.0.1:8786")
    assert isinstance(ScoringExecutor().cut().executor, DaskExecutor)
    # A launch that asks for a pool gets one, though the deployment has a cluster.
    assert isinstance(ScoringExecutor(executor="pool").cut().executor, PoolExecutor)


def test_an_executor_that_is_none_is_refused():
    with pytest.raises(ValueError, match="executor"):
        ScoringExecutor(executor="spark")
    with pytest.raises(ValueError, match="buckets"):
        ScoringExecutor(buckets=-1)
