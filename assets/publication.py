"""Evaluation where labels exist, and the manifest that makes a session visible to readers."""

from base64 import b64encode
from collections.abc import Sequence

import dagster as dg
from dagster_duckdb import DuckDBResource

from assets.describing import described, fields_schema, table_schema
from assets.partitions import partitions_of
from assets.scores import smart_money_events
from resources.lake import LakeResource, Made
from smartmoney_pipeline.engine.score_day import versions
from smartmoney_pipeline.evaluation.lake_tables import evaluate_partition
from smartmoney_pipeline.evaluation.report.pictures import Picture
from smartmoney_pipeline.schemas.metrics_table import EvaluationMetrics
from smartmoney_pipeline.schemas.published_tables import PUBLISHED
from smartmoney_pipeline.store.manifest import Manifest, publish


@dg.asset(
    **described(
        "evaluation_metrics",
        "evaluation",
        "Coverage and abstention of the session, and precision, recall and proper scores where labels exist. On scenarios the figures test "
        "plumbing; they say nothing about the market.",
        table_schema(EvaluationMetrics),
        "python",
        "duckdb",
    ),
    deps=["parent_event_members", smart_money_events],
)
def evaluation_metrics(context: dg.AssetExecutionContext, lake: LakeResource, duckdb: DuckDBResource) -> Made:
    """Judge each session's events, with labels where there are some."""
    made = Made()
    for part in partitions_of(context):
        with duckdb.get_connection() as connection:
            labels = lake.labels_file(part.session, part.source)
            judged = evaluate_partition(connection, lake.lake(), part.session, part.source, labels)
        made[part.key] = judged.metrics
        plotted = judged.metrics.dropna(subset=["value"])
        names = plotted["metric"] + plotted["profile"].map(lambda profile: f"/{profile}", na_action="ignore").fillna("")
        facts = dict(zip(names, plotted["value"].astype(float), strict=True))
        context.add_asset_metadata(facts | shown(judged.pictures), partition_key=part.key)
    return made


def shown(pictures: Sequence[Picture]) -> dict[str, dg.MetadataValue]:
    """Return pictures as metadata: markdown that carries the picture itself, which the interface shows without fetching anything."""
    return {one.name: dg.MetadataValue.md(f"![{one.alt}](data:image/png;base64,{b64encode(one.png).decode()})") for one in pictures}


@dg.asset(
    **described(
        "published_manifest",
        "publication",
        "Manifest of the session: tables, rows, hashes and versions, written last. Readers see a session once it is there, and notice a "
        "file that was rewritten after it.",
        fields_schema(Manifest),
        "json",
    ),
    deps=list(PUBLISHED),
)
def published_manifest(context: dg.AssetExecutionContext, lake: LakeResource) -> None:
    """Write the manifest of each session, last of all."""
    for part in partitions_of(context):
        manifest = publish(lake.lake(), part.session, part.source, PUBLISHED, versions())
        rows = {f"rows/{name}": table.rows for name, table in manifest.tables.items()}
        context.add_asset_metadata({"run_hash": manifest.run_hash or "", **versions(), **rows}, partition_key=part.key)
