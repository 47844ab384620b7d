"""A day scored in buckets of underlyings by any executor, and put together to the very files that one pass writes.

No link and no feature crosses underlyings, so a bucket needs no other. The parts are joined in memory, all events of the day at once.
"""

from __future__ import annotations

import shutil
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
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_day import LINKS, MARKER, SLICED_TABLES, DayOutput, finish, write_events, write_table
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.folder import staged_folder
from smartmoney_pipeline.store.lake import plain_schema
from smartmoney_pipeline.store.run_hash import RunHasher
from smartmoney_pipeline.tape.layout import TapeDay

PARTS = ".parts"
EVENTS = "smart_money_events"


@dataclass(frozen=True)
class BucketJob:
    """One bucket of a stored day. Folders are paths that every worker sees; `calendar` None takes the one on the tape.

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
    day: TapeDay, calendar: pd.DataFrame | None, out: Path, executor: PartitionExecutor, buckets: int, params: EngineParams | None = None
) -> DayOutput:
    """Score the day into `out` in `buckets` parts; the files are those of `score_day`, byte by byte.

    Raises `ValueError` for less than one bucket, `StoreError` where `out` holds other files.
    """
    refuse_no_bucket(buckets)
    context = day_context(day, calendar)
    with staged_folder(out, MARKER) as staging:
        parts = staging / PARTS
        jobs = bucket_jobs(day, calendar, buckets, params, parts)
        manifest, quality = _joined(context, [Path(one) for one in executor.map(score_bucket, jobs)], staging)
        shutil.rmtree(parts)
    return DayOutput(Path(out), manifest, quality)


def refuse_no_bucket(buckets: int) -> None:
    """Raise `ValueError` for less than one bucket."""
    if buckets < 1:
        raise ValueError(f"a day has at least one bucket, found {buckets}")


def bucket_jobs(
    day: TapeDay, calendar: pd.DataFrame | None, buckets: int, params: EngineParams | None = None, parts: Path | None = None
) -> list[BucketJob]:
    """Return the job of each bucket of the day; `parts` is the folder of their folders, None where they answer without one."""
    outs = ["" if parts is None else str(parts / f"bucket={bucket:02d}") for bucket in range(buckets)]
    folder, chosen = str(day.folder.absolute()), params or EngineParams()
    return [BucketJob(folder, day.source, calendar, bucket, buckets, chosen, out) for bucket, out in enumerate(outs)]


def bucket_day(job: BucketJob) -> BucketDay:
    """Open the part of the day that belongs to the job."""
    return BucketDay.of(replace(TapeDay.open(Path(job.day)), source=job.source), job.bucket, job.buckets)


def score_bucket(job: BucketJob) -> str:
    """Score one bucket into its folder, which appears whole or not at all, and return it. May run anywhere and more than once."""
    with staged_folder(job.out, f"{LINKS}.parquet") as staging:
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
