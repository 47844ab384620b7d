"""Buckets whose tape, parts and result lie on object storage: the bytes of one pass, also where a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from file_hashes import hashes

from smartmoney_pipeline.engine import score_buckets as buckets_module
from smartmoney_pipeline.engine.executor import DaskExecutor, PoolExecutor, SerialExecutor
from smartmoney_pipeline.engine.group_buckets import group_buckets
from smartmoney_pipeline.engine.group_tables import GroupedTables
from smartmoney_pipeline.engine.score_buckets import score_buckets
from smartmoney_pipeline.store.object_folder import current_run, opened_folder, publish_folder
from smartmoney_pipeline.store.objects import Objects

VICTIM = """
import sys
from pathlib import Path
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.executor import SerialExecutor
from smartmoney_pipeline.engine.score_buckets import score_buckets
from smartmoney_pipeline.tape.layout import TapeDay
score_buckets(TapeDay.open(Path(sys.argv[1])), None, sys.argv[2], SerialExecutor(), 2)
"""


def score_or_die_half_way(job: buckets_module.BucketJob) -> str:
    """Score a bucket; the worker that has the second one is killed the first time, its tape fetched and its part not there yet."""
    marker = Objects(job.out.rpartition("/parts/")[0])
    if job.bucket == 1 and marker.found("parts/killed") is None:
        buckets_module.bucket_day(job)
        marker.put("parts/killed", b"once")
        os.kill(os.getpid(), signal.SIGKILL)
    return buckets_module.score_bucket(job)


def killed_once(out: str) -> bool:
    return Objects(out).found("parts/killed") == b"once"


@pytest.mark.parametrize("executor", [SerialExecutor(), PoolExecutor(2)])
def test_parts_and_result_by_url_are_the_files_of_one_pass(day7, one_pass, bucket, executor):
    out = f"{bucket}/out"
    publish_folder(day7.folder, Objects(f"{bucket}/day"))
    score_buckets(day7, None, Path(out), executor, 3, where=f"{bucket}/day")
    assert hashes(opened_folder(out)) == one_pass
    assert not Objects(out).listed("parts")


def test_a_pool_whose_worker_is_killed_gives_the_files_of_one_pass(day7, one_pass, bucket, monkeypatch):
    monkeypatch.setattr(buckets_module, "score_bucket", score_or_die_half_way)
    score_buckets(day7, None, Path(f"{bucket}/out"), PoolExecutor(2), 3)
    assert killed_once(f"{bucket}/out")
    assert hashes(opened_folder(f"{bucket}/out")) == one_pass


@pytest.mark.slow
def test_dask_by_url_gives_the_files_of_one_pass_though_a_worker_is_killed(day7, one_pass, bucket, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(buckets_module, "score_bucket", score_or_die_half_way)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        executor = DaskExecutor(cluster.scheduler_address)
        score_buckets(day7, None, Path(f"{bucket}/out"), executor, 4)
        assert killed_once(f"{bucket}/out")
        assert hashes(opened_folder(f"{bucket}/out")) == one_pass
        publish_folder(day7.folder, Objects(f"{bucket}/day"))
        assert same(group_buckets(day7, None, executor, 2, where=f"{bucket}/day"), group_buckets(day7, None, SerialExecutor(), 2))


def same(one: GroupedTables, other: GroupedTables) -> bool:
    return all(getattr(one, name).equals(getattr(other, name)) for name in ("packets", "parent_events", "quoted_prints", "event_links"))


def test_a_run_that_is_killed_leaves_the_old_result_and_parts_that_do_no_harm(day7, one_pass, bucket, tmp_path):
    out = f"{bucket}/out"
    (tmp_path / "manifest.json").write_text("old")
    publish_folder(tmp_path, Objects(out))
    old = current_run(Objects(out))
    # Killed while it hands the day over to its workers.
    environment = os.environ | {"SMARTMONEY_FAULT": "before_manifest"}
    ended = subprocess.run([sys.executable, "-c", VICTIM, str(day7.folder), out], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert current_run(Objects(out)) == old
    assert Objects(out).listed("parts")
    score_buckets(day7, None, Path(out), SerialExecutor(), 2)
    assert hashes(opened_folder(out)) == one_pass
