"""A day grouped in buckets against the same day in one engine run: the same rows in the same order, whatever the cut and the executor."""

from __future__ import annotations

from dataclasses import fields

import pytest

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.executor import PoolExecutor, SerialExecutor
from smartmoney_pipeline.engine.group_buckets import group_buckets
from smartmoney_pipeline.engine.group_tables import GroupedTables, group_day
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.encodings import plain_schema

NAMES = [field.name for field in fields(GroupedTables)]


@pytest.fixture(scope="module")
def one_run(day7) -> GroupedTables:
    return group_day(day_context(day7))


@pytest.mark.parametrize(
    ("executor", "buckets"), [(SerialExecutor(), 1), (SerialExecutor(), 3), (SerialExecutor(), 16), (PoolExecutor(2), 2)]
)
def test_the_tables_are_those_of_one_run(day7, one_run, executor, buckets):
    # 16 buckets of 6 underlyings: some are empty.
    joined = group_buckets(day7, None, executor, buckets)
    for name in NAMES:
        expected = getattr(one_run, name).cast(plain_schema(arrow_schema(OUTPUT_TABLES[name])))
        assert len(expected) > 0
        assert getattr(joined, name).equals(expected), name


def test_a_packet_has_the_same_number_in_both_tables(day7):
    joined = group_buckets(day7, None, SerialExecutor(), 3)
    packets = joined.packets.to_pandas().set_index("packet_number")
    prints = joined.quoted_prints.to_pandas()
    # Prints of a packet are those of its contract; how many it has, its own row says.
    assert prints.groupby("packet_number").size().to_dict() == packets["print_count"].to_dict()
    assert (prints["packet_number"].map(packets["option_symbol"]) == prints["option_symbol"]).all()
    openers = prints.drop_duplicates("packet_number")
    assert (openers["packet_number"].to_numpy() == range(len(packets))).all()
    assert (packets.sort_index()["first_order"].to_numpy() == openers.index).all()


def test_less_than_one_bucket_is_refused(day7):
    with pytest.raises(ValueError, match="at least one bucket"):
        group_buckets(day7, None, SerialExecutor(), 0)
