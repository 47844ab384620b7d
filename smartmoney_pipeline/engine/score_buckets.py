"""A day scored in buckets of underlyings by any executor, and put together to the very files that one pass writes.

No link and no feature crosses underlyings, so a bucket needs no other. The parts are joined in memory, all events of the day at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.engine.bucket_day import BucketDay
from smartmoney_pipeline.engine.canonical_order import by_event, canonical_order
from smartmoney_pipeline.engine.context import DayContext, day_context
from smartmoney_pipeline.engine.data_quality import EventCounts
from smartmoney_pipeline.engine.executor import PartitionExecutor
from smartmoney_pipeline.engine.given_calendar import GivenCalendar
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_day import LINKS, MARKER, SLICED_TABLES, DayOutput, finish, write_events, write_table
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.encodings import plain_schema
from smartmoney_pipeline.store.object_folder import built_folder
from smartmoney_pipeline.store.object_parts import handover
from smartmoney_pipeline.store.object_tape import opened_tape
from smartmoney_pipeline.store.run_hash import RunHasher
from smartmoney_pipeline.tape.layout import TapeDay

EVENTS = "smart_money_events"


@dataclass(frozen=True)
class BucketJob:
    """One bucket of a stored day. Places are folders or URLs that every worker sees; `calendar` None takes the one on the tape.

    `out` is empty where the bucket answers with tables instead of files.
    """

    day: str
    source: str
    calendar: pd.DataFrame | None
    bucket: int
    buckets: int
    params: EngineParams
    out: str


def score_buckets(
    day: TapeDay,
    calendar: pd.DataFrame | None,
    out: Path,
    executor: PartitionExecutor,
    buckets: int,
    params: EngineParams | None = None,
    where: str | None = None,
    given_calendar: GivenCalendar | None = None,
) -> DayOutput:
    """Score the day into `out`, a folder or a URL, in `buckets` parts; the files are those of `score_day`, byte by byte.

    `where` is the URL at which workers find the day, None for its folder. Where `out` is a URL the parts go there, and so does the day
    if it has none. `given_calendar` is that of `day_context`.

    Raises `ValueError` for less than one bucket, `StoreError` where `out` holds other files.
    """
    refuse_no_bucket(buckets)
    context = day_context(day, calendar, given_calendar)
    with built_folder(out, MARKER) as staging, handover(out, staging, day.folder, where) as shared:
        jobs = bucket_jobs(day, calendar, buckets, params, shared.day, shared.parts)
        manifest, quality = _joined(context, [shared.part(one) for one in executor.map(score_bucket, jobs)], staging)
    return DayOutput(Path(out), manifest, quality)


def refuse_no_bucket(buckets: int) -> None:
    """Raise `ValueError` for less than one bucket."""
    if buckets < 1:
        raise ValueError(f"a day has at least one bucket, found {buckets}")


def bucket_jobs(
    day: TapeDay,
    calendar: pd.DataFrame | None,
    buckets: int,
    params: EngineParams | None = None,
    where: str | None = None,
    parts: str | None = None,
) -> list[BucketJob]:
    """Return the job of each bucket of the day. Workers find it at `where`, by default its folder, and leave their parts below `parts`."""
    outs = ["" if parts is None else f"{parts}/bucket={bucket:02d}" for bucket in range(buckets)]
    place, chosen = where or str(day.folder.absolute()), params or EngineParams()
    return [BucketJob(place, day.source, calendar, bucket, buckets, chosen, out) for bucket, out in enumerate(outs)]


def bucket_day(job: BucketJob) -> BucketDay:
    """Open the part of the day that belongs to the job."""
    return BucketDay.of(replace(TapeDay.open(opened_tape(job.day)), source=job.source), job.bucket, job.buckets)


def score_bucket(job: BucketJob) -> str:
    """Score one bucket into its place, where it appears whole or not at all, and return it. May run anywhere and more than once."""
    with built_folder(job.out, f"{LINKS}.parquet") as staging:
        write_events(day_context(bucket_day(job), job.calendar), staging, lambda _: None, job.params)
    return job.out


def _joined(context: DayContext, parts: list[Path], folder: Path) -> tuple[dict, dict]:
    """Put the parts together in canonical order and finish the result."""
    events = _table(parts, EVENTS)
    order = canonical_order(events)
    names = events["event_id"].take(order).combine_chunks()
    counts, hasher = EventCounts(), RunHasher()
    for name in SLICED_TABLES:
        table = _table(parts, name)
        write_table(folder, name, table.take(pa.array(by_event(table["event_id"], names))))
    ordered = events.take(order)
    counts.add(ordered)
    hasher.add(ordered)
    links = _table(parts, LINKS)
    write_table(folder, LINKS, links.sort_by([("event_id", "ascending"), ("linked_event_id", "ascending")]))
    return finish(context, folder, counts, hasher)


def _table(parts: list[Path], name: str) -> pa.Table:
    """The rows of all parts. The cast gives list items the name that they had: Parquet calls them otherwise, and the file would differ."""
    schema = plain_schema(arrow_schema(OUTPUT_TABLES[name]))
    read = (pq.ParquetFile(part / f"{name}.parquet").read() for part in parts)
    return pa.concat_tables([pa.Table.from_arrays([_as(table[field.name], field) for field in schema], schema=schema) for table in read])


def _as(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    return column.cast(field.type)
