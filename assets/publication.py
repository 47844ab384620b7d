"""Evaluation where labels exist, and the manifest that makes a session visible to readers."""

import dagster as dg
import pandas as pd
from dagster_duckdb import DuckDBResource

from assets.describing import described
from assets.parents import GROUPED
from assets.partitions import partition_of
from assets.scores import smart_money_events
from resources.lake import LakeResource
from smartmoney_pipeline.engine.score_day import versions
from smartmoney_pipeline.evaluation.lake_tables import evaluate_partition
from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES
from smartmoney_pipeline.schemas.metrics_table import EvaluationMetrics
from smartmoney_pipeline.store.manifest import publish

PUBLISHED = (
    *GROUPED,
    "event_calendar",
    "event_features",
    "profile_scores",
    "event_evidence",
    "smart_money_events",
    *BRIDGE_TABLES,
    "evaluation_metrics",
)


@dg.asset(
    **described(
        "evaluation",
        "Coverage and abstention of the session, and precision, recall and proper scores where labels exist. On scenarios the figures test "
        "plumbing; they say nothing about the market.",
        EvaluationMetrics,
        "python",
        "duckdb",
    ),
    deps=["parent_event_members", smart_money_events],
)
def evaluation_metrics(context: dg.AssetExecutionContext, lake: LakeResource, duckdb: DuckDBResource) -> dg.Output[pd.DataFrame]:
    """Judge the session's events, with labels where there are some."""
    session, source = partition_of(context)
    with duckdb.get_connection() as connection:
        metrics = evaluate_partition(connection, lake.lake(), session, source, lake.labels_file(session, source))
    plotted = metrics.dropna(subset=["value"])
    names = plotted["metric"] + plotted["profile"].map(lambda profile: f"/{profile}", na_action="ignore").fillna("")
    return dg.Output(metrics, metadata=dict(zip(names, plotted["value"].astype(float), strict=True)))


@dg.asset(
    **described(
        "publication",
        "Manifest of the session: tables, rows, hashes and versions, written last. Readers see a session once it is there, and notice a "
        "file that was rewritten after it.",
        None,
        "json",
    ),
    deps=list(PUBLISHED),
)
def published_manifest(context: dg.AssetExecutionContext, lake: LakeResource) -> dg.MaterializeResult:
    """Write the manifest, last of all."""
    session, source = partition_of(context)
    manifest = publish(lake.lake(), session, source, PUBLISHED, versions())
    rows = {f"rows/{name}": table.rows for name, table in manifest.tables.items()}
    return dg.MaterializeResult(metadata={"run_hash": manifest.run_hash or "", **versions(), **rows})
