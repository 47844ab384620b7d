"""Schema of every table as a blocking check: what fails it stops the run before anything is published."""

import dagster as dg
import pandas as pd
import pandera.pandas as pa
import pyarrow.parquet as pq

from assets.partitions import session_source
from assets.ranged_checks import result_of_range
from resources.lake import LakeResource, partition_parts
from smartmoney_pipeline.schemas.arrow import to_frame
from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES
from smartmoney_pipeline.schemas.input_tables import EventCalendar
from smartmoney_pipeline.schemas.lake_tables import TapePrints
from smartmoney_pipeline.schemas.metrics_table import EvaluationMetrics
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES

FIRST_FAILURES = 20
IN_FOLDERS = {"retractions", "quarantine"}
TABLE_MODELS: dict[str, type[pa.DataFrameModel]] = {
    "event_calendar": EventCalendar,
    **{name: model for name, model in OUTPUT_TABLES.items() if name not in IN_FOLDERS},
    **BRIDGE_TABLES,
    "evaluation_metrics": EvaluationMetrics,
}


def schema_result(frame: pd.DataFrame, model: type[pa.DataFrameModel]) -> dg.AssetCheckResult:
    """Validate a frame against its model; the first failures go into the metadata."""
    try:
        checked = model.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        first = dg.MetadataValue.md(cases.head(FIRST_FAILURES).to_string())
        return dg.AssetCheckResult(passed=False, metadata={"failures": len(cases), "first": first})
    return dg.AssetCheckResult(passed=True, metadata={"rows": len(checked)})


def schema_check(name: str, model: type[pa.DataFrameModel]) -> dg.AssetChecksDefinition:
    """Blocking check of one lake table against its model."""

    @dg.asset_check(asset=name, name="schema", blocking=True, partitions_def=session_source, description=f"Rows fit {model.__name__}.")
    def check(context: dg.AssetCheckExecutionContext, lake: LakeResource) -> dg.AssetCheckResult:
        return result_of_range(context, lambda key: schema_result(to_frame(lake.lake().read(name, *partition_parts(key))), model))

    return check


@dg.asset_check(asset="tape", name="schema", blocking=True, partitions_def=session_source, description="Prints fit TapePrints.")
def tape_schema(context: dg.AssetCheckExecutionContext, lake: LakeResource) -> dg.AssetCheckResult:
    """Prints of the lake layout against their model."""

    def of(key: str) -> dg.AssetCheckResult:
        path = lake.day_folder(*partition_parts(key)) / "option_prints.parquet"
        return schema_result(to_frame(pq.read_table(path)), TapePrints)

    return result_of_range(context, of)


table_checks = [schema_check(name, model) for name, model in TABLE_MODELS.items()]
