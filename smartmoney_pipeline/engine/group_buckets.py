"""A day grouped in buckets of underlyings by any executor, and put together to the very tables of one engine run.

No packet, link or event crosses underlyings. What counts over the whole day, rows of prints and numbers of packets, is counted again when
the parts are joined.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.canonical_order import by_event, canonical_order
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.executor import PartitionExecutor
from smartmoney_pipeline.engine.group_tables import GroupedTables, group_day
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_buckets import BucketJob, bucket_day, bucket_jobs, refuse_no_bucket
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.encodings import plain_schema
from smartmoney_pipeline.tape.layout import TapeDay

NUMBER, FIRST = "packet_number", "first_order"
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GroupedBucket:
    """Tables of one bucket, rows of prints counted over the whole day, packets still in the bucket; `places` are the rows of its prints."""

    tables: GroupedTables
    places: Ints


def group_buckets(
    day: TapeDay,
    calendar: pd.DataFrame | None,
    executor: PartitionExecutor,
    buckets: int,
    params: EngineParams | None = None,
    where: str | None = None,
) -> GroupedTables:
    """Group the day in `buckets` parts; the rows are those of `group_day`, texts plain instead of coded.

    `where` is the URL at which workers find the day, None for its folder. Answers travel as tables, so all of them are in the memory of
    this process at once. Raises `ValueError` for less than one bucket.
    """
    refuse_no_bucket(buckets)
    return _joined(executor.map(group_bucket, bucket_jobs(day, calendar, buckets, params, where)))


def group_bucket(job: BucketJob) -> GroupedBucket:
    """Group one bucket. May run anywhere and more than once."""
    day = bucket_day(job)
    grouped, places = group_day(day_context(day, job.calendar), job.params), day.print_places()
    plain = {field.name: _plain(field.name, getattr(grouped, field.name)) for field in fields(GroupedTables)}
    for name in ("packets", "parent_events"):
        plain[name] = _with(plain[name], FIRST, places[plain[name][FIRST].to_numpy()])
    return GroupedBucket(GroupedTables(**plain), places)


def _joined(parts: list[GroupedBucket]) -> GroupedTables:
    """Number the packets over the day, and put every table into its order."""
    openers = np.sort(np.concatenate([part.tables.packets[FIRST].to_numpy() for part in parts]))
    numbered = [_numbered(part.tables, openers) for part in parts]
    whole = {field.name: pa.concat_tables([getattr(part, field.name) for part in numbered]) for field in fields(GroupedTables)}
    events = whole["parent_events"].take(canonical_order(whole["parent_events"]))
    names = events["event_id"].combine_chunks()
    of_events = ("packets", "parent_event_members", "event_legs")
    return GroupedTables(
        quoted_prints=whole["quoted_prints"].take(pa.array(np.argsort(np.concatenate([part.places for part in parts])))),
        parent_events=events,
        event_links=whole["event_links"].sort_by([("event_id", "ascending"), ("linked_event_id", "ascending")]),
        **{name: whole[name].take(pa.array(by_event(whole[name]["event_id"], names))) for name in of_events},
    )


def _numbered(tables: GroupedTables, openers: Ints) -> GroupedTables:
    """Packets are numbered in the order of the prints that open them, in a bucket as in the day: `openers` are those of the day, rising."""
    own = tables.packets[NUMBER].to_numpy()
    number_of = np.searchsorted(openers, tables.packets[FIRST].to_numpy()[np.argsort(own)])
    prints = number_of[tables.quoted_prints[NUMBER].to_numpy()]
    return replace(tables, packets=_with(tables.packets, NUMBER, number_of[own]), quoted_prints=_with(tables.quoted_prints, NUMBER, prints))


def _plain(name: str, table: pa.Table) -> pa.Table:
    """Parts code their texts differently: joined, they are texts."""
    return table.cast(plain_schema(arrow_schema(OUTPUT_TABLES[name])))


def _with(table: pa.Table, name: str, values: Ints) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))
