"""Executors: answers in the order of the jobs, lost work redone, and the same bytes as one pass whatever the cut."""

from __future__ import annotations

import os
import signal
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from file_hashes import hashes

from smartmoney_pipeline.engine import score_buckets as buckets_module
from smartmoney_pipeline.engine.bucket_day import BucketDay, bucket_of
from smartmoney_pipeline.engine.executor import DaskExecutor, PoolExecutor, SerialExecutor
from smartmoney_pipeline.engine.score_buckets import score_buckets


def square(number: int) -> int:
    return number * number


def die_once(job: tuple[str, int]) -> int:
    """Kill the worker the first time that job 1 is done, as the out-of-memory killer would."""
    marker, number = Path(job[0]), job[1]
    if number == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def refuse(number: int) -> int:
    raise ValueError(f"job {number} is wrong")


def score_or_die_once(job: buckets_module.BucketJob) -> str:
    """Score a bucket; the worker that has the second one is killed the first time, half way as its folder is not there yet."""
    marker = Path(job.day).parent / "killed"
    if job.bucket == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return buckets_module.score_bucket(job)


@pytest.mark.parametrize("executor", [SerialExecutor(), PoolExecutor(2)])
def test_answers_come_in_the_order_of_the_jobs(executor):
    assert executor.map(square, [5, 3, 4, 3]) == [25, 9, 16, 9]
    assert executor.map(square, []) == []


@pytest.mark.parametrize("executor", [SerialExecutor(), PoolExecutor(2)])
def test_an_error_of_a_job_is_raised_as_it_is(executor):
    with pytest.raises(ValueError, match="job 2 is wrong"):
        executor.map(refuse, [2])


def test_a_killed_worker_costs_no_job(tmp_path):
    jobs = [(str(tmp_path / "killed"), number) for number in range(6)]
    assert PoolExecutor(2).map(die_once, jobs) == [0, 1, 2, 3, 4, 5]
    assert (tmp_path / "killed").exists()


def test_work_that_always_kills_its_worker_ends_with_an_error():
    with pytest.raises(BrokenProcessPool):
        PoolExecutor(1).map(die, [1])


def test_a_pool_has_a_process():
    with pytest.raises(ValueError, match="at least one process"):
        PoolExecutor(0)


@pytest.mark.parametrize("buckets", [1, 3, 16])
def test_the_files_are_those_of_one_pass_whatever_the_buckets(day7, one_pass, tmp_path, buckets):
    # 16 buckets of 6 underlyings: some are empty.
    output = score_buckets(day7, None, tmp_path / "out", SerialExecutor(), buckets)
    assert hashes(tmp_path / "out") == one_pass
    assert output.manifest["tables"]["smart_money_events"]["rows"] > 500


def test_a_pool_whose_worker_is_killed_gives_the_files_of_one_pass(day7, one_pass, tmp_path, monkeypatch):
    monkeypatch.setattr(buckets_module, "score_bucket", score_or_die_once)
    (day7.folder.parent / "killed").unlink(missing_ok=True)
    score_buckets(day7, None, tmp_path / "out", PoolExecutor(2), 3)
    assert (day7.folder.parent / "killed").exists()
    assert hashes(tmp_path / "out") == one_pass


@pytest.mark.slow
def test_dask_gives_the_files_of_one_pass_though_a_worker_is_killed(day7, one_pass, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(buckets_module, "score_bucket", score_or_die_once)
    (day7.folder.parent / "killed").unlink(missing_ok=True)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as cluster:
        score_buckets(day7, None, tmp_path / "out", DaskExecutor(cluster.scheduler_address), 4)
    assert (day7.folder.parent / "killed").exists()
    assert hashes(tmp_path / "out") == one_pass


def test_every_print_is_in_one_bucket(day7):
    parts = [BucketDay.of(day7, bucket, 3) for bucket in range(3)]
    ids = [name for part in parts for name in part.print_ids().to_pylist()]
    assert sorted(ids) == sorted(day7.print_ids().to_pylist())
    for part in parts:
        rows = sum(len(batch["ts"]) for batch in part.print_batches(rows=1_000))
        assert rows == len(part.print_ids())


def test_the_bucket_of_a_ticker_is_the_same_everywhere():
    # By `printf SPY | gzip -c | tail -c8 | od -An -tu4`, whose first number is the CRC-32.
    assert bucket_of("SPY", 1 << 32) == 968_359_423
    assert bucket_of("SPY", 10) == 3


def test_a_bucket_that_is_none_is_refused(day7):
    with pytest.raises(ValueError, match="bucket 3 is none of 3"):
        BucketDay.of(day7, 3, 3)
    with pytest.raises(ValueError, match="at least one bucket"):
        score_buckets(day7, None, Path("nowhere"), SerialExecutor(), 0)
