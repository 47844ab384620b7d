"""Work that is cut by underlying bucket, done one after another, in processes of this machine, or on a Dask cluster.

Every executor calls the same function with the same jobs and gives the answers in the order of the jobs. A job writes under a name of
its own, so it may be done twice: lost work is submitted again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

MOST_POOLS = 5
"""A pool dies with any of its processes. After this many pools it is the work that kills them, and the error goes to the caller."""

DASK_RETRIES = 3


class PartitionExecutor(Protocol):
    """Applies a function to jobs. Function, jobs and answers must be picklable for all but the serial one."""

    def map(self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> list[Answer]:
        """Return the answers in the order of the jobs. An error of a job is raised as it is."""
        ...


class SerialExecutor:
    """One job after another in this process."""

    def map(self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> list[Answer]:
        """Return the answers in the order of the jobs."""
        return [work(job) for job in jobs]


class PoolExecutor:
    """Processes of this machine. A process that dies takes its pool with it: a new pool does what is missing."""

    def __init__(self, processes: int) -> None:
        """Raises `ValueError` for less than one process."""
        if processes < 1:
            raise ValueError(f"a pool has at least one process, found {processes}")
        self._processes = processes

    def map(self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> list[Answer]:
        """Return the answers in the order of the jobs. Raises `BrokenProcessPool` where pool after pool died."""
        done: dict[int, Answer] = {}
        for pools_left in reversed(range(MOST_POOLS)):
            missing = {place: job for place, job in enumerate(jobs) if place not in done}
            if not missing:
                break
            try:
                self._one_pool(work, missing, done)
            except BrokenProcessPool:
                if not pools_left:
                    raise
        return [done[place] for place in range(len(jobs))]

    def _one_pool(self, work: Callable[[Job], Answer], missing: dict[int, Job], done: dict[int, Answer]) -> None:
        with ProcessPoolExecutor(min(self._processes, len(missing)), mp_context=get_context("spawn")) as pool:
            places = {pool.submit(work, job): place for place, job in missing.items()}
            for future in as_completed(places):
                done[places[future]] = future.result()


class DaskExecutor:
    """Workers of a Dask cluster, which see the same folders as this process. Needs the optional extra `dask`."""

    def __init__(self, scheduler: str) -> None:
        """`scheduler`: address of the scheduler, such as tcp://host:8786."""
        self._scheduler = scheduler

    def map(self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> list[Answer]:
        """Return the answers in the order of the jobs; work of a lost worker is done again elsewhere.

        Raises `ImportError` without the extra, `OSError` where the scheduler does not answer.
        """
        from distributed import Client  # noqa: PLC0415  an optional extra

        with Client(self._scheduler, set_as_default=False) as client:
            futures = [client.submit(work, job, pure=False, retries=DASK_RETRIES) for job in jobs]
            return list(client.gather(futures))
