"""The generated tape where the source is a scenario, and the day in the lake layout."""

from typing import Any

import dagster as dg

from assets.column_lineage import column_lineage
from assets.describing import described, table_schema
from assets.partitions import TAPE, Partition, partitions_of
from resources.lake import DAY_MARKER, LakeResource
from resources.tape_source import TapeSource
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.scenarios.packs import parse_source
from smartmoney_pipeline.schemas.input_tables import OptionPrints
from smartmoney_pipeline.schemas.lake_tables import TapePrints
from smartmoney_pipeline.store.folder import staged_folder
from smartmoney_pipeline.store.lake import LABELS_FOLDER, SCENARIO_FOLDER, TAPE_FOLDER


@dg.asset(
    **described(
        "scenario_tape",
        "tape",
        "Generated tape of a scenario source, in the canonical form; its labels lie apart. Nothing for a real tape. Columns: its prints.",
        table_schema(OptionPrints),
        "python",
    ),
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
