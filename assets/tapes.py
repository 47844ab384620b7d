"""Reference and tape: the event calendar, the generated tape where the source is a scenario, and the day in the lake layout."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import dagster as dg
import pyarrow as pa

from assets.calendar import keep_rejected
from assets.column_lineage import column_lineage
from assets.describing import described, table_schema
from assets.partitions import TAPE, Partition, partitions_of
from resources.calendar_provider import CalendarFile
from resources.lake import DAY_MARKER, LakeResource, Made
from resources.tape_source import TapeSource
from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider
from smartmoney_pipeline.calendar.rejected import first_fault, rejected_frame
from smartmoney_pipeline.calendar.standing import concerning
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.scenarios.generate import generate, scenario_calendar, write
from smartmoney_pipeline.scenarios.packs import parse_source
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.input_tables import EventCalendar, OptionPrints
from smartmoney_pipeline.schemas.lake_tables import TapePrints
from smartmoney_pipeline.store.folder import staged_folder
from smartmoney_pipeline.store.lake import LABELS_FOLDER, SCENARIO_FOLDER, TAPE_FOLDER


@dg.asset(
    **described(
        "event_calendar",
        "calendar",
        "Corporate and macro events that some print of the session may use: each row was public before the close, and a print uses only "
        "rows known before it. From the calendar file; a scenario without one brings its own; a real tape without one knows none.",
        table_schema(EventCalendar),
    )
)
def event_calendar(context: dg.AssetExecutionContext, calendar_file: CalendarFile, lake: LakeResource) -> Made:
    """Read the calendar as it was known at each session; rows of the file that cannot be used are kept beside it."""
    schema = arrow_schema(EventCalendar)
    given = calendar_file.opened()
    rejected = rejected_frame([], "") if given is None else given.rejected
    made = Made()
    for part in partitions_of(context):
        events = None if given is None else given.events(part.session)
        if events is None and part.source != TAPE:
            events = scenario_calendar(parse_source(part.source)[0], part.session)
        made[part.key] = schema.empty_table() if events is None else pa.Table.from_pandas(events, schema=schema, preserve_index=False)
        keep_rejected(lake, part.session, part.source, rejected)
    warnings = [] if given is None else calendar_warnings(given, [part.session for part in partitions_of(context)])
    for warning in warnings:
        context.log.warning(warning)
    shown = dg.MetadataValue.md("\n".join(f"- {warning}" for warning in warnings) or "none")
    context.add_asset_metadata({"file": calendar_file.path or "none", "quarantined": len(rejected), "warnings": shown})
    return made


def calendar_warnings(given: StaticFileProvider, days: Sequence[date]) -> list[str]:
    """What is to be known of a calendar file: rows that cannot be used, and providers that failed before one of the sessions closed."""
    counted = f"{given.path}: {len(given.rejected)} of {given.row_count} events cannot be used"
    bad = [f"{counted}, the first: {first_fault(given.rejected)}"] if len(given.rejected) else []
    return bad + sorted({warning for day in days for warning in concerning(given.standing, day)})


@dg.asset(
    **described(
        "scenario_tape",
        "tape",
        "Generated tape of a scenario source, in the canonical form; its labels lie apart. Nothing for a real tape. Columns: its prints.",
        table_schema(OptionPrints),
        "python",
    ),
    deps=[event_calendar],
)
def scenario_tape(context: dg.AssetExecutionContext, lake: LakeResource) -> None:
    """Generate the tape of each scenario source; a real tape has none."""
    for part in partitions_of(context):
        context.add_asset_metadata(generate_tape(part, lake), partition_key=part.key)


def generate_tape(part: Partition, lake: LakeResource) -> dict[str, str | int]:
    """Write the tape of one partition; returns what is said of it."""
    if part.source == TAPE:
        return {"scenario": "none: this source is a real tape"}
    pack, seed = parse_source(part.source)
    day = generate(pack, part.session, seed)
    folders = [lake.target(name, part.session, part.source) for name in (SCENARIO_FOLDER, LABELS_FOLDER)]
    write(day, *folders)
    for folder in folders:
        lake.lake().send_folder(folder)
    return {"pack": pack, "seed": seed, **{f"rows/{name}": len(table) for name, table in day.tables.items()}}


@dg.asset(
    **described(
        "tape",
        "tape",
        "The session's tape in the lake layout: sorted, integer ticks, cancels applied, bad rows in quarantine. From the real tape folder "
        "or from the scenario.",
        table_schema(TapePrints),
    ),
    deps=[scenario_tape],
)
def tape(context: dg.AssetExecutionContext, lake: LakeResource, tape_source: TapeSource) -> None:
    """Import the tape of each session and source."""
    for part in partitions_of(context):
        context.add_asset_metadata(_imported(part, lake, tape_source), partition_key=part.key)


def _imported(part: Partition, lake: LakeResource, tape_source: TapeSource) -> dict[str, Any]:
    """Write the lake layout of one partition; returns what is said of it."""
    path = tape_source.path(part.session) if part.source == TAPE else lake.scenario_folder(part.session, part.source)
    file_format = tape_source.source_format if part.source == TAPE else "canonical"
    target = lake.target(TAPE_FOLDER, part.session, part.source)
    with staged_folder(target, DAY_MARKER) as staging:
        day = import_day(path, staging, file_format, part.session, part.source)
    lake.lake().send_folder(target)
    return {
        "dagster/row_count": day.rows["option_prints"],
        "content_hash": day.content_hash,
        "nature": str(day.nature),
        "path": dg.MetadataValue.path(lake.lake().address(target)),
        **column_lineage("tape"),
        **{f"rows/{name}": rows for name, rows in day.rows.items()},
    }
