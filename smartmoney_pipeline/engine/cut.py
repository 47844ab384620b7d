"""How the work of a day is cut: into how many buckets of underlyings, and who works on them."""

from __future__ import annotations

import os
from dataclasses import dataclass

from smartmoney_pipeline.engine.executor import DaskExecutor, PartitionExecutor, PoolExecutor, SerialExecutor

EXECUTORS = ("serial", "pool", "dask")
BUCKETS_A_WORKER = 2
"""Buckets differ in size: two a worker leave none idle for long, and each bucket reads the day's quotes once."""

DASK_BUCKETS = 8


@dataclass(frozen=True, slots=True)
class Cut:
    """Into how many buckets of underlyings a day is cut, and who works on them."""

    executor: PartitionExecutor
    buckets: int


def cut_of(executor: str, scheduler: str | None = None, processes: int | None = None, buckets: int | None = None) -> Cut | None:
    """Return how the work is cut, None for one pass in this process: serial without a number of buckets.

    Raises `ValueError` for an unknown executor, and for a scheduler without Dask or Dask without a scheduler.
    """
    if executor not in EXECUTORS:
        raise ValueError(f"{executor!r} is no executor; known are {', '.join(EXECUTORS)}")
    if executor != "dask" and scheduler is not None:
        raise ValueError("a scheduler goes with the executor dask alone")
    if executor == "serial":
        return None if buckets is None else Cut(SerialExecutor(), buckets)
    if executor == "pool":
        workers = processes or cores()
        return Cut(PoolExecutor(workers), buckets or workers * BUCKETS_A_WORKER)
    if scheduler is None:
        raise ValueError("the executor dask needs the address of a scheduler, such as tcp://host:8786")
    return Cut(DaskExecutor(scheduler), buckets or DASK_BUCKETS)


def cores() -> int:
    """Return how many processes can work at once on this machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
