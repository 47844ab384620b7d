"""How work is cut: which executor and how many buckets, by name, and what is refused."""

from __future__ import annotations

import pytest

from smartmoney_pipeline.engine.cut import Cut, cut_of
from smartmoney_pipeline.engine.executor import DaskExecutor, PoolExecutor, SerialExecutor


def test_executors_are_chosen_by_name():
    assert cut_of("serial") is None
    assert isinstance(cut_of("serial", buckets=3).executor, SerialExecutor)
    pool = cut_of("pool", processes=3)
    assert isinstance(pool, Cut)
    assert isinstance(pool.executor, PoolExecutor)
    assert pool.buckets == 6
    assert isinstance(cut_of("dask", "tcp://127.0.0.1:8786").executor, DaskExecutor)


@pytest.mark.parametrize(
    ("executor", "scheduler", "said"),
    [
        ("dask", None, "needs the address"),
        ("pool", "tcp://127.0.0.1:1", "dask alone"),
        ("serial", "tcp://127.0.0.1:1", "dask alone"),
        ("spark", None, "'spark' is no executor"),
    ],
)
def test_what_does_not_go_together_is_refused(executor, scheduler, said):
    with pytest.raises(ValueError, match=said):
        cut_of(executor, scheduler)
