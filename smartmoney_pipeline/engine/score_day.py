"""A whole day from the lake layout to the output folder: every table of the contract, the data quality, and the manifest last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline import __version__
from smartmoney_pipeline.engine.blocks import blocks_of
from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.data_quality import EventCounts, quality_report
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.slice_tables import publish_slice
from smartmoney_pipeline.engine.slices import DaySlices
from smartmoney_pipeline.profiles import calibration
from smartmoney_pipeline.profiles.ruleset import ruleset_version
from smartmoney_pipeline.schemas.arrow import arrow_schema, empty_table
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.lake import PartitionWriter
from smartmoney_pipeline.store.object_folder import built_folder
from smartmoney_pipeline.store.run_hash import RunHasher
from smartmoney_pipeline.tape.quarantine import merge_quarantine

MARKER = "manifest.json"
LINKS = "event_links"
SLICED_TABLES = ("smart_money_events", "parent_event_members", "event_evidence", "event_legs")
Progress = Callable[[int], None]
"""Takes the number of prints done so far."""


@dataclass(frozen=True)
class DayOutput:
    """What was written: the folder, its manifest and the data quality report."""

    folder: Path
    manifest: dict[str, Any]
    quality: dict[str, Any]


def score_day(context: DayContext, out: Path, params: EngineParams | None = None, progress: Progress | None = None) -> DayOutput:
    """Score the day into `out`, a folder or a URL, where the result appears whole or not at all and replaces an older one.

    Raises `StoreError` where `out` holds other files.
    """
    with built_folder(out, MARKER) as staging:
        counts, hasher = EventCounts(), RunHasher()

        def seen(events: pa.Table) -> None:
            counts.add(events)
            hasher.add(events)

        write_events(context, staging, seen, params, progress)
        manifest, quality = finish(context, staging, counts, hasher)
    return DayOutput(Path(out), manifest, quality)


def write_events(
    context: DayContext,
    folder: Path,
    seen: Callable[[pa.Table], None],
    params: EngineParams | None = None,
    progress: Progress | None = None,
) -> None:
    """Run the engine over the day and write the tables of its events and links; `seen` takes each block of smart_money_events."""
    slices = DaySlices(context, params, None if progress is None else _reporting(progress))
    with _writers(folder) as writers:
        for events in blocks_of(slices):
            tables = publish_slice(context, events, slices.ledger.print_id)
            seen(tables.smart_money_events)
            for name in SLICED_TABLES:
                writers[name].append(getattr(tables, name))
    write_table(folder, LINKS, slices.links())


def finish(context: DayContext, folder: Path, counts: EventCounts, hasher: RunHasher) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write what stands beside the events, the data quality, and the manifest last; return manifest and data quality."""
    write_table(folder, "retractions", empty_table(OUTPUT_TABLES["retractions"]))
    write_table(folder, "quarantine", _quarantine(context))
    quality = quality_report(context, counts)
    write_json(folder / "data_quality.json", quality)
    manifest = _manifest(context, folder, hasher.hexdigest())
    write_json(folder / MARKER, manifest)
    return manifest, quality


def _reporting(progress: Progress) -> Callable[..., None]:
    done = 0

    def sink(aligned: Any, *_: Any) -> None:
        nonlocal done
        done += len(aligned)
        progress(done)

    return sink


@contextmanager
def _writers(folder: Path) -> Iterator[dict[str, PartitionWriter]]:
    """One streaming writer a sliced table; closed at the end of the block."""
    with ExitStack() as stack:
        writers = {}
        for name in SLICED_TABLES:
            file = stack.enter_context((folder / f"{name}.parquet").open("wb"))
            writers[name] = PartitionWriter(file, arrow_schema(OUTPUT_TABLES[name]))
        yield writers
        for writer in writers.values():
            writer.finish()


def write_table(folder: Path, name: str, table: pa.Table) -> None:
    """Write one table of a result into its folder."""
    with (folder / f"{name}.parquet").open("wb") as file:
        writer = PartitionWriter(file, table.schema)
        writer.append(table)
        writer.finish()


def _quarantine(context: DayContext) -> pa.Table:
    kept = context.day.table("quarantine")
    parts = [] if kept is None else [kept.replace_schema_metadata(None)]
    if context.given_calendar is not None:
        parts.append(context.given_calendar.quarantine)
    return merge_quarantine(parts)


def _manifest(context: DayContext, folder: Path, run_hash: str) -> dict[str, Any]:
    """Tables with rows and hashes, versions, and the hash by which runs are compared."""
    names = sorted(path.stem for path in folder.glob("*.parquet"))
    return {
        "session": context.day.session_date.isoformat(),
        "source": context.day.source,
        "tape_hash": context.day.content_hash,
        "run_hash": run_hash,
        "tables": {name: described(folder / f"{name}.parquet") for name in names},
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Versions of code, rules and calibration that a result was made with."""
    return {"code": __version__, "ruleset": ruleset_version(), "calibration": calibration.load().version}


def described(path: Path) -> dict[str, Any]:
    """Rows and hash of one file of a result, as its manifest lists them."""
    with path.open("rb") as file:
        return {"rows": pq.ParquetFile(path).metadata.num_rows, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write one of the JSON files of a result."""
    path.write_text(json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n", encoding="utf-8")
