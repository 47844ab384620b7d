"""Reference and tape: the event calendar, the generated tape where the source is a scenario, and the day in the lake layout."""

import dagster as dg
import pyarrow as pa

from assets.describing import described
from assets.partitions import TAPE, partition_of
from resources.calendar_provider import CalendarFile
from resources.lake import DAY_MARKER, LakeResource
from resources.tape_source import TapeSource
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.scenarios.generate import generate, scenario_calendar, write
from smartmoney_pipeline.scenarios.packs import parse_source
from smartmoney_pipeline.schemas.arrow import arrow_schema
from smartmoney_pipeline.schemas.input_tables import EventCalendar
from smartmoney_pipeline.schemas.lake_tables import TapePrints
from smartmoney_pipeline.store.folder import staged_folder


@dg.asset(
    **described(
        "calendar",
        "Corporate and macro events that some print of the session may use: each row was public before the close, and a print uses only "
        "rows known before it. From the calendar file; a scenario without one brings its own; a real tape without one knows none.",
        EventCalendar,
    )
)
def event_calendar(context: dg.AssetExecutionContext, calendar_file: CalendarFile) -> dg.Output[pa.Table]:
    """Read the calendar as it was known at the session."""
    session, source = partition_of(context)
    events = calendar_file.events(session)
    if events is None and source != TAPE:
        events = scenario_calendar(parse_source(source)[0], session)
    schema = arrow_schema(EventCalendar)
    known = schema.empty_table() if events is None else pa.Table.from_pandas(events, schema=schema, preserve_index=False)
    return dg.Output(known, metadata={"file": calendar_file.path or "none"})


@dg.asset(
    **described(
        "tape", "Generated tape of a scenario source, in the canonical form; its labels lie apart. Nothing for a real tape.", None, "python"
    ),
    deps=[event_calendar],
)
def scenario_tape(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Generate the tape of a scenario source; a real tape has none."""
    session, source = partition_of(context)
    if source == TAPE:
        return dg.MaterializeResult(metadata={"scenario": "none: this source is a real tape"})
    pack, seed = parse_source(source)
    day = generate(pack, session, seed)
    write(day, lake.scenario_folder(session, source), lake.labels_file(session, source).parent)
    return dg.MaterializeResult(metadata={"pack": pack, "seed": seed, **{f"rows/{name}": len(table) for name, table in day.tables.items()}})


@dg.asset(
    **described(
        "tape",
        "The session's tape in the lake layout: sorted, integer ticks, cancels applied, bad rows in quarantine. From the real tape folder "
        "or from the scenario.",
        TapePrints,
    ),
    deps=[scenario_tape],
)
def tape(context: dg.AssetExecutionContext, lake: LakeResource, tape_source: TapeSource) -> dg.MaterializeResult:
    """Import the tape of this session and source."""
    session, source = partition_of(context)
    path = tape_source.path(session) if source == TAPE else lake.scenario_folder(session, source)
    file_format = tape_source.source_format if source == TAPE else "canonical"
    target = lake.day_folder(session, source)
    with staged_folder(target, DAY_MARKER) as staging:
        day = import_day(path, staging, file_format, session, source)
    counts: dict[str, dg.MetadataValue | int | str] = {f"rows/{name}": rows for name, rows in day.rows.items()}
    facts: dict[str, dg.MetadataValue | int | str] = {
        "dagster/row_count": day.rows["option_prints"],
        "content_hash": day.content_hash,
        "path": dg.MetadataValue.path(str(target)),
    }
    return dg.MaterializeResult(metadata=facts | counts)
